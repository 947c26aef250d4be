import { LiftedBody, lifted, type TextSpans } from '../responses/longTexts.ts';
import type { ReplyContext } from '../responses/reply.ts';
import { type Decoded, decodeRequest, decodeText } from '../responses/request.ts';
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
 * in or out can be transferred: it runs on the streaming thread or beside it. `texts` are those of
 * the body that may be copied as they are.
 */
export function translate(
  body: Uint8Array,
  requestedModel: string,
  target: Target,
  texts?: TextSpans,
): Translation {
  return withoutTexts(body, texts, (source): Translation => {
    const decoded = decodeFor(source, requestedModel, target);
    return decoded.ok ? encodeFor(decoded, target, source) : decoded;
  });
}

/** A request's body, or what is left of it to be read. */
export type Source = Uint8Array | LiftedBody;

/** What is made of a body, without its long texts if that goes: a refusal has to name its places. */
export function withoutTexts<Made extends { readonly ok: boolean }>(
  body: Uint8Array,
  texts: TextSpans | undefined,
  make: (source: Source) => Made,
): Made {
  if (texts === undefined || texts.length === 0) return make(body);
  const made = make(lifted(body, texts));
  return made.ok ? made : make(body);
}

/** The first half: the request in the neutral model. */
export function decodeFor(source: Source, requestedModel: string, target: Target): Decoded {
  const answering = {
    requestedModel,
    provider: target.provider,
    model: target.model,
    rewriteIdentity: target.quirks.rewriteIdentity ?? true,
    forgetReasoning: target.forgetReasoning ?? false,
  };
  return source instanceof LiftedBody
    ? decodeText(source.text, answering)
    : decodeRequest(source, answering);
}

/** The second half: the request in the provider's words. */
export function encodeFor(
  decoded: Omit<Extract<Decoded, { ok: true }>, 'search'>,
  target: Target,
  source: Source,
): Extract<Translation, { ok: true }> {
  const encoded = adapterFor(target.wire).encode(decoded.turn, target);
  const { url, headers, body: text, additions } = encoded;
  const body =
    source instanceof LiftedBody ? source.restored(text) : new TextEncoder().encode(text);
  return {
    ok: true,
    request: { url, headers, body },
    reply: decoded.reply,
    additions: boundedAdditions([...decoded.additions, ...additions]),
  };
}
