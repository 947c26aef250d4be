import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { testProvider } from '../credentials/testProvider.ts';
import { keyWarnings } from '../providers/addProvider.ts';
import { configuredProviders } from '../providers/configured.ts';
import type { KeyVerdict } from '../providers/keyCheck.ts';
import type { Provider } from '../providers/provider.ts';
import { CommandFailure, type Terminal } from './terminal.ts';

/** The config of this user, or its problem as the command's failure. */
export async function configAt(home: string): Promise<Config> {
  const loaded = await loadConfig(home);
  if (!loaded.ok) throw new CommandFailure(loaded.error.message);
  return loaded.config;
}

export function configuredProvider(config: Config, id: string): Provider {
  const provider = configuredProviders(config).get(id);
  if (provider !== undefined) return provider;
  const known = Object.keys(config.providers).join(', ');
  throw new CommandFailure(
    `there is no provider "${id}" in config.json. ${known === '' ? 'It has none' : `It has ${known}`}.`,
  );
}

/** Asks the provider about its key, and says what a user should know before it is stored. */
export async function checked(provider: Provider, terminal: Terminal): Promise<KeyVerdict> {
  const { env, version } = terminal;
  const call = await terminal.webCall();
  const { verdict, key } = await testProvider(provider, { env, version, vault: new Map() }, call);
  for (const warning of keyWarnings(provider, key)) terminal.note(`Warning: ${warning}`);
  return verdict;
}

/** Nothing that was refused is stored; what could not be checked is, and that is said. */
export function storable(verdict: KeyVerdict, provider: Provider, terminal: Terminal): void {
  switch (verdict.kind) {
    case 'valid':
      terminal.print(valid(provider));
      return;
    case 'refused':
      throw new CommandFailure(`${verdict.reason} Nothing was stored.`);
    case 'unchecked':
      if (verdict.betterBaseUrl !== undefined) {
        throw new CommandFailure(`${verdict.reason} Nothing was stored.`);
      }
      terminal.print(`Could not be checked, and is stored all the same. ${verdict.reason}`);
  }
}

export function valid(provider: Provider): string {
  const { auth, label } = provider;
  return auth.mode === 'key' && auth.apiKey !== undefined && auth.apiKey !== ''
    ? `${label}: the key is good.`
    : `${label} answers.`;
}
