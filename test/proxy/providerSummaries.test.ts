import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Config, defaultConfig } from '../../src/config/schema.ts';
import { providerSummaries } from '../../src/proxy/providerSummaries.ts';

test('a window offers the default model and the listed ones, but none that is switched off', () => {
  const config: Config = {
    ...defaultConfig,
    providers: {
      acme: {
        adapter: 'openai-chat',
        authMode: 'key',
        baseUrl: 'https://acme.test/v1',
        defaultModel: 'best',
        models: ['fast', 'best', 'old'],
      },
    },
    disabledModels: ['acme/old'],
  };
  assert.deepEqual(providerSummaries(config), [
    {
      id: 'acme',
      label: 'acme',
      adapter: 'openai-chat',
      authMode: 'key',
      models: ['best', 'fast'],
    },
  ]);
});

test('a key that should be in a secret store, and is not, is missing', () => {
  const entry = { adapter: 'openai-chat', authMode: 'key', baseUrl: 'https://a.test/v1' } as const;
  const config: Config = {
    ...defaultConfig,
    providers: { kept: { ...entry, keySource: 'vault' }, free: entry },
  };
  const missing = (keys: ReadonlyMap<string, string>) =>
    providerSummaries(config, undefined, undefined, keys)
      .filter(({ keyMissing }) => keyMissing)
      .map(({ id }) => id);
  assert.deepEqual(missing(new Map()), ['kept']);
  assert.deepEqual(missing(new Map([['kept', 'key-0123456789']])), []);
});
