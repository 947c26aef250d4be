import { type HeldLock, LockUnavailable } from '../../files/lock.ts';
import type { LoginDefinition } from '../logins/definitions.ts';
import type { TokenOutcome } from '../logins/tokenRequest.ts';
import { problemOf, type StoreProblem } from './authFile.ts';
import { refreshLockPath, withRefreshLock } from './authLock.ts';
import { type Account, sameAccount, withNeedsLogin, withTokens } from './authShapes.ts';
import type { AuthStore } from './authStore.ts';
import type { Clock } from './clock.ts';
import { type AccountCredential, generationOf } from './credential.ts';
import { forgetIntent, intendedGeneration, recordIntent } from './refreshIntent.ts';

export interface RefreshTask {
  readonly definition: LoginDefinition;
  readonly account: Account;
  /** The provider has refused the token, whatever its time says. */
  readonly refused: boolean;
  readonly store: AuthStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  isFresh(account: Account): boolean;
  /** Sends the refresh token, once. */
  send(credential: AccountCredential, signal: AbortSignal): Promise<TokenOutcome>;
}

export type Refreshed =
  | { readonly kind: 'fresh'; readonly account: Account }
  /** New tokens that could not be written; the stored ones are used up. */
  | {
      readonly kind: 'unsaved';
      readonly account: Account;
      readonly replaces: string;
      readonly problem: StoreProblem;
    }
  /** The account is not there any more. */
  | { readonly kind: 'signed out' }
  /** Only a new login helps. */
  | { readonly kind: 'ended'; readonly account: Account }
  /** It did not work this time. */
  | { readonly kind: 'failed'; readonly outcome: Failure }
  | { readonly kind: 'busy' }
  | { readonly kind: 'store'; readonly problem: StoreProblem };

/** What was read counts as of another time after this: the machine may have slept. */
const sleptMs = 60_000;

/** A login service that asks to wait longer is not waited for within a request. */
const shortWaitMs = 5_000;

const unprocessedRetries = 2;

/**
 * Renews an account's tokens once among all programs that share auth.json. A refresh token works
 * once: using it twice ends the login, so every step asks again whether it is still the one to take.
 */
export async function refreshAccount(task: RefreshTask): Promise<Refreshed> {
  let { account } = task;
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const outcome = await withRefreshLock(task.store.home, account, (lock) =>
        new Refresh({ ...task, account }, lock).run(),
      );
      if (outcome.kind !== 'again') return outcome;
      account = outcome.account;
    } catch (thrown) {
      if (thrown instanceof LockUnavailable) return { kind: 'busy' };
      const path = refreshLockPath(task.store.home, account);
      return { kind: 'store', problem: problemOf(path, thrown, 'unwritable') };
    }
    if (task.isFresh(account) && account.generation !== task.account.generation) {
      return { kind: 'fresh', account };
    }
  }
  return { kind: 'busy' };
}

/** The lock was lost, or it is another account's by now. */
type Step = Refreshed | { readonly kind: 'again'; readonly account: Account };

class Refresh {
  readonly #task: RefreshTask;
  readonly #lock: HeldLock;

  constructor(task: RefreshTask, lock: HeldLock) {
    this.#task = task;
    this.#lock = lock;
  }

