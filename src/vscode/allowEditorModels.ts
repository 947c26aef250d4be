import { ConfigurationTarget, l10n, window, workspace } from 'vscode';
import { editorModelsAllowed } from './settings.ts';

/** Lets Codex use the editor's own models, after the user has read what that costs; or takes it back. */
export async function allowEditorModels(): Promise<void> {
  if (editorModelsAllowed()) {
    const off = l10n.t('Turn Off');
    const text = l10n.t("Codex may use VS Code's models. They are listed in Codex as vscode/…");
    if ((await window.showInformationMessage(text, off)) === off) await set(false);
    return;
  }
  const allow = l10n.t('Allow');
  const detail = l10n.t(
    'Every request of Codex then counts against the plan of the model that answers, for example your GitHub Copilot allowance. An agent makes many requests for one task and can use up a month’s allowance in a day. VS Code may ask once more for each provider. The dashboard counts what is used.',
  );
  const question = l10n.t("Allow Codex to use VS Code's models?");
  const choice = await window.showWarningMessage(question, { modal: true, detail }, allow);
  if (choice !== allow) return;
  await set(true);
  void window.showInformationMessage(
    l10n.t("Codex lists VS Code's models as vscode/… from now on."),
  );
}

async function set(enabled: boolean): Promise<void> {
  await workspace
    .getConfiguration('opencodex')
    .update('editorModels.enabled', enabled, ConfigurationTarget.Global);
}
