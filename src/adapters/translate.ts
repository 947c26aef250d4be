import type { ReplyContext } from '../responses/reply.ts';
import { decodeRequest } from '../responses/request.ts';
import type { TurnError } from '../turn/error.ts';
import type { EncodedRequest } from './adapter.ts';
import { adapterFor } from './registry.ts';
import type { Target } from './target.ts';

export type Translation =
  | { readonly ok: true; readonly request: EncodedBytes; readonly reply: ReplyContext }
  | { readonly ok: false; readonly error: TurnError };

export type EncodedBytes = Omit<EncodedRequest, 'body'> & { readonly body: Uint8Array };

/**
 * From the bytes that Codex sent to the bytes that the provider gets. Pure, and everything that goes
 * in or out can be transferred: it runs on the streaming thread or beside it.
 */
export function translate(body: Uint8Array, requestedModel: string, target: Target): Translation {
  const decoded = decodeRequest(body, {
    requestedModel,
    provider: target.provider,
    model: target.model,
    rewriteIdentity: target.quirks.rewriteIdentity ?? true,
  });
  if (!decoded.ok) return decoded;
  const { url, headers, body: text } = adapterFor(target.wire).encode(decoded.turn, target);
  return {
    ok: true,
    request: { url, headers, body: new TextEncoder().encode(text) },
    reply: decoded.reply,
  };
}
