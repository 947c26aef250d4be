import { keepNewest } from '../../language/keepNewest.ts';
import type { TurnError } from '../../turn/error.ts';
import type { LoginDefinition } from '../logins/definitions.ts';
import type { TokenOutcome } from '../logins/tokenRequest.ts';
import { loginEnded, refreshBusy, refreshFailed, storeFailed } from './accountErrors.ts';
import type { Account } from './authShapes.ts';
import type { AuthStore } from './authStore.ts';
import type { Clock } from './clock.ts';
import type { AccountCredential } from './credential.ts';
import { markEnded, type Refreshed, refreshAccount } from './refresh.ts';
import type { UnsavedLogins } from './unsavedLogins.ts';

export interface RenewalOptions {
  readonly store: AuthStore;
  readonly clock: Clock;
  readonly unsaved: UnsavedLogins;
  /** Sends the refresh token, once. */
  send(
    definition: LoginDefinition,
    credential: AccountCredential,
    signal: AbortSignal,
  ): Promise<TokenOutcome>;
}

export type Renewed =
  | { readonly kind: 'account'; readonly account: Account }
  | { readonly kind: 'signed out' }
  /** `lasting`: only a new login helps. */
  | { readonly kind: 'failed'; readonly error: TurnError; readonly lasting: boolean };

/** A token counts as used up this long before its stored time, as with `ocx`. */
const marginMs = 60_000;

/** Windows renew at different moments, so that they do not queue. */
const spreadMs = 30_000;

const shortestPauseMs = 5_000;
const longestPauseMs = 300_000;

interface Pause {
  readonly failures: number;
  readonly until: number;
  readonly error: TurnError;
}

/** Each login has a new one, and an old one does not come back. */
const mostGenerations = 64;

/** One that is under way. Who waits for it may leave; it goes on. */
interface Flight {
  readonly provider: string;
  readonly outcome: Promise<Refreshed>;
  readonly abort: AbortController;
}

/**
 * Renews tokens at most once at a time in this process, leaves a login service that fails alone for a
 * while, and does not ask again for tokens that have come to their end.
 */
export class Renewals {
  readonly #options: RenewalOptions;
  readonly #earlyMs = marginMs + Math.random() * spreadMs;
  readonly #flights = new Map<string, Flight>();
  /** By generation, as all of these. */
  readonly #pauses = new Map<string, Pause>();
  readonly #ended = new Set<string>();

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  isFresh({ credential }: Account, definition: LoginDefinition): boolean {
    // Where attempts are written down, each one counts: none is made before it is due.
    const earlyMs = definition.refresh.recordsIntent ? marginMs : this.#earlyMs;
    return credential.expires > this.#options.clock.now() + earlyMs;
  }

  hasEnded(account: Account): boolean {
    return account.needsLogin || this.#ended.has(account.generation);
  }

  async renew(definition: LoginDefinition, account: Account, refused: boolean): Promise<Renewed> {
    const { generation } = account;
    const { clock, unsaved } = this.#options;
    const pause = this.#pauses.get(generation);
    if (pause !== undefined && clock.now() < pause.until) return this.#paused(pause);

    const outcome = await this.#join(definition, account, refused);
    switch (outcome.kind) {
      case 'fresh':
        this.forget(account);
        return { kind: 'account', account: outcome.account };
      case 'unsaved':
        unsaved.keep(outcome.account, outcome.replaces, outcome.problem);
        return { kind: 'account', account: outcome.account };
      case 'signed out':
        return outcome;
      case 'ended':
        this.#remember(outcome.account);
        return { kind: 'failed', error: loginEnded(definition), lasting: true };
      case 'busy':
        return { kind: 'failed', error: refreshBusy(definition), lasting: false };
      case 'store':
        return { kind: 'failed', error: storeFailed(definition, outcome.problem), lasting: false };
      case 'failed':
        return this.#paused(this.#pauseFor(definition, generation, outcome.outcome));
    }
  }

  /** The provider refuses even tokens that were just renewed. */
  async end(account: Account): Promise<void> {
    this.#remember(account);
    await markEnded(this.#options.store, account);
  }

  #remember({ generation }: Account): void {
    this.#ended.add(generation);
    keepNewest(this.#ended, mostGenerations);
  }

  /** Whatever was learnt of these tokens. */
  forget({ generation }: Account): void {
    this.#pauses.delete(generation);
    this.#ended.delete(generation);
  }

  /** What is under way for this provider must not be written any more. */
  cancel(provider: string): void {
    for (const flight of this.#flights.values()) {
      if (flight.provider === provider) flight.abort.abort();
    }
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await Promise.allSettled([...this.#flights.values()].map(({ outcome }) => outcome));
  }

  #join(definition: LoginDefinition, account: Account, refused: boolean): Promise<Refreshed> {
    const { provider, slot, generation } = account;
    const key = [provider, slot, generation].join(' ');
    const known = this.#flights.get(key);
    if (known !== undefined && !known.abort.signal.aborted) return known.outcome;
    const { store, clock } = this.#options;
    const abort = new AbortController();
    const outcome = refreshAccount({
      definition,
      account,
      refused,
      store,
      clock,
      signal: abort.signal,
      isFresh: (other) => this.isFresh(other, definition),
      send: (credential, signal) => this.#options.send(definition, credential, signal),
    });
    const flight: Flight = { provider, outcome, abort };
    this.#flights.set(key, flight);
    const landed = () => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    outcome.then(landed, landed);
    return outcome;
  }

  #pauseFor(
    definition: LoginDefinition,
    generation: string,
    outcome: Exclude<TokenOutcome, { kind: 'granted' }>,
  ): Pause {
    const before = this.#pauses.get(generation);
    const now = this.#options.clock.now();
    // Others that waited for the same attempt have counted it.
    if (before !== undefined && now < before.until) return before;
    const failures = (before?.failures ?? 0) + 1;
    const asked = outcome.kind === 'refused' ? (outcome.retryAfterMs ?? 0) : 0;
    const ownMs = Math.min(shortestPauseMs * 2 ** (failures - 1), longestPauseMs);
    const until = now + Math.max(ownMs, Math.min(asked, 12 * longestPauseMs));
    const pause = { failures, until, error: refreshFailed(definition, outcome) };
    this.#pauses.set(generation, pause);
    keepNewest(this.#pauses, mostGenerations);
    return pause;
  }

  #paused({ error, until }: Pause): Renewed {
    const retryAfterSeconds = Math.max(1, Math.ceil((until - this.#options.clock.now()) / 1000));
    return { kind: 'failed', error: { ...error, retryAfterSeconds }, lasting: false };
  }
}
