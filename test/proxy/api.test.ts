// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to environment variables in config.json
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import {
  type ApiAnswer,
  type ApiInput,
  type ApiName,
  type ApiResult,
  api,
  apiCall,
  apiResult,
} from '../../src/link/api.ts';
import { forwardProvider } from '../../src/sidecars/asker.ts';
import { type RunningProxy, startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { chatStream, eventStream, startUpstream } from '../support/upstream.ts';
import { ask, chatEntry, open, turn } from './client.ts';

interface Client {
  readonly proxy: RunningProxy;
  readonly config: () => Record<string, unknown>;
  call<K extends ApiName>(name: K, input: ApiInput<K>): Promise<ApiResult<K>>;
  value<K extends ApiName>(name: K, input: ApiInput<K>): Promise<ApiAnswer<K>>;
}

/** A proxy whose management API is asked over HTTP, as other programs do. */
async function setUp(t: TestContext, more: object = {}): Promise<Client> {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, ({ path, headers }, response) => {
    if (path === '/v1/models') {
      const good = headers.authorization === 'Bearer sim-key-0123456789';
      response.writeHead(good ? 200 : 401, { 'content-type': 'application/json' });
      response.end(good ? '{"data":[{"id":"live"}]}' : '{"error":{"message":"bad key"}}');
    } else {
      response.writeHead(200, eventStream).end(chatStream({ content: 'ok' }));
    }
  });
  const providers = {
    sim: chatEntry(upstream.url, { models: ['m'], headers: { 'x-team': 'header-secret-value' } }),
    env: { adapter: 'openai-chat', baseUrl: 'https://env.invalid/v1', apiKey: '${ENV_KEY}' },
    vault: { adapter: 'openai-chat', baseUrl: 'https://vault.invalid/v1', keySource: 'vault' },
    openai: {
      adapter: 'openai-responses',
      baseUrl: 'https://chatgpt.com/backend-api/codex',
      authMode: 'forward',
    },
    xai: { adapter: 'openai-responses', baseUrl: 'https://api.x.ai/v1', authMode: 'oauth' },
  };
  const proxy = await startProxy(scope, { providers, defaultProvider: 'sim', ...more });
  const call: Client['call'] = async (name, input) => {
    const { method, path, body } = apiCall(name, input);
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await ask(proxy, { method, path, ...sent });
    return apiResult(name, { status: answer.status, body: JSON.parse(answer.body) });
  };
  return {
    proxy,
    config: () => JSON.parse(readFileSync(join(proxy.home, 'config.json'), 'utf8')),
    call,
    value: async (name, input) => {
      const result = await call(name, input);
      if (!result.ok) throw new Error(`${name}: ${result.status} ${result.message}`);
      return result.value;
    },
  };
}

const reading: readonly ApiName[] = [
  'GET /api/state',
  'GET /api/health',
  'GET /api/providers',
  'GET /api/key-providers',
  'GET /api/oauth/providers',
  'GET /api/models',
  'GET /api/subagent-models',
  'GET /api/requests',
  'GET /api/usage',
  'GET /api/settings',
];

test('every operation is there, needs the token, and refuses what it does not understand', async (t) => {
  const { proxy } = await setUp(t);
  for (const name of Object.keys(api)) {
    const [method = '', pattern = ''] = name.split(' ');
    const path = pattern.replace(':id', 'nobody');
    const body =
      method === 'POST' || method === 'PUT'
        ? '{"keys":5,"id":5,"models":5,"disable":5,"hide":5,"webSearch":5}'
        : undefined;
    const sent = body === undefined ? {} : { body };
    const stranger = await ask(proxy, { method, path, ...sent, authorized: false });
    assert.equal(stranger.status, 401, name);
    if (method === 'POST' && /\/(stop|refresh)$/.test(path)) continue;
    const known = await ask(proxy, { method, path, ...sent });
    const { error } = JSON.parse(known.body);
    assert.ok(!/^OpenCodex has no /.test(error?.message ?? ''), `${name}: ${known.body}`);
    if (body !== undefined && !path.includes('nobody')) {
      assert.equal(known.status, 400, `${name}: ${known.body}`);
      const text = { 'content-type': 'text/plain' };
      assert.equal((await ask(proxy, { method, path, body, headers: text })).status, 415, name);
    }
  }
});

test('no answer holds a secret', async (t) => {
  const { proxy, call } = await setUp(t, {});
  proxy.proxy.setVault({ vault: 'vault-key-0123456789' });
  await turn(proxy);
  const { providers } = await (await setUp(t)).value('GET /api/providers', {});
  assert.equal(providers.length, 5);
  const texts = await Promise.all(
    reading.map(async (name) => (await ask(proxy, { path: name.slice(4) })).body),
  );
  const [request] = JSON.parse((await ask(proxy, { path: '/api/requests' })).body).requests;
  texts.push(JSON.stringify(await call('GET /api/requests/:id', { id: request.id })));
  for (const text of texts) {
    for (const secret of ['sim-key-01234', 'vault-key-0123', 'header-secret', proxy.token]) {
      assert.ok(!text.includes(secret), text.slice(0, 200));
    }
  }
});

