import { l10n, type QuickPickItem, window } from 'vscode';
import type { Parts } from './parts.ts';

interface ProviderItem extends QuickPickItem {
  readonly id: string;
}

/** Takes a provider out of config.json, and its key out of the secret store. */
export async function removeProvider({ ask, vault }: Parts, given?: string): Promise<void> {
  const { providers } = await ask('GET /api/providers', {});
  if (providers.length === 0) {
    void window.showInformationMessage(l10n.t('There is no provider yet. Add one first.'));
    return;
  }
  const items = providers.map(
    ({ id, label, baseUrl }): ProviderItem => ({ id, label, description: id, detail: baseUrl }),
  );
  const item =
    items.find(({ id }) => id === given) ??
    (await window.showQuickPick(items, {
      title: l10n.t('Remove Provider'),
      placeHolder: l10n.t('Provider'),
      matchOnDescription: true,
    }));
  if (item === undefined) return;
  const remove = l10n.t('Remove');
  const answer = await window.showWarningMessage(
    l10n.t('Remove {0}?', item.label),
    {
      modal: true,
      detail: l10n.t(
        'Its entry in config.json and its stored key are deleted. Threads that use its models cannot go on until another model is chosen.',
      ),
    },
    remove,
  );
  if (answer !== remove) return;
  await ask('DELETE /api/providers/:id', { id: item.id });
  await vault.forget(item.id);
  window.setStatusBarMessage(`$(check) ${l10n.t('{0} is removed', item.label)}`, 5000);
}
