import { type ResponsesPath, responsesUrl } from '../adapters/openaiResponses/endpoint.ts';
import { adapterFor } from '../adapters/registry.ts';
import { freeBytes } from '../language/freeBytes.ts';
import type { Provider } from '../providers/provider.ts';
import { peekRequest, type RequestPeek, replaceModel } from '../responses/peek.ts';
import type { TurnError } from '../turn/error.ts';
import type { AttemptLink } from './attemptLink.ts';
import type { Answer } from './clientTurn.ts';
import { lostThread } from './codec.ts';
import { PassedAnswer } from './passedAnswer.ts';
import type { Preparing } from './preparing.ts';
import { sidecarTurn } from './sidecarTurn.ts';
import { translatedAnswer } from './translatedAnswer.ts';
import type { UpstreamRequest } from './upstream.ts';

/** A turn in one provider's words: it can be sent more than once. */
export interface PreparedRequest {
  /** Lacks the credential. */
  readonly request: UpstreamRequest;
  /** What hears the answer; for each attempt a new one. */
  answer(link: AttemptLink): Answer;
}

export type Preparation =
  | { readonly ok: true; readonly prepared: PreparedRequest; readonly body: Buffer | undefined }
  | { readonly ok: false; readonly error: TurnError; readonly body: Buffer | undefined };

/** Makes the request that goes to the provider, and what its answer is heard with. */
export function prepare(preparing: Preparing): Promise<Preparation> {
  // What an earlier provider's sidecar wanted it for is over.
  preparing.turn.keepsRequest = false;
  return preparing.provider.passthrough ? preparePassed(preparing) : prepareTranslated(preparing);
}

async function prepareTranslated(preparing: Preparing): Promise<Preparation> {
  const { turn, target, peek, answerHeaders } = preparing;
  const adapter = adapterFor(target.wire);
  const keep = preparing.keep || adapter.remedy !== undefined;
  const beside = sidecarTurn(preparing);
  const translated = await (beside?.translate() ??
    preparing.codec.translate(preparing.body, peek, target, keep));
  const { translation, body } = translated;
  if (!translation.ok) return { ok: false, error: translation.error, body };
  turn.record.additions = translation.additions;
  // A remedy is all that it may still be needed for. One that goes to other models may be under way to
  // one of them, and one that sidecars work with is theirs.
  if (body !== undefined && beside === undefined && !preparing.keep) {
    turn.hold(() => freeBytes(body));
  }
  const { url, headers, body: bytes } = translation.request;
  const { reply } = translation;
  const request = {
    label: target.label,
    url,
    headers: { 'accept-encoding': 'identity', ...headers },
    body: bytes,
  };
  const prepared: PreparedRequest = {
    request,
    answer: (link) =>
      beside?.answer(reply, link) ??
      translatedAnswer(turn, { adapter, target, reply, headers: answerHeaders, link }),
  };
  return { ok: true, prepared, body: keep ? body : undefined };
}

async function preparePassed(preparing: Preparing): Promise<Preparation> {
  const { turn, provider, target, peek, keep, answerHeaders } = preparing;
  const given = keep ? Buffer.from(preparing.body) : preparing.body;
  const clean = await preparing.codec.withoutSealed(given);
  const body = keep ? preparing.body : undefined;
  if (clean === undefined) return { ok: false, error: lostThread, body };
  turn.record.additions = clean.additions;
  const request = {
    label: provider.label,
    url: responsesUrl(target.baseUrl, pathOf(provider)),
    headers: {
      'content-type': 'application/json',
      accept: peek.stream ? 'text/event-stream' : 'application/json',
      'accept-encoding': 'identity',
    },
    body: withModel(clean.body, clean.body === given ? peek : undefined, target.model),
  };
  const { stream } = peek;
  const prepared: PreparedRequest = {
    request,
    answer: (link) => new PassedAnswer(turn, { target, stream, headers: answerHeaders, link }),
  };
  return { ok: true, prepared, body };
}

function pathOf(provider: Provider): ResponsesPath {
  if (provider.auth.mode === 'forward') return 'bare';
  return provider.wire === 'azure' ? 'azure' : 'versioned';
}

/** The body for the model's name at the provider; not touched where that is what it says. */
function withModel(body: Uint8Array, known: RequestPeek | undefined, model: string): Uint8Array {
  const peeked = known === undefined ? peekRequest(body) : ({ ok: true, peek: known } as const);
  if (!peeked.ok || peeked.peek.model === model) return body;
  return spliced(body, peeked.peek, model) ?? replaceModel(body, peeked.peek, model);
}

/**
 * A name that is not longer goes in place, and what stands before it moves up to it: megabytes
 * behind it need not be copied. `undefined` where that is not possible.
 */
function spliced(body: Uint8Array, peek: RequestPeek, model: string): Uint8Array | undefined {
  const name = Buffer.from(JSON.stringify(model));
  const spare = peek.modelEnd - peek.modelStart - name.length;
  if (spare < 0) return undefined;
  body.copyWithin(spare, 0, peek.modelStart);
  body.set(name, peek.modelStart + spare);
  return body.subarray(spare);
}
