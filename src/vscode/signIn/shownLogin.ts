import { env, l10n, Uri, window } from 'vscode';
import { reasonOf } from '../../language/reason.ts';
import type { ApiAnswer } from '../../link/api.ts';
import type { Parts } from '../parts.ts';

/** How a login stands. */
export type Login = ApiAnswer<'GET /api/oauth/status'>;

/** The link, the code and the box for what the user brings back: each shown once. */
export class ShownLogin {
  readonly #parts: Parts;
  readonly #provider: string;
  #box: { hide(): void } | undefined;
  #opened = false;
  #over = false;

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
    this.#over = true;
    this.#box?.hide();
  }

  async #open({ url, manualUrl }: Login): Promise<void> {
    const page = url ?? manualUrl;
    if (page === undefined || (await isOpened(page))) return;
    const copy = l10n.t('Copy Link');
    const answer = await window.showInformationMessage(
      l10n.t('No browser was opened. Copy the link, and open it yourself.'),
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
      // A message cannot be taken back, but it need not lead to a page that is of no use any more.
      if (answer !== open || this.#over) return;
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
      const text = box.value.trim();
      box.value = '';
      if (text === '') return;
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

/** The editor asks the user before it opens a page that it does not know; that may be declined. */
async function isOpened(page: string): Promise<boolean> {
  try {
    return await env.openExternal(Uri.parse(page, true));
  } catch {
    return false;
  }
}
