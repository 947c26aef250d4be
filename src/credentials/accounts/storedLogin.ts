import { LockUnavailable } from '../../files/lock.ts';
import { loginDefinitions } from '../logins/definitions.ts';
import { authPath, type StoreProblem } from './authFile.ts';
import { withRefreshLock } from './authLock.ts';
import {
  type Account,
  replacedByLogin,
  sameAccount,
  withLogin,
  withoutAccount,
} from './authShapes.ts';
import type { AuthStore, Change, Changed } from './authStore.ts';
import type { AccountCredential, AccountProvider } from './credential.ts';
import { forgetIntent } from './refreshIntent.ts';

/** What the user agreed to lose. */
export interface Consent {
  /** The login of another account, where the file has room for one. */
  readonly replaceAccount?: boolean;
  /** A damaged file; a copy of it is kept. */
  readonly replaceDamaged?: boolean;
}

export type Saved =
  | { readonly ok: true }
  /** Ask, and save again with this consent. */
  | {
      readonly ok: false;
      readonly kind: 'ask';
      readonly consent: Consent;
      readonly message: string;
    }
  /** The login works until this program ends; it is written as soon as that is possible. */
  | { readonly ok: false; readonly kind: 'memory'; readonly message: string };

export type Revocation = 'revoked' | 'failed' | 'unknown';

/** Ends a login at its provider; `unknown`: the provider has no way to. */
export type Revoke = (credential: AccountCredential) => Promise<Revocation>;

export type Removed =
  | { readonly ok: true; readonly removed: boolean; readonly revoked: Revocation }
  | { readonly ok: false; readonly problem: StoreProblem };

/** A logout does not wait longer for a refresh elsewhere; that one then finds the account gone. */
const logoutWaitMs = 5_000;

/** Writes a login, unless it would put an end to something that the user has not agreed to lose. */
export function storeLogin(
  store: AuthStore,
  provider: AccountProvider,
  credential: AccountCredential,
  consent: Consent,
  now: number,
): Promise<Changed<Saved>> {
  return store.change<Saved>((file) => {
    const replaced = replacedByLogin(file, provider, credential);
    if (replaced === 'nothing' || consent.replaceAccount) {
      return { file: withLogin(file, provider, credential, now), value: { ok: true } };
    }
    const { label } = loginDefinitions[provider];
    const message =
      replaced === 'account'
        ? `Another ${label} account is logged in, and its place is the only one. Replace it?`
        : `${authPath(store.home)} holds something for ${label} that OpenCodex does not understand. Replace it?`;
    const more = { ...consent, replaceAccount: true };
    return { value: { ok: false, kind: 'ask', consent: more, message } };
  }, consent);
}

/** Removes an account, and gives it as it was last stored. */
export async function removeLogin(
  store: AuthStore,
  account: Account,
): Promise<Changed<Account | undefined>> {
  const remove = () =>
    store.change((file): Change<Account | undefined> => {
      const there = sameAccount(file, account);
      return { file: there && withoutAccount(file, there), value: there };
    });
  try {
    return await withRefreshLock(
      store.home,
      account,
      async () => {
        await forgetIntent(store.home, account);
        return await remove();
      },
      logoutWaitMs,
    );
  } catch (thrown) {
    if (!(thrown instanceof LockUnavailable)) throw thrown;
    return remove();
  }
}
