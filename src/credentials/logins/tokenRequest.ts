import type { WebCall } from '../../providers/webCall.ts';
import type { LoginDefinition } from './definitions.ts';
import { isPinned } from './hostPin.ts';
import { oauthErrorOf, retryAfterMs } from './oauthError.ts';
import { type Granted, readTokenAnswer } from './tokenAnswer.ts';

export interface TokenRequest {
  /** Where discovery says that tokens are given out; default: where they always were. */
  readonly endpoint?: string;
  /** Besides the client's id. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly call: WebCall;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Default 30 seconds. */
  readonly timeoutMs?: number;
}

export type TokenOutcome =
  | ({ readonly kind: 'granted' } & Granted)
  /** The service said no, or that it cannot. */
  | {
      readonly kind: 'refused';
      readonly status: number;
      /** The error's name in OAuth, where the service gave one. */
      readonly error: string | undefined;
      readonly retryAfterMs: number | undefined;
    }
  /** There was no answer, or none that can be understood. */
  | {
      readonly kind: 'failed';
      /** The service may have acted on it. */
      readonly sent: boolean;
      readonly aborted: boolean;
      /** Goes on from "<label>: ". */
      readonly message: string;
    };

/**
 * One request to a token endpoint: a code, a device code or a refresh token for tokens. It is the
 * same for all of these, and for forms and JSON. Never sent twice, and only to the pinned hosts.
 */
export async function requestTokens(
  definition: LoginDefinition,
  {
    endpoint = definition.endpoints.token,
    parameters,
    call,
    headers,
    signal,
    timeoutMs,
  }: TokenRequest,
): Promise<TokenOutcome> {
  if (!isPinned(endpoint, definition.endpointHosts)) {
    return {
      kind: 'failed',
      sent: false,
      aborted: false,
      message: 'its login service moved to a host that OpenCodex does not know.',
    };
  }
  const fields = { ...parameters, client_id: definition.clientId };
  const json = definition.encoding === 'json';
  const answer = await call({
    method: 'POST',
    url: endpoint,
    headers: {
      accept: 'application/json',
      'content-type': json ? 'application/json' : 'application/x-www-form-urlencoded',
      ...headers,
    },
    body: json ? JSON.stringify(fields) : new URLSearchParams(fields).toString(),
    timeoutMs: timeoutMs ?? 30_000,
    maxBytes: 256 * 1024,
    ...(signal && { signal }),
  });
  if (!answer.ok) {
    const { sent, message } = answer;
    return { kind: 'failed', sent, aborted: answer.kind === 'aborted', message };
  }
  if (answer.status === 200) {
    const granted = readTokenAnswer(
      definition,
      answer.body,
      Date.now(),
      parameters['refresh_token'],
    );
    if (granted !== undefined) return { kind: 'granted', ...granted };
    return {
      kind: 'failed',
      sent: true,
      aborted: false,
      message: 'its login service gave an answer that makes no sense.',
    };
  }
  return {
    kind: 'refused',
    status: answer.status,
    error: oauthErrorOf(answer.body),
    retryAfterMs: retryAfterMs(answer.headers['retry-after'], Date.now()),
  };
}
