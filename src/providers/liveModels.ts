import { keepNewest } from '../language/keepNewest.ts';
import { reasonOf } from '../language/reason.ts';
import { within } from '../language/within.ts';
import {
  askModelList,
  type ListAnswer,
  type ListCredentials,
  type RequestHeaders,
} from './askModelList.ts';
import type { ModelFacts } from './modelFacts.ts';
import type { ModelListing } from './modelListing.ts';
import type { Provider } from './provider.ts';
import type { WebCall } from './webCall.ts';

/** What comes along with a request for models. */
export interface Asker {
  /** As they came in; a ChatGPT login among them may go to its own provider. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly clientVersion?: string | undefined;
}

export interface LiveModelsOptions {
  call(): Promise<WebCall>;
  /** The headers that say who asks. */
  credentials(provider: Provider, asker: Asker): ListCredentials | Promise<ListCredentials>;
  /** Headers for lists that are open to everybody. */
  readonly anonymous: RequestHeaders;
  now?(): number;
}

/** After a failure a provider is left alone for this long at most. */
const pauseMs = 30_000;

/** Providers come and go with the config; nobody has that many. */
const mostLists = 200;

/**
 * The model lists of providers, kept for a while and asked for by one request at a time. A list that
 * cannot be had again stays as it was. Nobody is asked but the providers that are given here.
 */
export class LiveModels {
  readonly #options: LiveModelsOptions;
  readonly #states = new Map<string, State>();
  readonly #listeners = new Set<() => void>();
  readonly #end = new AbortController();
  #version = 0;

  constructor(options: LiveModelsOptions) {
    this.#options = options;
  }

  /** Changes with the lists. */
  get version(): number {
    return this.#version;
  }

  /** The newest list that this provider, as it is configured now, gave. */
  listing(provider: Provider): ModelListing | undefined {
    const state = this.#states.get(provider.id);
    return state?.key === keyOf(provider) ? state.listing : undefined;
  }

  facts(provider: Provider, model: string): ModelFacts | undefined {
    return this.listing(provider)?.get(model);
  }

  /** Why the newest try gave no list. */
  problem(provider: Provider): string | undefined {
    const state = this.#states.get(provider.id);
    return state?.key === keyOf(provider) ? state.problem : undefined;
  }

  onChange(listener: () => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  /**
   * Sees to it that lists older than `ttlMs` are asked for again. Resolves when those are there that
   * nobody has asked for before, or after `patienceMs`; what is late comes in the background.
   */
  async refresh(
    providers: Iterable<Provider>,
    { ttlMs, patienceMs, asker }: { ttlMs: number; patienceMs: number; asker?: Asker },
  ): Promise<void> {
    const first: Promise<unknown>[] = [];
    for (const provider of providers) {
      if (provider.unusable !== undefined || !mayAsk(provider, asker)) continue;
      const state = this.#stateOf(provider);
      if (!this.#isDue(state, ttlMs)) continue;
      const asked = this.#ask(provider, state, asker);
      if (!state.settled) first.push(asked);
    }
    if (first.length > 0 && patienceMs > 0) await within(Promise.all(first), patienceMs);
  }

  /** Asks again for the lists that were asked for before and are old; nobody waits for it. */
  renew(providers: Iterable<Provider>, ttlMs: number): void {
    for (const provider of providers) {
      const state = this.#states.get(provider.id);
      if (state?.key !== keyOf(provider) || !mayAsk(provider, undefined)) continue;
      if (this.#isDue(state, ttlMs)) void this.#ask(provider, state, undefined);
    }
  }

  /** Asks one provider now, however new its list is. */
  async ask(provider: Provider, asker?: Asker): Promise<ListAnswer> {
    if (provider.unusable !== undefined) {
      return { ok: false, message: `${provider.label}: ${provider.unusable}` };
    }
    return this.#ask(provider, this.#stateOf(provider), asker);
  }

  /** A key has changed: what was refused before is worth another try. */
  retry(provider: string): void {
    const state = this.#states.get(provider);
    // An answer that is still to come goes to the state that is left behind.
    if (state === undefined) return;
    this.#states.set(provider, { ...state, triedAt: undefined, pending: undefined });
  }

  dispose(): void {
    this.#end.abort();
    this.#listeners.clear();
  }

  #stateOf(provider: Provider): State {
    const key = keyOf(provider);
    const known = this.#states.get(provider.id);
    if (known?.key === key) return known;
    const state: State = { key, settled: false };
    this.#states.set(provider.id, state);
    keepNewest(this.#states, mostLists);
    return state;
  }

  #isDue({ triedAt, problem, pending }: State, ttlMs: number): boolean {
    if (pending !== undefined || triedAt === undefined) return true;
    const wait = problem === undefined ? ttlMs : Math.min(ttlMs, pauseMs);
    return this.#now() - triedAt >= wait;
  }

  #ask(provider: Provider, state: State, asker: Asker | undefined): Promise<ListAnswer> {
    state.pending ??= this.#answer(provider, asker).then((answer) => {
      state.pending = undefined;
      state.triedAt = this.#now();
      state.settled = true;
      this.#keep(state, answer);
      return answer;
    });
    return state.pending;
  }

  async #answer(provider: Provider, asker: Asker | undefined): Promise<ListAnswer> {
    try {
      return await askModelList(provider, {
        call: await this.#options.call(),
        credentials: () => this.#options.credentials(provider, asker ?? {}),
        anonymous: this.#options.anonymous,
        clientVersion: asker?.clientVersion,
        signal: this.#end.signal,
      });
    } catch (thrown) {
      const reason = reasonOf(thrown);
      return {
        ok: false,
        message: `${provider.label}: its list of models cannot be read: ${reason}`,
      };
    }
  }

  #keep(state: State, answer: ListAnswer): void {
    if (this.#end.signal.aborted) return;
    state.problem = answer.ok ? undefined : answer.message;
    if (!answer.ok) return;
    const text = JSON.stringify([...answer.listing]);
    if (text === state.text) return;
    state.text = text;
    state.listing = answer.listing;
    this.#version += 1;
    for (const listener of [...this.#listeners]) listener();
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now();
  }
}

interface State {
  /** The provider as it was configured. */
  readonly key: string;
  /** It has been asked, whatever came of it. */
  settled: boolean;
  triedAt?: number | undefined;
  pending?: Promise<ListAnswer> | undefined;
  listing?: ModelListing;
  text?: string;
  problem?: string | undefined;
}

const keys = new WeakMap<Provider, string>();

function keyOf(provider: Provider): string {
  let key = keys.get(provider);
  if (key === undefined) {
    const { wire, baseUrl, auth, headers } = provider;
    key = JSON.stringify([wire, baseUrl, auth, headers]);
    keys.set(provider, key);
  }
  return key;
}

/** The ChatGPT login only comes with a request of Codex's. */
function mayAsk({ auth }: Provider, asker: Asker | undefined): boolean {
  return auth.mode !== 'forward' || asker?.clientVersion !== undefined;
}
