import { loadConfig } from '../../config/load.ts';
import type { WebCall } from '../../providers/webCall.ts';
import type { AccountInfo, Accounts } from '../accounts/accounts.ts';
import type { AccountProvider } from '../accounts/credential.ts';
import { loginDefinitions, type Notice } from './definitions.ts';
import type { Clock } from './flow.ts';
import { identityHeaders } from './identity.ts';
import { type LoginOptions, LoginSession } from './loginSession.ts';
import { revokeLogin } from './revocation.ts';
import { useLogin } from './useLogin.ts';

export interface LoginsParts {
  readonly home: string;
  readonly version: string;
  readonly call: WebCall;
  readonly accounts: Accounts;
  readonly clock?: Clock;
}

export type Started =
  | { readonly ok: true; readonly session: LoginSession }
  /** With `notice`: the user has to agree to it first. */
  | { readonly ok: false; readonly message: string; readonly notice?: Notice };

/** The account logins of this process, one at a time for each provider. */
export class Logins {
  readonly #parts: LoginsParts;
  readonly #running = new Map<AccountProvider, LoginSession>();

  constructor(parts: LoginsParts) {
    this.#parts = parts;
  }

  /** The login of this provider that runs. */
  running(provider: AccountProvider): LoginSession | undefined {
    return this.#running.get(provider);
  }

  /** Why this login cannot be started at all; asked before the notice is shown. */
  async forbidden(provider: AccountProvider): Promise<string | undefined> {
    const { label, needsPermission } = loginDefinitions[provider];
    if (!needsPermission) return undefined;
    const loaded = await loadConfig(this.#parts.home);
    if (!loaded.ok) return loaded.error.message;
    if (loaded.config.allowAnthropicLogin) return undefined;
    return `${label}: the account login is off, because ${label}'s terms do not permit it in programs other than its own. Use an API key. To turn it on all the same, set "allowAnthropicLogin" to true in config.json.`;
  }

  /**
   * Starts a login, or gives the one that runs already. `acceptedNotice` is the version of the notice
   * to which the user has agreed.
   */
  async start(
    provider: AccountProvider,
    options: LoginOptions & { readonly acceptedNotice: number | undefined },
  ): Promise<Started> {
    const definition = loginDefinitions[provider];
    const { label, notice } = definition;
    const { home, accounts, call, clock } = this.#parts;
    const forbidden = await this.forbidden(provider);
    if (forbidden !== undefined) return { ok: false, message: forbidden };
    const before = await this.#loggedIn(provider);
    const running = this.#running.get(provider);
    if (running !== undefined) return { ok: true, session: running };
    if (options.acceptedNotice !== notice.version) {
      return { ok: false, message: `${label}: agree to the notice first.`, notice };
    }
    const session = new LoginSession(
      {
        definition,
        call,
        identify: () => identityHeaders(definition, this.#parts),
        accounts,
        saved: () => useLogin(home, definition),
        ...(clock && { clock }),
      },
      options,
    );
    this.#running.set(provider, session);
    const watch = accounts.onChange(async () => {
      const now = before === undefined ? await this.#loggedIn(provider) : undefined;
      if (now !== undefined) session.overtake(now.email ?? now.accountId);
    });
    void session.done.then(() => {
      watch.dispose();
      this.#running.delete(provider);
    });
    return { ok: true, session };
  }

  async #loggedIn(provider: AccountProvider): Promise<AccountInfo | undefined> {
    const listed = await this.#parts.accounts.list();
    if (!listed.ok) return undefined;
    return listed.accounts.find(
      (account) => account.provider === provider && account.active && !account.needsLogin,
    );
  }

  /** Deletes a login, and has the provider withdraw it where that is possible. */
  async logout(
    provider: AccountProvider,
  ): Promise<{ readonly ok: boolean; readonly message: string }> {
    const definition = loginDefinitions[provider];
    const { label } = definition;
    const { accounts, call } = this.#parts;
    this.#running.get(provider)?.cancel();
    const removed = await accounts.remove(provider, async (credential) => {
      const headers = await identityHeaders(definition, this.#parts);
      return await revokeLogin(definition, credential, call, headers);
    });
    if (!removed.ok) return { ok: false, message: removed.problem.message };
    return {
      ok: true,
      message: removed.removed
        ? `${label}: logged out. ${aftermath[removed.revoked](label)}`
        : `${label}: nobody was logged in.`,
    };
  }

  /** Ends what runs; the accounts stay, and are their owner's to dispose of. */
  dispose(): void {
    for (const session of this.#running.values()) session.cancel();
  }
}

const aftermath = {
  revoked: (label) => `${label} has withdrawn the login, too.`,
  failed: (label) =>
    `The tokens were deleted here, but ${label} could not be asked to withdraw them; they run out by themselves.`,
  unknown: (label) =>
    `The tokens were deleted here. ${label} has no way to withdraw them; they run out by themselves.`,
} as const satisfies Readonly<Record<string, (label: string) => string>>;
