import { commands, env, l10n, type QuickPickItem, Uri, window } from 'vscode';
import type { ApiAnswer } from '../../link/api.ts';
import type { CommandId } from '../commandIds.ts';
import type { Parts } from '../parts.ts';
import { followLogin } from './followLogin.ts';
import type { Login } from './shownLogin.ts';

type Account = ApiAnswer<'GET /api/oauth/providers'>['providers'][number];

/** Signs in to an account: what the provider's terms say, then the browser. */
export async function signIn(parts: Parts, provider?: string): Promise<void> {
  const account = await chooseAccount(parts, provider, l10n.t('Sign In'));
  if (account === undefined) return;
  const { label, notice, forbidden } = account;
  if (forbidden !== undefined) return sayForbidden(forbidden);
  if (!(await agreed(label, notice))) return;
  let end = await logIn(parts, account);
  while (end.status === 'unsaved') end = await stored(parts, account, end);
  switch (end.status) {
    case 'done': {
      const who = end.account === undefined ? label : `${label} (${end.account})`;
      const note = end.message === undefined ? '' : ` ${end.message}`;
      void window.showInformationMessage(`${l10n.t('Signed in to {0}.', who)}${note}`);
      return;
    }
    case 'failed':
      throw new Error(end.message ?? l10n.t('The login to {0} failed.', label));
    default:
      return;
  }
}

/** Forgets an account, and tells the provider where it can be told. */
export async function signOut(parts: Parts, provider?: string): Promise<void> {
  const account = await chooseAccount(
    parts,
    provider,
    l10n.t('Sign Out'),
    ({ loggedIn }) => loggedIn,
  );
  if (account === undefined) return;
  const { message } = await parts.ask('POST /api/oauth/logout', { provider: account.id });
  void window.showInformationMessage(message);
}

async function logIn(parts: Parts, { id, label, notice }: Account) {
  const login = await parts.ask('POST /api/oauth/login', {
    provider: id,
    remote: env.remoteName !== undefined,
    acceptedNotice: notice.version,
  });
  return followLogin(parts, label, login);
}

/**
 * The provider has agreed, but the login could not be stored, or not without an end to another one.
 * The user decides; without a yes it is given up, because it would be what the next attempt gets.
 */
async function stored(
  { ask }: Parts,
  { id: provider, label }: Account,
  { message, replaces = false }: Login,
): Promise<Login> {
  const go = replaces ? l10n.t('Replace') : l10n.t('Try Again');
  const text = message ?? l10n.t('The login to {0} could not be stored.', label);
  const answer = replaces
    ? await window.showWarningMessage(text, { modal: true }, go)
    : await window.showErrorMessage(text, go);
  return answer === go
    ? ask('POST /api/oauth/save', { provider, replace: replaces })
    : ask('POST /api/oauth/cancel', { provider });
}

interface AccountItem extends QuickPickItem {
  readonly account: Account;
}

async function chooseAccount(
  parts: Parts,
  provider: string | undefined,
  title: string,
  concerns: (account: Account) => boolean = () => true,
): Promise<Account | undefined> {
  const { providers } = await parts.ask('GET /api/oauth/providers', {});
  const known = providers.find(({ id }) => id === provider);
  if (known !== undefined) return known;
  const accounts = providers.filter(concerns);
  if (accounts.length === 0) {
    void window.showInformationMessage(l10n.t('You are not signed in to any account.'));
    return undefined;
  }
  const items = accounts.map((account): AccountItem => {
    const { label, loggedIn, needsLogin, forbidden } = account;
    const state = needsLogin
      ? l10n.t('has to be done again')
      : loggedIn
        ? (account.account ?? l10n.t('signed in'))
        : '';
    return { account, label, description: state, ...(forbidden && { detail: forbidden }) };
  });
  const picked = await window.showQuickPick(items, { title, placeHolder: l10n.t('Account') });
  return picked?.account;
}

/** Only a line in config.json allows it. */
async function sayForbidden(reason: string): Promise<void> {
  const open = l10n.t('Open Config File');
  if ((await window.showWarningMessage(reason, open)) === open) {
    await commands.executeCommand('opencodex.openConfig' satisfies CommandId);
  }
}

/** The provider's terms are the user's business; nobody is signed in without having seen them. */
async function agreed(label: string, notice: Account['notice']): Promise<boolean> {
  const go = notice.keyFirst ? l10n.t('Sign In Anyway') : l10n.t('Sign In');
  const read = l10n.t('Read the Terms');
  for (;;) {
    const answer = await window.showWarningMessage(
      l10n.t('Sign in to {0}', label),
      { modal: true, detail: notice.text },
      go,
      read,
    );
    if (answer !== read) return answer === go;
    await env.openExternal(Uri.parse(notice.link, true));
  }
}
