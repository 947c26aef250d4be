import { type DeviceAuthorizationResponse, processDeviceAuthorizationResponse } from 'oauth4webapi';
import { type FlowContext, type FlowResult, failed, type LoginStep, notGranted } from './flow.ts';
import { isPinned } from './hostPin.ts';
import { oauthErrorOf, retryAfterMs } from './oauthError.ts';
import { requestTokens, type TokenOutcome } from './tokenRequest.ts';
import { responseOf } from './webResponse.ts';

const usualIntervalS = 5;
const slowDownS = 5;
const longestPauseMs = 60_000;
const longestWaitS = 30 * 60;

const codeShape = /^[A-Za-z0-9-]{4,32}$/;

/** Logs in with a code that the user enters in a browser of any machine (RFC 8628). */
export async function runDeviceFlow(context: FlowContext): Promise<FlowResult> {
  const begun = await begin(context);
  if (begun.kind !== 'begun') return begun;
  const { step, device } = begun;
  context.show(step);
  return await poll(context, device);
}

type Begun =
  | {
      readonly kind: 'begun';
      readonly step: LoginStep;
      readonly device: DeviceAuthorizationResponse;
    }
  | FlowResult;

async function begin(context: FlowContext): Promise<Begun> {
  const { definition, endpoints, call, headers, signal } = context;
  if (endpoints.device === undefined) return { kind: 'unavailable' };
  const scope = definition.scopes.join(' ');
  const answer = await call({
    method: 'POST',
    url: endpoints.device,
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    body: new URLSearchParams({
      client_id: definition.clientId,
      ...(scope !== '' && { scope }),
    }).toString(),
    maxBytes: 256 * 1024,
    signal,
  });
  if (!answer.ok) {
    return answer.kind === 'aborted'
      ? { kind: 'cancelled' }
      : failed(`its login service: ${answer.message}`);
  }
  if (answer.status !== 200) {
    const error = oauthErrorOf(answer.body);
    if (answer.status === 404 || error === 'unauthorized_client') return { kind: 'unavailable' };
    return notGranted({
      kind: 'refused',
      status: answer.status,
      error,
      retryAfterMs: retryAfterMs(answer.headers['retry-after'], Date.now()),
    });
  }
  const device = await read(context, answer);
  if (device === undefined) {
    return failed('its login service gave an answer that makes no sense. Log in again later.');
  }
  const pages = [device.verification_uri, device.verification_uri_complete];
  const strays = pages.some((page) => page !== undefined && !isPinned(page, definition.pageHosts));
  if (strays || !codeShape.test(device.user_code)) {
    return failed(
      'its login service wanted to send you to a page that is not its own, or gave a code that is none. The login was stopped before anything was opened.',
    );
  }
  return {
    kind: 'begun',
    step: {
      kind: 'device',
      url: new URL(device.verification_uri).href,
      urlWithCode:
        device.verification_uri_complete && new URL(device.verification_uri_complete).href,
      code: device.user_code,
    },
    device,
  };
}

async function read(
  { definition }: FlowContext,
  answer: Parameters<typeof responseOf>[0],
): Promise<DeviceAuthorizationResponse | undefined> {
  try {
    return await processDeviceAuthorizationResponse(
      { issuer: definition.issuer ?? new URL(definition.endpoints.token).origin },
      { client_id: definition.clientId },
      responseOf(answer),
    );
  } catch {
    return undefined;
  }
}

const expired = failed('the code has expired. Log in again.');

async function poll(
  context: FlowContext,
  device: DeviceAuthorizationResponse,
): Promise<FlowResult> {
  const { definition, endpoints, call, headers, signal, clock } = context;
  const deadline = clock.now() + Math.min(device.expires_in, longestWaitS) * 1000;
  let intervalMs = Math.max(1, device.interval ?? usualIntervalS) * 1000;
  let pauseMs = intervalMs;
  let riddles = 0;
  for (;;) {
    await clock.sleep(Math.min(pauseMs, Math.max(0, deadline - clock.now())), signal);
    if (signal.aborted) return { kind: 'cancelled' };
    if (clock.now() >= deadline) return expired;
    const outcome = await requestTokens(definition, {
      endpoint: endpoints.token,
      parameters: {
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        device_code: device.device_code,
      },
      call,
      headers,
      signal,
      timeoutMs: 15_000,
    });
    if (outcome.kind === 'granted') return { kind: 'granted', credential: outcome.credential };
    const next = afterwards(outcome, riddles);
    switch (next) {
      case 'pending':
        pauseMs = intervalMs;
        break;
      case 'slower':
        intervalMs += slowDownS * 1000;
        pauseMs = intervalMs;
        break;
      case 'riddle':
        riddles += 1;
        pauseMs = intervalMs;
        break;
      case 'trouble': {
        const asked = outcome.kind === 'refused' ? outcome.retryAfterMs : undefined;
        pauseMs = Math.max(intervalMs, asked ?? Math.min(pauseMs * 2, longestPauseMs));
        break;
      }
      default:
        return next;
    }
  }
}

/** What an answer without tokens means for a login that waits. */
function afterwards(
  outcome: Exclude<TokenOutcome, { kind: 'granted' }>,
  riddles: number,
): FlowResult | 'pending' | 'slower' | 'riddle' | 'trouble' {
  if (outcome.kind === 'failed') return outcome.aborted ? { kind: 'cancelled' } : 'trouble';
  switch (outcome.error) {
    case 'authorization_pending':
      return 'pending';
    case 'slow_down':
      return 'slower';
    case 'access_denied':
      return failed('the login was declined. Log in again if that was a mistake.');
    case 'expired_token':
      return expired;
    default:
      if (outcome.status === 429 || outcome.status >= 500) return 'trouble';
      return outcome.error === undefined && riddles === 0 ? 'riddle' : notGranted(outcome);
  }
}
