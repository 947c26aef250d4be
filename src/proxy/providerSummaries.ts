import type { Config } from '../config/schema.ts';
import { configuredProviders } from '../providers/configured.ts';
import { listModels } from '../providers/models.ts';
import type { ProviderSummary } from './state.ts';

/** The providers as a window shows them, each with the models that can be chosen. */
export function providerSummaries(config: Config): readonly ProviderSummary[] {
  const models = listModels(config);
  return [...configuredProviders(config).values()].map((provider) => ({
    id: provider.id,
    label: provider.label,
    adapter: provider.wire,
    authMode: provider.auth.mode,
    models: models.flatMap((listed) => (listed.provider === provider.id ? listed.model : [])),
  }));
}
