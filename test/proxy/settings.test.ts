// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to environment variables in config.json
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ProxyOptions } from '../../src/proxy/proxyOptions.ts';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { ask } from './client.ts';

async function setUp(t: TestContext, more: object = {}, options: Partial<ProxyOptions> = {}) {
  const proxy = await startProxy(testScope(t), { providers: {}, ...more }, options);
  const path = '/api/settings';
  return {
    proxy,
    config: () => JSON.parse(readFileSync(join(proxy.home, 'config.json'), 'utf8')),
    get: async () => JSON.parse((await ask(proxy, { path })).body),
    put: (input: object) => ask(proxy, { method: 'PUT', path, body: JSON.stringify(input) }),
  };
}

test('tells what is in force, and never a key', async (t) => {
  const service = { name: 'brave', apiKey: 'BSA-very-secret' };
  const { get } = await setUp(t, { webSearchSidecar: { service } });
  const found = await get();
  assert.deepEqual(found, {
    webSearch: {
      enabled: null,
      model: 'gpt-5.4-mini',
      reasoning: 'low',
      backends: ['provider', 'chatgpt', 'service'],
      maxSearchesPerTurn: 3,
      timeoutMs: 30_000,
      service: { name: 'brave', key: 'config' },
    },
    vision: { enabled: null, model: 'gpt-5.4-mini', timeoutMs: 45_000 },
  });
});

test('changes the fields that it names, and leaves the others', async (t) => {
  const service = { name: 'brave', apiKey: '${BRAVE_API_KEY}' };
  const { put, config, get } = await setUp(t, {
    webSearchSidecar: { service, model: 'gpt-6-mini', later: 1 },
  });
  const first = await put({
    webSearch: { enabled: false, maxSearchesPerTurn: 5 },
    vision: { model: 'sim/eyes' },
  });
  assert.equal(first.status, 200, first.body);
  assert.deepEqual(config().webSearchSidecar, {
    ...{ service, model: 'gpt-6-mini', later: 1, enabled: false, maxSearchesPerTurn: 5 },
  });
  assert.deepEqual(config().visionSidecar, { model: 'sim/eyes' });
  await put({ webSearch: { enabled: null, service: { name: 'brave' } } });
  assert.deepEqual(config().webSearchSidecar.service, service);
  assert.equal('enabled' in config().webSearchSidecar, false);
  assert.equal((await get()).webSearch.maxSearchesPerTurn, 5);
  // Another service does not get this one's key.
  await put({ webSearch: { service: { name: 'tavily' } } });
  assert.deepEqual(config().webSearchSidecar.service, { name: 'tavily' });
  await put({ webSearch: { service: null } });
  assert.equal('service' in config().webSearchSidecar, false);
});

test('refuses what the config would not take, and changes nothing', async (t) => {
  const { put, config } = await setUp(t);
  for (const input of [
    { webSearch: { maxSearchesPerTurn: -1 } },
    { webSearch: { backends: ['nobody'] } },
    { vision: { timeoutMs: 0 } },
    { webSearch: { service: { name: 'searxng', baseUrl: 'ftp://x' } } },
  ]) {
    assert.equal((await put(input)).status, 400, JSON.stringify(input));
  }
  assert.equal(config().webSearchSidecar, undefined);
});

test('a key goes to the secret store of a window, and without one nowhere', async (t) => {
  const { put, config } = await setUp(t);
  const refused = await put({ webSearch: { service: { name: 'exa', key: 'exa-secret-1' } } });
  assert.equal(refused.status, 409);
  assert.ok(!JSON.stringify(config()).includes('exa-secret-1'));
});
