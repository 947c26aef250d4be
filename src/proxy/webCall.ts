import type { Dispatcher } from 'undici';
import type { WebAnswer, WebCall } from '../providers/webCall.ts';
import { networkReason } from './networkError.ts';

const usualTimeoutMs = 15_000;
const usualMaxBytes = 4 * 1024 * 1024;

/** Small requests over the connections of a dispatcher. Fails with a value, never by throwing. */
export function webCall(dispatcher: Dispatcher): WebCall {
  return async (request) => {
    const timeout = AbortSignal.timeout(request.timeoutMs ?? usualTimeoutMs);
    const signal = AbortSignal.any([timeout, ...(request.signal ? [request.signal] : [])]);
    let answered = false;
    try {
      const url = new URL(request.url);
      const answer = await dispatcher.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method,
        headers: { 'accept-encoding': 'identity', ...request.headers },
        body: request.body ?? null,
        signal,
      });
      answered = true;
      const body = await textOf(answer.body, request.maxBytes ?? usualMaxBytes);
      if (body === undefined) return failure('too_large', true, 'its answer is far too large.');
      return { ok: true, status: answer.statusCode, headers: firstOfEach(answer.headers), body };
    } catch (thrown) {
      if (request.signal?.aborted) return failure('aborted', true, 'the request was cancelled.');
      if (timeout.aborted) return failure('timeout', true, 'it did not answer in time.');
      const neverSent = !answered && neverReached(thrown);
      return failure(neverSent ? 'unreachable' : 'lost', !neverSent, networkReason(thrown));
    }
  };
}

/** `undefined` where it is longer than allowed; then it is not read to its end. */
async function textOf(body: AsyncIterable<unknown>, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function failure(
  kind: Extract<WebAnswer, { ok: false }>['kind'],
  sent: boolean,
  message: string,
): WebAnswer {
  return { ok: false, kind, sent, message };
}

/** Errors of looking the host up, connecting or agreeing on TLS: nothing has reached the service. */
function neverReached(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  // A connection that was there can fail in the same words as one that never was.
  if ('syscall' in thrown && (thrown.syscall === 'read' || thrown.syscall === 'write')) {
    return 'code' in thrown && thrown.code === 'EPROTO';
  }
  if ('code' in thrown && typeof thrown.code === 'string') {
    return !['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'UND_ERR_ABORTED'].includes(thrown.code);
  }
  return thrown.cause !== undefined && neverReached(thrown.cause);
}

function firstOfEach(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : value?.[0],
    ]),
  );
}
