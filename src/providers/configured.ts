import type { Config } from '../config/schema.ts';
import type { Provider } from './provider.ts';
import { resolveProvider } from './resolve.ts';

const made = new WeakMap<Config, ReadonlyMap<string, Provider>>();

/** The providers of a config by id, in its order. Made once per config, which never changes. */
export function configuredProviders(config: Config): ReadonlyMap<string, Provider> {
  let providers = made.get(config);
  if (providers === undefined) {
    providers = new Map(
      Object.entries(config.providers).map(([id, entry]) => [id, resolveProvider(id, entry)]),
    );
    made.set(config, providers);
  }
  return providers;
}
