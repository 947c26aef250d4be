import { adapterFor } from '../adapters/registry.ts';
import type { ReplyContext } from '../responses/reply.ts';
import type { HostedSearch } from '../responses/webSearch.ts';
import type { SidecarJob } from '../sidecars/sidecarJob.ts';
import type { AttemptLink } from './attemptLink.ts';
import type { Answer } from './clientTurn.ts';
import type { Translated } from './codec.ts';
import type { Preparing, Sidecars } from './preparing.ts';
import { SearchLoop } from './searchLoop.ts';
import { Standby } from './standby.ts';
import { type Sink, sinkFor, TranslatedAnswer } from './translatedAnswer.ts';

/** The turn with what may have to be done beside it; `undefined`: nothing. */
export function sidecarTurn(preparing: Preparing): SidecarTurn | undefined {
  const { sidecars, target } = preparing;
  if (sidecars === undefined) return undefined;
  const { inbound, search, vision } = sidecars;
  const offer = search.offer(target, inbound);
  const descriptions = target.traits.vision === false ? vision.descriptions(inbound) : undefined;
  if (!offer.live && descriptions === undefined) return undefined;
  const job: SidecarJob = {
    descriptions,
    search: offer.live ? { ...offer, steps: [], spent: false } : undefined,
  };
  return new SidecarTurn(preparing, sidecars, job);
}

/** One request of Codex to a model that may need a sidecar. */
export class SidecarTurn {
  readonly #preparing: Preparing;
  readonly #sidecars: Sidecars;
  #job: SidecarJob;
  #search: HostedSearch | undefined;
  #body: Buffer | undefined;
  /** The client has perhaps heard of it before the provider was asked. */
  #early: Sink | undefined;
  #link: AttemptLink | undefined;

  constructor(preparing: Preparing, sidecars: Sidecars, job: SidecarJob) {
    this.#preparing = preparing;
    this.#sidecars = sidecars;
    this.#job = job;
  }

  /** Puts the request into the provider's words, images in words of their own. */
  async translate(): Promise<Translated> {
    const { turn, codec, target, peek } = this.#preparing;
    const first = await codec.translate(this.#preparing.body, peek, target, true, this.#job);
    const done = await this.#withDescriptions(first);
    const { translation, body } = done;
    this.#search = translation.ok ? translation.search : undefined;
    this.#body = this.#search === undefined ? undefined : body;
    turn.keepsRequest = this.#search !== undefined;
    return done;
  }

  /** What hears the answer. */
  answer(reply: ReplyContext, link: AttemptLink): Answer {
    const { turn, target } = this.#preparing;
    const adapter = adapterFor(target.wire);
    this.#link = link;
    const sink = this.#early ?? this.#sinkFor(reply);
    const loop = this.#loop(sink, reply, link);
    return new TranslatedAnswer(turn, { adapter, target, link }, loop ?? sink);
  }

  #loop(sink: Sink, reply: ReplyContext, link: AttemptLink): Sink | undefined {
    const offer = this.#job.search;
    if (this.#search === undefined || offer === undefined || this.#body === undefined) {
      return undefined;
    }
    return new SearchLoop(
      this.#preparing,
      { sink, link, structured: reply.form !== undefined },
      {
        search: this.#sidecars.search,
        inbound: this.#sidecars.inbound,
        hosted: this.#search,
        job: { ...this.#job, search: offer },
        body: this.#body,
      },
    );
  }

  #sinkFor(reply: ReplyContext): Sink {
    const { turn, answerHeaders } = this.#preparing;
    const link = { answered: () => this.#link?.answered() };
    return sinkFor(turn, { reply, headers: answerHeaders, link });
  }

  /** Has the images described that nobody knows yet, and translates once more. */
  async #withDescriptions(first: Translated): Promise<Translated> {
    const { translation, body } = first;
    if (!translation.ok || translation.images === undefined || body === undefined) return first;
    const { turn, codec, target, peek } = this.#preparing;
    const sink = this.#sinkFor(translation.reply);
    this.#early = sink;
    turn.keepsRequest = true;
    turn.attend(new Standby(turn, sink));
    const stopped = new AbortController();
    turn.whenOver(() => stopped.abort());
    const texts = await this.#sidecars.vision.describe(
      translation.images,
      this.#sidecars.inbound,
      stopped.signal,
      (call) => turn.noteSidecar(call),
    );
    const known = this.#job.descriptions ?? new Map<string, string>();
    this.#job = { ...this.#job, descriptions: new Map([...known, ...texts]) };
    return codec.translate(body, peek, target, true, this.#job);
  }
}
