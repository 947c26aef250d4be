import { l10n, type QuickPick, type QuickPickItem, QuickPickItemKind, window } from 'vscode';
import { updateConfig } from '../config/save.ts';
import type { ProviderSummary } from '../link/state.ts';
import type { Parts } from './parts.ts';

export interface ModelItem extends QuickPickItem {
  /** `provider/model`; separators have none. */
  readonly model?: string;
}

/** Lets the user pick the model that Codex's `opencodex/current` stands for. */
export async function switchModel({ home, model: { state } }: Parts): Promise<void> {
  const current = state.snapshot?.currentModel;
  const items = modelItems(state.snapshot?.providers ?? [], current);

  const picker = window.createQuickPick<ModelItem>();
  picker.title = l10n.t('Switch Model');
  picker.placeholder = l10n.t('Model, or type an id as provider/model');
  picker.prompt = l10n.t('Applies to the next request; running ones keep their model.');
  picker.matchOnDescription = true;
  picker.items = items;
  picker.onDidChangeValue((value) => {
    picker.items = withTyped(items, value);
  });
  const model = await picked(picker);
  if (model === undefined || model === current) return;
  await updateConfig(home, (raw) => ({ ...raw, currentModel: model }));
}

/** The current model first, then every provider's under its name. */
export function modelItems(
  providers: readonly ProviderSummary[],
  current: string | undefined,
): readonly ModelItem[] {
  const items: ModelItem[] = [];
  if (current !== undefined) {
    const name = current.slice(current.indexOf('/') + 1);
    items.push({ label: l10n.t('current'), kind: QuickPickItemKind.Separator });
    items.push({ label: `$(check) ${name}`, description: current, model: current });
  }
  for (const { id, label, models } of providers) {
    const others = models.filter((model) => `${id}/${model}` !== current);
    if (others.length > 0) items.push({ label, kind: QuickPickItemKind.Separator });
    for (const model of others) {
      // The id is what the search matches, so that a provider's name finds its models.
      items.push({ label: model, description: `${id}/${model}`, model: `${id}/${model}` });
    }
  }
  return items;
}

/** An id that no list knows can be used too: providers have new models every week. */
export function withTyped(items: readonly ModelItem[], value: string): readonly ModelItem[] {
  const id = value.trim();
  if (!/^[^/\s]+\/\S+$/.test(id) || items.some(({ model }) => model === id)) return items;
  return [...items, { label: l10n.t('Use “{0}”', id), alwaysShow: true, model: id }];
}

function picked(picker: QuickPick<ModelItem>): Promise<string | undefined> {
  return new Promise((resolve) => {
    picker.onDidAccept(() => {
      resolve(picker.selectedItems[0]?.model);
      picker.hide();
    });
    picker.onDidHide(() => {
      resolve(undefined);
      picker.dispose();
    });
    picker.show();
  });
}
