import type { ModelTraits } from '../adapters/target.ts';
import type { Config } from '../config/schema.ts';
import { configuredProviders } from './configured.ts';
import { editorProvider } from './editorProvider.ts';
import { catalogKnowledge, type Knowledge, traitsOf } from './knowledge.ts';
import type { Provider } from './provider.ts';

export interface ListedModel {
  /** `provider/model`. */
  readonly id: string;
  /** The provider's id and label. */
  readonly provider: string;
  readonly label: string;
  /** The model's name at the provider. */
  readonly model: string;
  readonly traits: ModelTraits;
}

/**
 * The models that Codex and `/v1/models` show: by provider in the order of config.json, each
 * provider's default first. Disabled models and providers that cannot be used are left out.
 */
export function listModels(
  config: Config,
  knowledge: Knowledge = catalogKnowledge,
): readonly ListedModel[] {
  const disabled = new Set(config.disabledModels);
  const found: ListedModel[] = [];
  for (const provider of [...configuredProviders(config).values(), editorProvider]) {
    if (provider.unusable !== undefined) continue;
    const chosen = config.providers[provider.id]?.models !== undefined;
    for (const model of offered(provider, chosen, knowledge.listed(provider))) {
      const id = `${provider.id}/${model}`;
      if (disabled.has(id)) continue;
      const traits = traitsOf(knowledge.facts(provider, model));
      found.push({ id, provider: provider.id, label: provider.label, model, traits });
    }
  }
  return found;
}

/**
 * What the user has named comes first and stays, whatever the live list says; of the catalog's
 * selection what is listed still.
 */
function offered(
  { defaultModel, models }: Provider,
  chosen: boolean,
  live: readonly string[] | undefined,
): ReadonlySet<string> {
  const listed = new Set(live);
  const selection =
    live === undefined || chosen ? models : models.filter((model) => listed.has(model));
  return new Set([...(defaultModel === undefined ? [] : [defaultModel]), ...selection, ...listed]);
}
