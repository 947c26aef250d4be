import { ConfigNotSaved, updateConfig } from '../../config/save.ts';
import { catalogEntry } from '../../providers/catalog.ts';
import { isJsonObject } from '../../turn/json.ts';
import type { LoginDefinition } from './definitions.ts';

/**
 * Makes config.json use a login: the provider's entry is added where it is missing, and switched where
 * it has no key. Gives a sentence for the user where the login is stored but not in use.
 */
export async function useLogin(
  home: string,
  { provider, label }: LoginDefinition,
): Promise<string | undefined> {
  const known = catalogEntry(provider);
  if (known === undefined) return undefined;
  let keepsKey = false;
  try {
    await updateConfig(home, (raw) => {
      const providers = isJsonObject(raw['providers']) ? raw['providers'] : {};
      const { [provider]: entry } = providers;
      keepsKey = isJsonObject(entry) && hasKey(entry);
      if (keepsKey) return raw;
      const changed = isJsonObject(entry)
        ? { ...entry, authMode: 'oauth' }
        : { adapter: known.adapter, baseUrl: known.baseUrl, authMode: 'oauth' };
      return { ...raw, providers: { ...providers, [provider]: changed } };
    });
  } catch (thrown) {
    const reason =
      thrown instanceof ConfigNotSaved ? thrown.message : 'config.json cannot be written.';
    return `The ${label} login is stored, but not in use: ${reason} Set "authMode" of provider "${provider}" to "oauth".`;
  }
  return keepsKey
    ? `Provider "${provider}" goes on using its API key. To use the login, set its "authMode" to "oauth" in config.json.`
    : undefined;
}

function hasKey(entry: Readonly<Record<string, unknown>>): boolean {
  if (entry['authMode'] === 'oauth') return false;
  return entry['keySource'] !== undefined || (entry['apiKey'] ?? '') !== '';
}
