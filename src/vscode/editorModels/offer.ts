import { type LanguageModelChat, lm } from 'vscode';
import type { EditorModel } from '../../link/api/editorModelsApi.ts';
import { chatVendor } from '../chat/vendor.ts';

/** A model of the editor by the name that follows `vscode/`. */
export type NamedModels = ReadonlyMap<string, LanguageModelChat>;

/** The models of the editor that Codex can use. Our own are not among them: that would be a circle. */
export async function namedModels(): Promise<NamedModels> {
  const all = (await lm.selectChatModels({})).filter(isUsable);
  const named = new Map<string, LanguageModelChat>();
  for (const model of all) {
    const { id, vendor } = model;
    const shared = all.some((other) => other.id === id && other.vendor !== vendor);
    const name = shared ? `${vendor}/${id}` : id;
    if (/^[^\s\p{C}]{1,200}$/u.test(name) && !named.has(name)) named.set(name, model);
  }
  return named;
}

/** A choice between models is no model. */
function isUsable({ vendor, id }: LanguageModelChat): boolean {
  return vendor !== chatVendor && id !== 'auto';
}

/** What the proxy is told of them. */
export function offered(models: NamedModels): readonly EditorModel[] {
  return [...models].map(([name, { name: label, maxInputTokens }]) => ({
    name,
    label,
    ...(maxInputTokens > 0 ? { contextWindow: maxInputTokens } : {}),
  }));
}
