import type { UserId } from '../../files/ownership.ts';
import { FileWatch } from '../../files/watch.ts';
import { keepNewest } from '../../language/keepNewest.ts';
import type { WebCall } from '../../providers/webCall.ts';
import type { TurnError } from '../../turn/error.ts';
import type { LoginDefinition } from '../logins/definitions.ts';
import { loginDefinitions } from '../logins/definitions.ts';
import { loginEnded, loginNotPermitted, notLoggedIn, storeFailed } from './accountErrors.ts';
import { authPath, type StoreProblem } from './authFile.ts';
import { type Account, accountsOf, activeAccount, sameAccount, withTokens } from './authShapes.ts';
import { AuthStore } from './authStore.ts';
import { type Clock, systemClock } from './clock.ts';
import {
  type AccountCredential,
  type AccountProvider,
  accountProviders,
  generationOf,
  slotOf,
} from './credential.ts';
import { forgetIntent } from './refreshIntent.ts';
import { sendRefresh } from './refreshRequest.ts';
import { Renewals } from './renewals.ts';
import {
  type Consent,
  type Removed,
  type Revoke,
  removeLogin,
  type Saved,
  storeLogin,
} from './storedLogin.ts';
import { type KnownAccount, UnsavedLogins } from './unsavedLogins.ts';

export interface AccountsOptions {
  /** OpenCodex's own folder. */
  readonly home: string;
  readonly version: string;
  readonly call: WebCall;
  /** Whether a login that its provider's terms rule out may be used: `allowAnthropicLogin`. */
  permitted(provider: AccountProvider): boolean;
  readonly clock?: Clock;
  /** Whose the files must be; default: this process's user. */
  readonly user?: UserId;
}

export type AccountToken =
  | { readonly ok: true; readonly token: string; readonly generation: string }
  | { readonly ok: false; readonly error: TurnError };

/** What may be shown of an account. */
export interface AccountInfo {
  readonly provider: AccountProvider;
  readonly email: string | undefined;
  readonly accountId: string | undefined;
  readonly active: boolean;
  readonly needsLogin: boolean;
}

export type AccountList =
  | { readonly ok: true; readonly accounts: readonly AccountInfo[] }
  | { readonly ok: false; readonly problem: StoreProblem };

/** Tokens that were renewed after a refusal and are refused again this soon are good for nothing. */
const distrustMs = 600_000;

/** Each renewal has its own generation. */
const mostRenewed = 64;

/** The account logins of this machine, renewed when they are used. */
export class Accounts {
  readonly #options: AccountsOptions;
  readonly #store: AuthStore;
  readonly #clock: Clock;
  readonly #unsaved: UnsavedLogins;
  readonly #renewals: Renewals;
  /** When tokens were renewed because of a refusal, by generation. */
  readonly #renewedAt = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  #watch: FileWatch | undefined;
  #disposed = false;

