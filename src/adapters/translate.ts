import type { ReplyContext } from '../responses/reply.ts';
import { type Decoded, decodeRequest } from '../responses/request.ts';
import { boundedAdditions, type PromptAddition } from '../turn/additions.ts';
import type { TurnError } from '../turn/error.ts';
import type { EncodedRequest } from './adapter.ts';
import { adapterFor } from './registry.ts';
import type { Target } from './target.ts';

export type Translation =
  | {
      readonly ok: true;
      readonly request: EncodedBytes;
      readonly reply: ReplyContext;
      /** Every text of ours in the prompt, of a bounded size. */
      readonly additions: readonly PromptAddition[];
    }
  | { readonly ok: false; readonly error: TurnError };

export type EncodedBytes = Omit<EncodedRequest, 'body' | 'additions'> & {
  readonly body: Uint8Array;
};

/**
 * From the bytes that Codex sent to the bytes that the provider gets. Pure, and everything that goes
 * in or out can be transferred: it runs on the streaming thread or beside it.
 */
export function translate(body: Uint8Array, requestedModel: string, target: Target): Translation {
  const decoded = decodeFor(body, requestedModel, target);
  return decoded.ok ? encodeFor(decoded, target) : decoded;
}

/** The first half: the request in the neutral model. */
export function decodeFor(body: Uint8Array, requestedModel: string, target: Target): Decoded {
  return decodeRequest(body, {
    requestedModel,
    provider: target.provider,
    model: target.model,
    rewriteIdentity: target.quirks.rewriteIdentity ?? true,
    forgetReasoning: target.forgetReasoning ?? false,
  });
}

/** The second half: the request in the provider's words. */
export function encodeFor(
  decoded: Omit<Extract<Decoded, { ok: true }>, 'search'>,
  target: Target,
): Extract<Translation, { ok: true }> {
  const encoded = adapterFor(target.wire).encode(decoded.turn, target);
  const { url, headers, body: text, additions } = encoded;
  return {
    ok: true,
    request: { url, headers, body: new TextEncoder().encode(text) },
    reply: decoded.reply,
    additions: boundedAdditions([...decoded.additions, ...additions]),
  };
}
