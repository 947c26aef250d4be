import type { Config } from '../config/schema.ts';
import { configuredProviders } from '../providers/configured.ts';
import { isOpenAi } from '../providers/origin.ts';
import type { Provider } from '../providers/provider.ts';
import type { JsonObject } from '../turn/turn.ts';
import type { NativeModel } from './installedModels.ts';

/** A model of Codex's own, as it is reached through the proxy. */
export interface RoutedNative {
  /** `provider/model`. */
  readonly id: string;
  readonly entry: JsonObject;
}

/**
 * Codex's own models, by its priority, as far as a provider of the config has them: the one that
 * relays Codex's login, else one with a key for OpenAI. Where there is neither, there are none.
 */
export function routedNatives(
  natives: readonly NativeModel[],
  config: Config,
): readonly RoutedNative[] {
  const candidates = [...configuredProviders(config).values()].filter(servesNatives);
  const provider = candidates.find(({ auth }) => auth.mode === 'forward') ?? candidates[0];
  if (provider === undefined) return [];
  const wanted = config.providers[provider.id]?.models;
  return natives
    .filter(({ slug }) => wanted === undefined || wanted.includes(slug))
    .map(({ slug, entry }) => ({ id: `${provider.id}/${slug}`, entry }))
    .filter(({ id }) => !config.disabledModels.includes(id));
}

function servesNatives({ wire, passthrough, baseUrl, unusable }: Provider): boolean {
  return wire === 'openai-responses' && passthrough && unusable === undefined && isOpenAi(baseUrl);
}
