import type { TurnError, TurnErrorKind } from '../turn/error.ts';

/** An HTTP answer in place of a stream. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * How Codex must hear of a failure. Measured with the real client: it shows 400 `text/plain` and
 * `invalid_prompt` as they are and stops; it repeats other statuses up to 30 times; and of 429 and 5xx
 * answers it never shows the text, where `response.failed` keeps it.
 */
interface Rule {
  /** Before the first byte, for clients that do not stream. */
  readonly status: number;
  /** After it, and for a stream that has not begun where `failsInStream`. */
  readonly code: string;
  /** Waiting may help: the client should try again. */
  readonly retry: boolean;
}

const lasting: Rule = { status: 400, code: 'invalid_prompt', retry: false };
const rules: Readonly<Record<TurnErrorKind, Rule>> = {
  bad_request: lasting,
  unknown_model: lasting,
  auth: lasting,
  permission: lasting,
  billing: lasting,
  rejected: lasting,
  // Codex trims its history and tries again during compaction; else it says that the window is full.
  context_overflow: { status: 400, code: 'context_length_exceeded', retry: false },
  rate_limit: { status: 429, code: 'rate_limit_exceeded', retry: true },
  overloaded: { status: 503, code: 'slow_down', retry: true },
  upstream: { status: 502, code: 'server_error', retry: true },
  network: { status: 502, code: 'server_error', retry: true },
  cut: { status: 502, code: 'server_error', retry: true },
  internal: { status: 500, code: 'server_error', retry: true },
};

/** Longer waits are not waited for in silence: the user is told at once. */
const longestWaitSeconds = 300;

function ruleOf(error: TurnError): Rule {
  const tooLong = (error.retryAfterSeconds ?? 0) > longestWaitSeconds;
  return tooLong && error.kind === 'rate_limit' ? lasting : rules[error.kind];
}

/**
 * A client that asked for a stream should get this failure as a 200 stream that fails at once:
 * Codex shows its text then, and repeats it only as often as a broken stream.
 */
export function failsInStream(error: TurnError): boolean {
  return ruleOf(error).retry;
}

/**
 * The answer before the first byte. Lasting failures are plain text for Codex and everyone else,
 * except where the client says that it reads JSON, as SDKs do.
 */
export function httpAnswer(error: TurnError, asJson = false): HttpAnswer {
  const { status, code, retry } = ruleOf(error);
  if (!retry && code === lasting.code && !asJson)
    return {
      status,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: error.message,
    };
  return {
    status,
    headers: {
      'content-type': 'application/json',
      // Codex gives up at once on 429 without it, and reads whole seconds only.
      ...(status === 429 || status === 503
        ? { 'retry-after': String(Math.max(1, Math.ceil(error.retryAfterSeconds ?? 2))) }
        : {}),
    },
    body: JSON.stringify({
      error: { message: error.message, type: typeOf(status), param: null, code },
    }),
  };
}

function typeOf(status: number): string {
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

/**
 * The members of a stream's `error` event, which OpenAI sends before `response.failed`. Its reference
 * shows them flat, its servers and Open Responses nest them: both are there.
 */
export function errorEvent(error: TurnError): object {
  const { code, message } = streamFailure(error);
  const said = { code, message, param: null };
  return { ...said, error: { type: typeOf(ruleOf(error).status), ...said } };
}

/** The `error` of a `response.failed`. */
export function streamFailure(error: TurnError): {
  readonly code: string;
  readonly message: string;
} {
  const { code } = ruleOf(error);
  const wait = error.retryAfterSeconds;
  // Codex waits for as long as the text says, in this very form.
  const says = /try again in [\d.]+ ?m?s\b/i.test(error.message);
  return {
    code,
    message:
      code === 'rate_limit_exceeded' && wait !== undefined && wait > 0 && !says
        ? `${error.message} Please try again in ${Math.ceil(wait)}s.`
        : error.message,
  };
}
