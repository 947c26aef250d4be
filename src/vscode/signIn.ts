import { env, l10n, ProgressLocation, type QuickPickItem, Uri, window } from 'vscode';
import type { ApiAnswer } from '../link/api.ts';
import { reasonOf } from '../turn/reason.ts';
import type { Parts } from './parts.ts';

type Account = ApiAnswer<'GET /api/oauth/providers'>['providers'][number];
type Login = ApiAnswer<'GET /api/oauth/status'>;

interface AccountItem extends QuickPickItem {
  readonly account: Account;
}

/** Signs in to an account: what the provider's terms say, then the browser. */
export async function signIn(parts: Parts, provider?: string): Promise<void> {
  const account = await chooseAccount(parts, provider, l10n.t('Sign In'));
  if (account === undefined) return;
  const { id, label, notice, forbidden } = account;
  if (forbidden !== undefined) throw new Error(`${label}: ${forbidden}`);
  if (!(await agreed(label, notice))) return;
  const remote = env.remoteName !== undefined;
  const login = await parts.ask('POST /api/oauth/login', {
    provider: id,
    remote,
    acceptedNotice: notice.version,
  });
  const end = await followed(parts, account, login);
  switch (end.status) {
    case 'done': {
      const who = end.account === undefined ? label : `${label} (${end.account})`;
      const note = end.message === undefined ? '' : ` ${end.message}`;
      void window.showInformationMessage(`${l10n.t('Signed in to {0}.', who)}${note}`);
      break;
    }
    case 'failed':
    case 'unsaved':
      throw new Error(end.message ?? l10n.t('The login to {0} failed.', label));
    default:
      break;
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

/** Shows a login until it has ended. Closing the progress ends it. */
async function followed(parts: Parts, account: Account, start: Login): Promise<Login> {
  const { id, label } = account;
  return window.withProgress(
    {
      location: ProgressLocation.Notification,
      title: l10n.t('Signing in to {0}', label),
      cancellable: true,
    },
    async (progress, cancelled) => {
      const shown = new ShownLogin(parts, id);
      cancelled.onCancellationRequested(() => {
        void parts.ask('POST /api/oauth/cancel', { provider: id });
      });
      let login = start;
      try {
        while (!isOver(login)) {
          if (login.status === 'waiting') {
            progress.report({ message: waitingText(login) });
            shown.show(login);
          }
          await new Promise((resolve) => setTimeout(resolve, 500));
          login = await parts.ask('GET /api/oauth/status', { provider: id });
        }
        return login;
      } finally {
        shown.dispose();
      }
    },
  );
}

function isOver({ status }: Login): boolean {
  return ['done', 'failed', 'cancelled', 'unsaved'].includes(status);
}

function waitingText({ userCode }: Login): string {
  return userCode === undefined
    ? l10n.t('Finish in your browser.')
    : l10n.t('Enter the code {0} in your browser.', userCode);
}

/** The link, the code and the box for what the user brings back: each shown once. */
class ShownLogin {
  readonly #parts: Parts;
  readonly #provider: string;
  #box: { hide(): void } | undefined;
  #opened = false;

  constructor(parts: Parts, provider: string) {
    this.#parts = parts;
    this.#provider = provider;
  }

  show(login: Login): void {
    if (this.#opened) return;
    this.#opened = true;
    if (login.userCode === undefined) void this.#open(login);
    else void this.#showCode(login, login.userCode);
    if (login.canPaste) this.#askForCode();
  }

  dispose(): void {
    this.#box?.hide();
  }

  async #open({ url, manualUrl }: Login): Promise<void> {
    const page = url ?? manualUrl;
    if (page === undefined) return;
    if (await env.openExternal(Uri.parse(page, true))) return;
    const copy = l10n.t('Copy Link');
    const answer = await window.showInformationMessage(
      l10n.t('No browser could be opened. Open the link yourself.'),
      copy,
    );
    if (answer === copy) await env.clipboard.writeText(page);
  }

  async #showCode(login: Login, code: string): Promise<void> {
    const open = l10n.t('Copy Code and Open');
    for (;;) {
      const answer = await window.showInformationMessage(
        l10n.t('The code is {0}. The page must show the same one.', code),
        open,
      );
      if (answer !== open) return;
      await env.clipboard.writeText(code);
      await this.#open(login);
    }
  }

  #askForCode(): void {
    const box = window.createInputBox();
    this.#box = box;
    box.title = l10n.t('Sign In');
    box.prompt = l10n.t(
      'If the browser shows a code or cannot come back, paste the code or the address here.',
    );
    box.password = true;
    box.ignoreFocusOut = true;
    box.onDidAccept(async () => {
      const text = box.value;
      box.value = '';
      try {
        const login = await this.#parts.ask('POST /api/oauth/paste', {
          provider: this.#provider,
          text,
        });
        box.validationMessage = login.status === 'waiting' ? login.message : undefined;
      } catch (thrown) {
        box.validationMessage = reasonOf(thrown);
      }
    });
    box.onDidHide(() => box.dispose());
    box.show();
  }
}