  constructor(options: AccountsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#store = new AuthStore(options.home, options.user);
    this.#unsaved = new UnsavedLogins(this.#store, this.#clock);
    this.#renewals = new Renewals({
      store: this.#store,
      clock: this.#clock,
      unsaved: this.#unsaved,
      send: (definition, credential, signal) =>
        sendRefresh(definition, credential, options, signal),
    });
  }

  /** The token of the active account, renewed where its time is over. */
  async token(provider: AccountProvider): Promise<AccountToken> {
    const found = await this.#find(provider);
    return found.ok ? this.#freshToken(found) : found;
  }

  /**
   * The provider has refused the token of this generation: gives another one. It is an error when
   * that one is refused as well.
   */
  async refused(provider: AccountProvider, generation: string): Promise<AccountToken> {
    const found = await this.#find(provider);
    if (!found.ok) return found;
    const { account, definition } = found;
    if (account.generation !== generation) return this.#freshToken(found);
    const renewedAt = this.#renewedAt.get(generation);
    if (renewedAt !== undefined && this.#clock.now() - renewedAt < distrustMs) {
      await this.#renewals.end(account);
      this.#changed();
      return { ok: false, error: loginEnded(definition) };
    }
    const renewed = await this.#renew(found, true);
    if (renewed.ok) this.#renewedAt.set(renewed.generation, this.#clock.now());
    this.#renewedAt.delete(generation);
    keepNewest(this.#renewedAt, mostRenewed);
    return renewed;
  }

  /** Once more with tokens that may have come to their end; only when the user asks for it. */
  async tryAgain(provider: AccountProvider): Promise<AccountToken> {
    const read = await this.#store.readFresh();
    const account = read.ok ? activeAccount(read.file, provider) : undefined;
    if (account !== undefined) {
      this.#renewals.forget(account);
      await forgetIntent(this.#options.home, account);
      await this.#store.change((file) => {
        const there = sameAccount(file, account);
        // The same tokens, without the mark.
        return {
          file: there?.needsLogin ? withTokens(file, there, there.credential) : file,
          value: undefined,
        };
      });
    }
    return this.token(provider);
  }

  /** Why a login could not be saved; asked before one begins. */
  async probe(): Promise<StoreProblem | undefined> {
    const probed = await this.#store.change(() => ({ value: undefined }));
    return probed.ok ? undefined : probed.problem;
  }

  /** Stores a login and makes its account the active one. */
  async save(
    provider: AccountProvider,
    credential: AccountCredential,
    consent: Consent = {},
  ): Promise<Saved> {
    const saved = await storeLogin(this.#store, provider, credential, consent, this.#clock.now());
    if (saved.ok) {
      if (saved.value.ok) await this.#loggedIn(provider);
      return saved.value;
    }
    const { problem } = saved;
    if (problem.kind === 'damaged') {
      const more = { ...consent, replaceDamaged: true };
      return { ok: false, kind: 'ask', consent: more, message: problem.message };
    }
    await this.#keepInMemory(provider, credential, problem);
    return {
      ok: false,
      kind: 'memory',
      message: `${problem.message} The ${loginDefinitions[provider].label} login works until OpenCodex ends.`,
    };
  }

  /** Logs the active account out here and, where there is a way to, at its provider. */
  async remove(provider: AccountProvider, revoke?: Revoke): Promise<Removed> {
    this.#renewals.cancel(provider);
    const inMemory = this.#unsaved.drop(provider);
    const read = await this.#store.readFresh();
    if (!read.ok) return read;
    const account = activeAccount(read.file, provider);
    const gone =
      account === undefined
        ? ({ ok: true, value: undefined } as const)
        : await removeLogin(this.#store, account);
    if (!gone.ok) return gone;
    const last = inMemory ?? gone.value;
    if (last === undefined) return { ok: true, removed: false, revoked: 'unknown' };
    this.#changed();
    return { ok: true, removed: true, revoked: (await revoke?.(last.credential)) ?? 'unknown' };
  }

  /** Who is logged in, as far as it may be shown. */
  async list(): Promise<AccountList> {
    const read = await this.#store.read();
    if (!read.ok) return read;
    const accounts: AccountInfo[] = [];
    for (const provider of accountProviders) {
      const stored = accountsOf(read.file, provider);
      const current = await this.#unsaved.current(
        provider,
        stored.find(({ active }) => active),
      );
      const others = stored.filter(({ active }) => !active);
      for (const account of [...(current === undefined ? [] : [current.account]), ...others]) {
        const { email, accountId } = account.credential;
        const needsLogin = this.#renewals.hasEnded(account);
        accounts.push({ provider, email, accountId, active: account.active, needsLogin });
      }
    }
    return { ok: true, accounts };
  }

  /** Calls `listener` when somebody may have logged in or out, here or in another program. */
  onChange(listener: () => void): { dispose(): void } {
    this.#listeners.add(listener);
    if (!this.#disposed) {
      this.#watch ??= new FileWatch(authPath(this.#options.home), () => this.#changed());
    }
    return { dispose: () => this.#listeners.delete(listener) };
  }

  /** Resolves when no refresh is under way; what the provider answers would else be lost. */
  idle(): Promise<void> {
    return this.#renewals.idle();
  }

  dispose(): void {
    this.#disposed = true;
    this.#watch?.dispose();
    this.#listeners.clear();
  }

  async #find(provider: AccountProvider): Promise<Found> {
    const definition = loginDefinitions[provider];
    if (definition.needsPermission && !this.#options.permitted(provider)) {
      return { ok: false, error: loginNotPermitted(definition) };
    }
    const read = await this.#store.read();
    const stored = read.ok ? activeAccount(read.file, provider) : undefined;
    const known = await this.#unsaved.current(provider, stored);
    if (known === undefined) {
      const error = read.ok ? notLoggedIn(definition) : storeFailed(definition, read.problem);
      return { ok: false, error };
    }
    return this.#renewals.hasEnded(known.account)
      ? { ok: false, error: loginEnded(definition) }
      : { ok: true, definition, ...known };
  }

  async #freshToken(found: Usable): Promise<AccountToken> {
    const { account, definition } = found;
    return this.#renewals.isFresh(account, definition)
      ? tokenOf(account)
      : this.#renew(found, false);
  }

  async #renew(found: Usable, refused: boolean): Promise<AccountToken> {
    const { account, definition, problem } = found;
    if (problem !== undefined) {
      // Only the first of two rotations may be missing from the file.
      return !refused && this.#lives(found)
        ? tokenOf(account)
        : { ok: false, error: storeFailed(definition, problem) };
    }
    const renewed = await this.#renewals.renew(definition, account, refused);
    switch (renewed.kind) {
      case 'account':
        this.#changed();
        return tokenOf(renewed.account);
      case 'signed out': {
        const now = await this.#find(definition.provider);
        if (!now.ok) return now;
        return this.#renewals.isFresh(now.account, definition) &&
          now.account.generation !== account.generation
          ? tokenOf(now.account)
          : { ok: false, error: notLoggedIn(definition) };
      }
      case 'failed':
        if (renewed.lasting) this.#changed();
        return !refused && !renewed.lasting && this.#lives(found)
          ? tokenOf(account)
          : { ok: false, error: renewed.error };
    }
  }

  /** It is accepted still: what is stored is early by the skew. */
  #lives({ account, definition }: Usable): boolean {
    return account.credential.expires + definition.skewMs > this.#clock.now();
  }

  async #loggedIn(provider: AccountProvider): Promise<void> {
    this.#unsaved.drop(provider);
    const read = await this.#store.readFresh();
    const account = read.ok ? activeAccount(read.file, provider) : undefined;
    if (account !== undefined) await forgetIntent(this.#options.home, account);
    this.#changed();
  }

  async #keepInMemory(
    provider: AccountProvider,
    credential: AccountCredential,
    problem: StoreProblem,
  ): Promise<void> {
    this.#renewals.cancel(provider);
    const read = await this.#store.readFresh();
    const stored = read.ok ? activeAccount(read.file, provider) : undefined;
    const account: Account = {
      provider,
      slot: slotOf(credential),
      credential,
      generation: generationOf(credential),
      active: true,
      needsLogin: false,
    };
    this.#unsaved.keep(account, stored?.generation, problem);
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

interface Usable extends KnownAccount {
  readonly definition: LoginDefinition;
}

type Found = ({ readonly ok: true } & Usable) | { readonly ok: false; readonly error: TurnError };

function tokenOf({ credential, generation }: Account): AccountToken {
  return { ok: true, token: credential.access, generation };
}
