import type { WebAnswer } from '../../providers/webCall.ts';

/** An answer in the form that oauth4webapi checks. */
export function responseOf({ status, headers, body }: Extract<WebAnswer, { ok: true }>): Response {
  return new Response(body, {
    status,
    headers: { 'content-type': headers['content-type'] ?? '' },
  });
}