test('what a page reads is as its schema says, and credentials are only described', async (t) => {
  const { proxy, value } = await setUp(t);
  proxy.proxy.setVault({ vault: 'vault-key-0123456789' });
  for (const name of reading) await value(name, {});
  const { providers } = await value('GET /api/providers', {});
  const credentials = Object.fromEntries(providers.map(({ id, credential }) => [id, credential]));
  assert.deepEqual(credentials, {
    sim: { kind: 'literal', lastFour: '6789' },
    env: { kind: 'environment', variable: 'ENV_KEY', set: false },
    vault: { kind: 'vault', set: true },
    openai: { kind: 'forward' },
    xai: { kind: 'login', set: false },
  });
  const sim = providers.find(({ id }) => id === 'sim');
  assert.deepEqual(sim?.headers, ['x-team']);
  assert.equal(sim?.isDefault, true);
});

test('requests are listed, told in detail, counted and cleared', async (t) => {
  const { proxy, value, call } = await setUp(t);
  await turn(proxy);
  const page = await value('GET /api/requests', {});
  assert.equal(page.requests.length, 1);
  const [{ id } = { id: '' }] = page.requests;
  assert.equal((await value('GET /api/requests/:id', { id })).model, 'sim/m');
  assert.deepEqual((await value('GET /api/requests', { since: page.cursor })).requests, []);
  const { rows, days } = await value('GET /api/usage', { days: 7 });
  assert.equal(days.length, 7);
  assert.deepEqual(
    rows.map(({ model, requests, failures }) => [model, requests, failures]),
    [['sim/m', 1, 0]],
  );
  assert.equal((await value('GET /api/state', {})).last24Hours.requests, 1);
  await value('DELETE /api/requests', {});
  assert.deepEqual((await value('GET /api/requests', {})).requests, []);
  assert.equal((await call('GET /api/requests/:id', { id })).ok, false);
  assert.equal((await value('GET /api/usage', {})).rows.length, 1, 'totals stay');
  assert.equal((await call('GET /api/usage', { days: 0 })).ok, false);
});

test('a provider is tried, added, changed, made the default and removed', async (t) => {
  const { value, call, config } = await setUp(t);
  const { providers } = await value('GET /api/providers', {});
  const baseUrl = providers.find(({ id }) => id === 'sim')?.baseUrl ?? '';
  const entry = { baseUrl, adapter: 'openai-chat' };
  const before = JSON.stringify(config());
  const good = { id: 'mine', entry, key: 'sim-key-0123456789' };
  assert.equal((await value('POST /api/providers/check', good)).result, 'valid');
  const bad = await value('POST /api/providers/check', { ...good, key: 'bad-key-0123456789' });
  assert.equal(bad.result, 'refused');
  assert.ok(!bad.message.includes('bad-key-0123456789'));
  assert.equal(JSON.stringify(config()), before, 'nothing is stored by a check');
  const added = { ...good, entry: { ...entry, label: 'Mine', keySource: 'vault' } };
  const { key: _key, ...withoutKey } = added;
  assert.deepEqual(await value('POST /api/providers', withoutKey), { id: 'mine' });
  await value('PUT /api/providers/:id', { id: 'mine', entry: { label: null, models: ['x'] } });
  await value('PUT /api/default-provider', { id: 'mine' });
  const known = (await value('GET /api/providers', {})).providers.find(({ id }) => id === 'mine');
  assert.equal(known?.isDefault, true);
  assert.equal(known?.label, 'mine');
  assert.deepEqual(known?.credential, { kind: 'vault', set: false });
  assert.equal((await value('POST /api/providers/:id/test', { id: 'sim' })).result, 'valid');
  await value('DELETE /api/providers/:id', { id: 'mine' });
  assert.equal((await call('DELETE /api/providers/:id', { id: 'mine' })).ok, false);
  const wrong = await call('PUT /api/providers/:id', { id: 'sim', entry: { adapter: 'telnet' } });
  assert.ok(!wrong.ok && wrong.status === 400 && /adapter/.test(wrong.message));
  const nameless = await call('POST /api/providers', {
    id: 'a/b',
    entry: { ...entry, apiKey: 'x' },
  });
  assert.ok(!nameless.ok && nameless.status === 400);
  assert.deepEqual(Object.keys(Object(config()['providers'])).sort(), [
    'env',
    'openai',
    'sim',
    'vault',
    'xai',
  ]);
});

