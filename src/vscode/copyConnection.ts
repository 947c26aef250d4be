import { env, l10n, type QuickPickItem, window } from 'vscode';
import { localToken } from '../credentials/token.ts';
import type { Parts } from './parts.ts';
import { baseUrl, servingPort } from './windowState.ts';

interface Choice extends QuickPickItem {
  text(): Promise<string>;
}

/** Copies what another client needs. The token leaves only when the user picks the entry with it. */
export async function copyConnection({ home, model }: Parts): Promise<void> {
  const port = servingPort(model.state.proxy);
  if (port === undefined) {
    void window.showInformationMessage(
      l10n.t('The proxy is still starting. Try again in a moment.'),
    );
    return;
  }
  const url = baseUrl(port);
  const choices: readonly Choice[] = [
    {
      label: `$(link) ${l10n.t('Base URL')}`,
      description: url,
      text: async () => url,
    },
    {
      label: `$(key) ${l10n.t('Environment Variables')}`,
      description: 'OPENAI_BASE_URL, OPENAI_API_KEY',
      detail: l10n.t(
        'With the local access token, for a terminal or an .env file. It works on this machine only.',
      ),
      text: async () => `OPENAI_BASE_URL=${url}\nOPENAI_API_KEY=${await localToken(home)}\n`,
    },
  ];
  const choice = await window.showQuickPick(choices, {
    title: l10n.t('Copy Connection Details'),
    placeHolder: l10n.t('For clients of the Responses API on this machine'),
  });
  if (choice === undefined) return;
  await env.clipboard.writeText(await choice.text());
  window.setStatusBarMessage(`$(check) ${l10n.t('Copied')}`, 3000);
}
