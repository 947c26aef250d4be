import type { Config } from '../config/schema.ts';
import type { ProviderSummary } from '../link/state.ts';
import { configuredProviders } from '../providers/configured.ts';
import type { Knowledge } from '../providers/knowledge.ts';
import { listModels } from '../providers/models.ts';
import type { Breaker } from './breaker.ts';

/**
 * The providers as a window shows them, each with the models that can be chosen. `keys` are those of
 * the secret stores, once they are known.
 */
export function providerSummaries(
  config: Config,
  knowledge?: Knowledge,
  breaker?: Breaker,
  keys?: ReadonlyMap<string, string>,
): readonly ProviderSummary[] {
  const models = listModels(config, knowledge);
  return [...configuredProviders(config).values()].map((provider) => {
    const outage = breaker?.outage(provider);
    const { auth, id } = provider;
    const kept = auth.mode === 'key' && auth.source === 'vault';
    return {
      id: provider.id,
      label: provider.label,
      adapter: provider.wire,
      authMode: provider.auth.mode,
      models: models.flatMap((listed) => (listed.provider === provider.id ? listed.model : [])),
      ...(kept && keys?.has(id) === false && { keyMissing: true }),
      ...(outage && { outage }),
    };
  });
}
