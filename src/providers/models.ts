import type { ModelTraits } from '../adapters/target.ts';
import type { Config } from '../config/schema.ts';
import { configuredProviders } from './configured.ts';
import { targetOf } from './resolve.ts';

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
export function listModels(config: Config): readonly ListedModel[] {
  const disabled = new Set(config.disabledModels);
  const found: ListedModel[] = [];
  for (const provider of configuredProviders(config).values()) {
    if (provider.unusable !== undefined) continue;
    const { defaultModel, models } = provider;
    for (const model of new Set(defaultModel === undefined ? models : [defaultModel, ...models])) {
      const id = `${provider.id}/${model}`;
      if (disabled.has(id)) continue;
      const { traits } = targetOf({ provider, model });
      found.push({ id, provider: provider.id, label: provider.label, model, traits });
    }
  }
  return found;
}
