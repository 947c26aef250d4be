import { adapterFor } from '../adapters/registry.ts';
import type { InboundHeaders } from '../credentials/forward.ts';
import { reasonOf } from '../language/reason.ts';
import type { HostedSearch } from '../responses/webSearch.ts';
import { failureText } from '../sidecars/searchResult.ts';
import { type SearchCall, SearchStep, sumOf } from '../sidecars/searchStep.ts';
import type { SearchOffer, SidecarJob } from '../sidecars/sidecarJob.ts';
import type { SearchOutcome, WebSearch } from '../sidecars/webSearch.ts';
import { type TurnError, turnError } from '../turn/error.ts';
import type { TurnEvent, Usage } from '../turn/event.ts';
import type { Message } from '../turn/turn.ts';
import type { AttemptLink } from './attemptLink.ts';
import type { Preparing } from './preparing.ts';
import { Standby } from './standby.ts';
import { type Sink, TranslatedAnswer } from './translatedAnswer.ts';

/** Where the answer goes, and who sends the next request. */
export interface LoopEnds {
  readonly sink: Sink;
  readonly link: AttemptLink;
  readonly structured: boolean;
}

export interface LoopWork {
  readonly search: WebSearch;
  readonly inbound: InboundHeaders;
  readonly hosted: HostedSearch;
  readonly job: SidecarJob & { readonly search: SearchOffer };
  /** The client's request. */
  readonly body: Buffer;
}

/**
 * Stands between a model and the client. Calls of the web search stay here: they are run, the model
 * is asked again with what they gave, and the client reads all of it as one answer. A tool of the
 * client's own ends the loop, because the client has to run it first.
 */
export class SearchLoop implements Sink {
  readonly #preparing: Preparing;
  readonly #ends: LoopEnds;
  readonly #work: LoopWork;
  readonly #most: number;
  readonly #stopped = new AbortController();
  readonly #steps: Message[] = [];
  #body: Buffer;
  #step = new SearchStep();
  #asked = 0;
  #spent = false;
  #usage: Usage | undefined;

  constructor(preparing: Preparing, ends: LoopEnds, work: LoopWork) {
    this.#preparing = preparing;
    this.#ends = ends;
    this.#work = work;
    this.#body = work.body;
    this.#most = work.search.most;
    preparing.turn.whenOver(() => this.#stopped.abort());
  }

  write(events: readonly TurnEvent[]): void {
    const step = this.#step;
    const passed = events.filter((event) => step.take(event));
    if (passed.length > 0) this.#ends.sink.write(passed);
    if (step.reason !== undefined) this.#answered(step);
  }

  fail(error: TurnError): void {
    this.#ends.sink.fail(error);
  }

  beat(): void {
    this.#ends.sink.beat();
  }

  #answered(step: SearchStep): void {
    this.#usage = sumOf(this.#usage, step.usage);
    const goesOn = step.reason === 'stop' || step.reason === 'pause';
    if (step.searches.length > 0 && goesOn && !this.#spent) void this.#guarded(step);
    else this.#finish(step);
  }

  async #guarded(step: SearchStep): Promise<void> {
    const { turn, target } = this.#preparing;
    try {
      await this.#search(step);
    } catch (thrown) {
      const reason = reasonOf(thrown);
      const message = `OpenCodex could not search the web for ${target.label}: ${reason}`;
      turn.stop(turn.clean(turnError('internal', message)));
    }
  }

  async #search(step: SearchStep): Promise<void> {
    const { turn } = this.#preparing;
    const { sink } = this.#ends;
    turn.attend(new Standby(turn, sink));
    const first = this.#asked;
    const running = step.searches.map((search) => this.#run(search));
    // One that fails while an earlier one is waited for is heard of when its turn comes.
    for (const { done } of running) done.catch(() => undefined);
    const results: string[] = [];
    for (const { query, done } of running) {
      if (query !== undefined) sink.write([{ type: 'search.start', query }]);
      const { ok, text, usage } = await done;
      if (turn.over) return;
      this.#usage = sumOf(this.#usage, usage);
      results.push(text);
      if (query === undefined) continue;
      sink.write([{ type: 'search.end', found: { query, result: text }, ok }]);
    }
    if (step.called) {
      this.#finish(step);
      return;
    }
    if (step.held.length > 0) sink.write(step.held);
    this.#steps.push(...step.messages(results, first));
    this.#spent = this.#asked >= this.#most;
    await this.#goOn();
  }

  /** A search under way; without a query there is none to show. */
  #run(search: SearchCall): {
    readonly query: string | undefined;
    readonly done: Promise<SearchOutcome>;
  } {
    const { turn, provider, target } = this.#preparing;
    const { structured } = this.#ends;
    const refused = (reason: string) => ({
      query: undefined,
      done: Promise.resolve({
        ok: false,
        text: failureText(reason, structured),
        usage: undefined,
      }),
    });
    if (this.#asked >= this.#most) {
      return refused('all searches of this turn are used up. Answer with what you have.');
    }
    this.#asked += 1;
    const { query } = search;
    if (query === undefined) return refused('the call needs "query", the words to search for.');
    const { inbound, hosted } = this.#work;
    const done = this.#work.search.run(
      {
        ...{ query, search: hosted, structured, inbound, target },
        route: { provider, model: target.model },
        signal: this.#stopped.signal,
      },
      (call) => turn.noteSidecar(call),
    );
    return { query, done };
  }

  /** Asks the model again, with everything that has happened. */
  async #goOn(): Promise<void> {
    const { turn, codec, peek, target } = this.#preparing;
    const { job } = this.#work;
    const search = { ...job.search, steps: this.#steps, spent: this.#spent };
    const { translation, body } = await codec.translate(this.#body, peek, target, true, {
      ...job,
      search,
    });
    if (turn.over) return;
    if (!translation.ok || body === undefined) {
      turn.stop(
        translation.ok ? turnError('internal', 'OpenCodex lost the request.') : translation.error,
      );
      return;
    }
    this.#body = body;
    this.#step = new SearchStep();
    turn.record.additions = translation.additions;
    const { url, headers, body: bytes } = translation.request;
    const adapter = adapterFor(target.wire);
    const { link } = this.#ends;
    await link.more(
      {
        label: target.label,
        url,
        headers: { 'accept-encoding': 'identity', ...headers },
        body: bytes,
      },
      new TranslatedAnswer(turn, { adapter, target, link }, this),
    );
  }

  #finish(step: SearchStep): void {
    const events: TurnEvent[] = [...step.held];
    // A model that still wants to search has had its chance to answer.
    if (step.searches.length > 0 && this.#spent && !step.spoke) events.push(...noAnswer);
    if (this.#usage !== undefined) events.push({ type: 'usage', usage: this.#usage });
    events.push({ type: 'finish', reason: step.reason ?? 'stop' });
    this.#ends.sink.write(events);
  }
}

const noAnswer: readonly TurnEvent[] = [
  { type: 'text.start' },
  {
    type: 'text.delta',
    text: '[The model asked for more web searches than one turn may have, and gave no answer.]',
  },
  { type: 'text.end' },
];
