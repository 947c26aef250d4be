import type { ServerResponse } from 'node:http';

/** Why a request is not served. */
export interface Refusal {
  readonly status: number;
  /** What is wrong and what to do. */
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

/**
 * Refuses a request. On `/v1/*` every lasting refusal is a 400, in plain text unless the client
 * asks for JSON: Codex shows that text as it stands, and tries again on any other status, also on
 * 401 and 413.
 */
export function refuse(response: ServerResponse, path: string, refusal: Refusal): void {
  const { status, message, retryAfterSeconds } = refusal;
  const wait = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  const protocol = path.startsWith('/v1/');
  const lasting = protocol && retryAfterSeconds === undefined && status !== 404;
  const answered = lasting ? 400 : status;
  if (protocol && !wantsJson(response)) {
    send(response, answered, 'text/plain; charset=utf-8', message, wait);
  } else {
    sendJson(response, answered, { error: { message } }, wait);
  }
}

/** SDKs ask for JSON and show the message inside of it; Codex asks for a stream and shows text. */
export function wantsJson(response: ServerResponse): boolean {
  return response.req.headers.accept?.includes('application/json') ?? false;
}

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  send(response, status, 'application/json; charset=utf-8', JSON.stringify(value), headers);
}

export function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(body);
}