  async run(): Promise<Step> {
    const { account, definition, clock, store } = this.#task;
    const readAt = clock.now();
    const found = await this.#reread();
    if ('kind' in found) return found;
    const unchanged = found.generation === account.generation;
    if (this.#task.isFresh(found) && !(unchanged && this.#task.refused)) {
      return { kind: 'fresh', account: found };
    }
    if (found.slot !== account.slot) return { kind: 'again', account: found };
    if (found.needsLogin || !canRefresh(found)) return { kind: 'ended', account: found };
    if (definition.refresh.recordsIntent) {
      const blocked = await this.#earlierAttempt(found);
      if (blocked !== undefined) return blocked;
    }
    if (!(await this.#mayGoOn(readAt))) return { kind: 'again', account: found };
    if (definition.refresh.recordsIntent) await recordIntent(store.home, found, clock.now());
    return this.#exchange(found);
  }

  async #exchange(found: Account): Promise<Step> {
    const { definition, clock, store, signal } = this.#task;
    const { recordsIntent } = definition.refresh;
    const tries = { unprocessed: 0, lost: 0 };
    for (;;) {
      const sentAt = clock.now();
      if (!(await this.#mayGoOn(sentAt))) return { kind: 'again', account: found };
      const outcome = await this.#send(found);
      if (outcome.kind === 'granted') return this.#save(found, outcome.credential);
      if (isTerminal(definition, outcome)) return this.#ended(found);
      if (signal.aborted) return { kind: 'signed out' };
      if (!mayRetry(definition, outcome, tries)) return { kind: 'failed', outcome };
      const asked = outcome.kind === 'refused' ? (outcome.retryAfterMs ?? 0) : 0;
      await clock.sleep(Math.max(200 + Math.random() * 1_800, asked), signal);
      if (clock.now() - sentAt > sleptMs) return { kind: 'again', account: found };
      if (recordsIntent) await recordIntent(store.home, found, clock.now());
    }
  }

  async #send(found: Account): Promise<TokenOutcome> {
    const { definition, store, signal } = this.#task;
    const outcome = await this.#task.send(found.credential, signal);
    // An answer, or none because nothing was sent: the tokens are not used up.
    const over = outcome.kind === 'refused' || (outcome.kind === 'failed' && !outcome.sent);
    if (over && definition.refresh.recordsIntent) await forgetIntent(store.home, found);
    return outcome;
  }

  /** Writes the tokens, unless somebody logged in or out meanwhile: then theirs counts. */
  async #save(sent: Account, granted: AccountCredential): Promise<Step> {
    const { store, signal, definition } = this.#task;
    const credential = { ...sent.credential, ...granted };
    const renewed = { ...sent, credential, generation: generationOf(credential) };
    const saved = await store.change<Step>((file) => {
      const there = sameAccount(file, sent);
      if (there === undefined || signal.aborted) return { value: { kind: 'signed out' } };
      if (there.generation === sent.generation) {
        return {
          file: withTokens(file, there, credential),
          value: { kind: 'fresh', account: { ...renewed, needsLogin: false } },
        };
      }
      return {
        value: this.#task.isFresh(there)
          ? { kind: 'fresh', account: there }
          : { kind: 'again', account: there },
      };
    });
    if (!saved.ok) {
      return {
        kind: 'unsaved',
        account: renewed,
        replaces: sent.generation,
        problem: saved.problem,
      };
    }
    if (definition.refresh.recordsIntent) await forgetIntent(store.home, sent);
    return saved.value;
  }

  /** The provider will not take these tokens any more; unless another program was faster. */
  async #ended(sent: Account): Promise<Step> {
    const { clock, store, signal } = this.#task;
    await clock.sleep(100 + Math.random() * 900, signal);
    const found = await this.#reread();
    if ('kind' in found) return found;
    if (found.generation !== sent.generation) {
      return this.#task.isFresh(found)
        ? { kind: 'fresh', account: found }
        : { kind: 'again', account: found };
    }
    await markEnded(store, sent);
    return { kind: 'ended', account: sent };
  }

  /** An attempt for the same tokens whose end nobody knows: they are not sent a second time. */
  async #earlierAttempt(found: Account): Promise<Step | undefined> {
    const { clock, store, signal } = this.#task;
    const intended = await intendedGeneration(store.home, found);
    if (intended === undefined) return undefined;
    if (intended !== 'unknown' && intended !== found.generation) {
      await forgetIntent(store.home, found);
      return undefined;
    }
    await clock.sleep(1_000, signal);
    const again = await this.#reread();
    if ('kind' in again) return again;
    if (again.generation !== found.generation) {
      return this.#task.isFresh(again)
        ? { kind: 'fresh', account: again }
        : { kind: 'again', account: again };
    }
    await markEnded(store, found);
    return { kind: 'ended', account: found };
  }

  async #reread(): Promise<Account | Extract<Refreshed, { kind: 'signed out' | 'store' }>> {
    const { store, account, signal } = this.#task;
    const read = await store.readFresh();
    if (!read.ok) return { kind: 'store', problem: read.problem };
    const found = sameAccount(read.file, account);
    return found === undefined || signal.aborted ? { kind: 'signed out' } : found;
  }

  /** The lock is ours, and what was read is not from before the machine slept. */
  async #mayGoOn(readAt: number): Promise<boolean> {
    return (await this.#lock.held()) && this.#task.clock.now() - readAt <= sleptMs;
  }
}

/** Marks an account as one that only a login helps, where its form has a place for that. */
export async function markEnded(store: AuthStore, account: Account): Promise<void> {
  await store.change((file) => {
    const same = sameAccount(file, account)?.generation === account.generation;
    return { file: same ? withNeedsLogin(file, account) : file, value: undefined };
  });
}

function canRefresh({ credential }: Account): boolean {
  return credential.refresh !== '' && credential.source !== 'local-cli';
}

type Failure = Exclude<TokenOutcome, { kind: 'granted' }>;

/** The service may have used the token up, and nobody has the new one. */
function isLost(outcome: Failure): boolean {
  return outcome.kind === 'failed' && outcome.sent;
}

function isTerminal({ refresh }: LoginDefinition, outcome: Failure): boolean {
  if (outcome.kind === 'failed') return false;
  const { status, error } = outcome;
  return (
    refresh.terminalStatuses.includes(status) ||
    ((status === 400 || status === 401) &&
      error !== undefined &&
      refresh.terminalErrors.includes(error))
  );
}

function mayRetry(
  { refresh }: LoginDefinition,
  outcome: Failure,
  tries: { unprocessed: number; lost: number },
): boolean {
  if (isLost(outcome)) return tries.lost++ < refresh.lostReplyRetries;
  return wasNotProcessed(outcome) && tries.unprocessed++ < unprocessedRetries;
}

/** The service has certainly not used the token, and a moment later it may work. */
function wasNotProcessed(outcome: Failure): boolean {
  if (outcome.kind === 'failed') return !outcome.sent;
  const { status, retryAfterMs } = outcome;
  return (
    (status === 429 || status === 503) && retryAfterMs !== undefined && retryAfterMs <= shortWaitMs
  );
}
