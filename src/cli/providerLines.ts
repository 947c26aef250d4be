import type { Environment } from '../config/home.ts';
import type { Config } from '../config/schema.ts';
import { resolveReferences } from '../credentials/envReference.ts';
import { configuredProviders } from '../providers/configured.ts';
import type { Auth, Provider } from '../providers/provider.ts';

/** The configured providers and where their credentials are; never a credential itself. */
export function providerLines(config: Config, env: Environment): readonly string[] {
  return [...configuredProviders(config).values()].flatMap((provider) => [
    `  ${provider.id}${provider.id === config.defaultProvider ? ', the default' : ''}`,
    `    ${provider.wire} at ${provider.baseUrl.replace(/[?#].*$/, '')}`,
    `    ${credential(provider, env)}`,
    ...(provider.unusable === undefined ? [] : [`    not used: ${provider.unusable}`]),
  ]);
}

function credential({ auth }: Provider, env: Environment): string {
  switch (auth.mode) {
    case 'forward':
      return 'relays the ChatGPT login of Codex';
    case 'oauth':
      return 'account login';
    case 'key':
      return keyState(auth, env);
  }
}

function keyState(auth: Extract<Auth, { mode: 'key' }>, env: Environment): string {
  if (auth.source === 'vault') return "API key in the editor's secret store";
  if (auth.apiKey === undefined || auth.apiKey === '') return 'no API key';
  const resolved = resolveReferences(auth.apiKey, env);
  if (!resolved.ok) return `API key: the environment variable ${resolved.variable} is not set here`;
  return resolved.value === auth.apiKey ? 'API key in config.json' : 'API key from the environment';
}
