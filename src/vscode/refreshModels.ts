import { l10n, ProgressLocation, window } from 'vscode';
import type { Parts } from './parts.ts';

/** Asks every provider for its models now. */
export async function refreshModels({ ask, dashboard }: Parts): Promise<void> {
  const { lists } = await window.withProgress(
    { location: ProgressLocation.Window, title: l10n.t('Refreshing models') },
    () => ask('POST /api/models/refresh', {}),
  );
  const failed = lists.filter(({ error }) => error !== undefined);
  const models = lists.reduce((sum, list) => sum + list.models, 0);
  if (failed.length === 0) {
    window.setStatusBarMessage(`$(check) ${l10n.t('{0} models', models)}`, 5000);
    return;
  }
  const open = l10n.t('Open Dashboard');
  // Each names its provider.
  const reasons = failed.map(({ error }) => error).join(' ');
  if ((await window.showWarningMessage(reasons, open)) === open) dashboard.open('models');
}