test('a provider is switched off: kept, hidden, refused, and on again', async (t) => {
  const { proxy, value, config } = await setUp(t);
  const standing = async () =>
    (await value('GET /api/providers', {})).providers.find(({ id }) => id === 'sim');
  assert.equal((await standing())?.enabled, true);
  await value('PUT /api/providers/:id', { id: 'sim', entry: { enabled: false } });
  assert.equal((await standing())?.enabled, false);
  const { models } = await value('GET /api/models', {});
  assert.ok(!models.some(({ provider }) => provider === 'sim'));
  const path = '/v1/responses';
  const body = JSON.stringify({ model: 'sim/m', input: 'Hello', stream: true });
  const refused = await ask(proxy, { method: 'POST', path, body });
  assert.equal(refused.status, 400);
  assert.match(refused.body, /it is switched off\. Switch it on in the dashboard/);
  await value('PUT /api/providers/:id', { id: 'sim', entry: { enabled: null } });
  assert.equal((await standing())?.enabled, true);
  assert.ok(!('enabled' in Object(Object(config()['providers'])['sim'])));
});

test('a ChatGPT login goes nowhere while the provider that relays it is switched off', async (t) => {
  const { proxy, value } = await setUp(t);
  await value('PUT /api/providers/:id', { id: 'openai', entry: { enabled: false } });
  const path = '/v1/images/generations';
  const refused = await ask(proxy, { method: 'POST', path, body: '{}' });
  assert.equal(refused.status, 400);
  assert.match(refused.body, /no provider of config\.json uses it/);
  const loaded = await loadConfig(proxy.home);
  assert.ok(loaded.ok);
  assert.equal(forwardProvider(loaded.config), undefined, 'sidecars do not use it either');
});

test('models are chosen, switched off and on, and asked for anew', async (t) => {
  const { value, config } = await setUp(t);
  await value('PUT /api/current-model', { model: 'sim/m' });
  const { lists } = await value('POST /api/models/refresh', { provider: 'sim' });
  assert.deepEqual(lists, [{ provider: 'sim', models: 1 }]);
  await value('PUT /api/disabled-models', { disable: ['sim/live', 'sim/m'] });
  await value('PUT /api/disabled-models', { enable: ['sim/m'] });
  const { models } = await value('GET /api/models', {});
  const sim = models.filter(({ provider }) => provider === 'sim');
  assert.deepEqual(
    sim.map(({ id, enabled, current }) => [id, enabled, current]),
    [
      ['sim/m', true, true],
      ['sim/live', false, false],
    ],
  );
  await value('PUT /api/chat-models', { hide: ['sim/m', 'sim/live'] });
  await value('PUT /api/chat-models', { show: ['sim/m'] });
  const inChat = (await value('GET /api/models', {})).models;
  assert.deepEqual(
    inChat.flatMap(({ id, chatHidden }) => (chatHidden ? id : [])),
    ['sim/live'],
  );
  await value('PUT /api/current-model', { model: null });
  assert.equal(config()['currentModel'], undefined);
  await value('PUT /api/subagent-models', { models: ['sim/m'] });
  assert.deepEqual((await value('GET /api/subagent-models', {})).chosen, ['sim/m']);
  await value('PUT /api/subagent-models', { models: [] });
  assert.deepEqual((await value('GET /api/subagent-models', {})).effective, []);
  await value('PUT /api/subagent-models', { models: null });
  assert.equal((await value('GET /api/subagent-models', {})).chosen, undefined);
});

test('an account login needs the notice, and who was not asked for is not known', async (t) => {
  const { value, call } = await setUp(t);
  const { providers } = await value('GET /api/oauth/providers', {});
  assert.deepEqual(providers.map(({ id }) => id).sort(), ['anthropic', 'kimi', 'xai']);
  assert.match(providers.find(({ id }) => id === 'anthropic')?.forbidden ?? '', /terms/);
  const unread = await call('POST /api/oauth/login', { provider: 'xai', acceptedNotice: -1 });
  assert.ok(!unread.ok && unread.status === 409 && /notice/.test(unread.message));
  const off = await call('POST /api/oauth/login', { provider: 'anthropic', acceptedNotice: 1 });
  assert.ok(!off.ok && /terms/.test(off.message));
  assert.equal((await call('GET /api/oauth/status', { provider: 'xai' })).ok, false);
  assert.equal((await call('GET /api/oauth/status', { provider: 'nobody' })).ok, false);
  assert.match((await value('POST /api/oauth/logout', { provider: 'xai' })).message, /nobody/);
});

test('who listens hears what happens, and that the proxy ends', async (t) => {
  const { proxy, value } = await setUp(t);
  const events = await open(proxy, { path: '/api/events' });
  await events.has('"state"');
  await value('PUT /api/current-model', { model: 'sim/m' });
  await events.has('{"type":"changed","what":"config"}');
  await turn(proxy);
  await events.has('"served":1');
  await events.has('{"type":"changed","what":"requests"}');
  const stopped = proxy.proxy.stop(0);
  assert.equal(await events.ended, true);
  await stopped;
});

test('a config that cannot be saved is a refusal with its reason', async (t) => {
  const { proxy, call } = await setUp(t);
  const { writeFileSync } = await import('node:fs');
  writeFileSync(join(proxy.home, 'config.json'), '{');
  const refused = await call('PUT /api/current-model', { model: 'sim/m' });
  assert.ok(!refused.ok && refused.status === 400 && /line 1/.test(refused.message));
  await until('the error', async () => proxy.proxy.snapshot().configError !== undefined);
});
