import type { StoreProblem } from './authFile.ts';
import { type Account, activeAccount, withLogin, withTokens } from './authShapes.ts';
import type { AuthStore } from './authStore.ts';
import type { Clock } from './clock.ts';
import type { AccountProvider } from './credential.ts';

/** How often a failed write is tried again. */
const againMs = 10_000;

interface Unsaved {
  readonly account: Account;
  /** The stored tokens that these replace; `undefined`: there were none. */
  readonly replaces: string | undefined;
  readonly problem: StoreProblem;
  readonly tryAt: number;
}

export interface KnownAccount {
  readonly account: Account;
  /** It is only in memory. */
  readonly problem?: StoreProblem;
}

/**
 * Tokens that could not be written. They are the only valid ones, so they are used from memory, and
 * written as soon as that is possible.
 */
export class UnsavedLogins {
  readonly #store: AuthStore;
  readonly #clock: Clock;
  readonly #byProvider = new Map<string, Unsaved>();

  constructor(store: AuthStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  keep(account: Account, replaces: string | undefined, problem: StoreProblem): void {
    const tryAt = this.#clock.now() + againMs;
    this.#byProvider.set(account.provider, { account, replaces, problem, tryAt });
  }

  drop(provider: AccountProvider): Account | undefined {
    const known = this.#byProvider.get(provider)?.account;
    this.#byProvider.delete(provider);
    return known;
  }

  /** The tokens in memory, unless what they replace has changed in the file: then the file's count. */
  async current(
    provider: AccountProvider,
    stored: Account | undefined,
  ): Promise<KnownAccount | undefined> {
    const unsaved = this.#byProvider.get(provider);
    if (unsaved === undefined || unsaved.replaces !== stored?.generation) {
      this.#byProvider.delete(provider);
      return stored && { account: stored };
    }
    if (this.#clock.now() < unsaved.tryAt) return unsaved;
    this.keep(unsaved.account, unsaved.replaces, unsaved.problem);
    const { account } = unsaved;
    // It may be logged out, or a newer login be kept, while this waits for its turn.
    const isKept = (): boolean => this.#byProvider.get(provider)?.account === account;
    const saved = await this.#store.change<KnownAccount | undefined>((file) => {
      const there = activeAccount(file, provider);
      if (!isKept() || there?.generation !== unsaved.replaces) {
        return { value: there && { account: there } };
      }
      return {
        file:
          there === undefined
            ? withLogin(file, provider, account.credential, this.#clock.now())
            : withTokens(file, there, account.credential),
        value: { account },
      };
    });
    if (saved.ok && isKept()) this.#byProvider.delete(provider);
    return this.#byProvider.get(provider) ?? (saved.ok ? saved.value : undefined);
  }
}
