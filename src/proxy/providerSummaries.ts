import type { Config } from '../config/schema.ts';
import type { ProviderSummary } from '../link/state.ts';
import { configuredProviders } from '../providers/configured.ts';
import type { Knowledge } from '../providers/knowledge.ts';
import { listModels } from '../providers/models.ts';
import type { Breaker } from './breaker.ts';

/** The providers as a window shows them, each with the models that can be chosen. */
export function providerSummaries(
  config: Config,
  knowledge?: Knowledge,
  breaker?: Breaker,
): readonly ProviderSummary[] {
  const models = listModels(config, knowledge);
  return [...configuredProviders(config).values()].map((provider) => {
    const outage = breaker?.outage(provider);
    return {
      id: provider.id,
      label: provider.label,
      adapter: provider.wire,
      authMode: provider.auth.mode,
      models: models.flatMap((listed) => (listed.provider === provider.id ? listed.model : [])),
      ...(outage && { outage }),
    };
  });
}
