import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Provider } from '../../src/providers/provider.ts';
import { gate, until } from '../support/until.ts';
import { FakeWeb, ids, mine, provider } from './fakeLists.ts';

/** Whatever was to be asked in the background has been asked. */
const started = () => new Promise((resolve) => setImmediate(resolve));

const url = 'http://llm.corp.test/v1/models';
const ttlMs = 300_000;
const patient = { ttlMs, patienceMs: 60_000 };

test('a list is asked for with the key, and kept for its time', async () => {
  const web = new FakeWeb().at(url, ids('a', 'b'));
  const live = web.live();
  assert.equal(live.listing(mine), undefined);
  await live.refresh([mine], patient);
  assert.deepEqual([...(live.listing(mine)?.keys() ?? [])], ['a', 'b']);
  assert.equal(web.asked[0]?.headers?.['authorization'], 'Bearer key-of-mine');
  web.now = ttlMs - 1;
  await live.refresh([mine], patient);
  await started();
  assert.equal(web.asked.length, 1);
  web.now = ttlMs;
  await live.refresh([mine], patient);
  await until('the second request', () => web.asked.length === 2);
});

test('many who ask at once are one request', async () => {
  const web = new FakeWeb();
  const opened = gate();
  web.on(url, async () => {
    await opened.opened;
    return { ok: true, status: 200, headers: {}, body: JSON.stringify(ids('a')) };
  });
  const live = web.live();
  const all = Promise.all([
    live.refresh([mine], patient),
    live.refresh([mine], patient),
    live.ask(mine),
  ]);
  opened.open();
  await all;
  assert.equal(web.asked.length, 1);
  assert.deepEqual([...(live.listing(mine)?.keys() ?? [])], ['a']);
});

test('nobody waits for a list that was there before, nor longer than said for a first one', async () => {
  const web = new FakeWeb();
  const never = gate();
  web.on(url, async () => {
    await never.opened;
    return { ok: true, status: 200, headers: {}, body: '{}' };
  });
  const live = web.live();
  await live.refresh([mine], { ttlMs, patienceMs: 1 });
  assert.equal(live.listing(mine), undefined);

  const known = new FakeWeb().at(url, ids('a'));
  const second = known.live();
  await second.refresh([mine], patient);
  known.on(url, async () => {
    await never.opened;
    return { ok: true, status: 200, headers: {}, body: '{}' };
  });
  known.now = ttlMs;
  await second.refresh([mine], patient);
  await until('the second request', () => known.asked.length === 2);
  assert.deepEqual([...(second.listing(mine)?.keys() ?? [])], ['a']);
  never.open();
});

const failures: Readonly<Record<string, (web: FakeWeb) => unknown>> = {
  'a refused key': (web) => web.at(url, { error: 'key-of-mine is wrong' }, 401),
  'a redirect': (web) => web.at(url, '', 302),
  'a web page': (web) => web.at(url, '<html>'),
  'something else in JSON': (web) => web.at(url, { hello: 'key-of-mine' }),
  'no connection': (web) =>
    web.on(url, () => ({ ok: false, kind: 'unreachable', sent: false, message: 'is down.' })),
  'a list that is far too large': (web) =>
    web.on(url, () => ({ ok: false, kind: 'too_large', sent: true, message: 'is too large.' })),
  'a fault of ours': (web) => web.on(url, () => Promise.reject(new Error('oops'))),
};

for (const [kind, fail] of Object.entries(failures)) {
  test(`the old list stays after ${kind}, and the problem is told without the key`, async () => {
    const web = new FakeWeb().at(url, ids('a'));
    const live = web.live();
    await live.refresh([mine], patient);
    const { version } = live;
    fail(web);
    const answer = await live.ask(mine);
    assert.ok(!answer.ok);
    assert.match(answer.message, /^mine: .{5}/);
    assert.doesNotMatch(answer.message, /key-of-mine/);
    assert.equal(live.problem(mine), answer.message);
    assert.deepEqual([...(live.listing(mine)?.keys() ?? [])], ['a']);
    assert.equal(live.version, version);
  });
}

test('a redirect is named, and not followed', async () => {
  const web = new FakeWeb().on(url, () => ({
    ok: true,
    status: 307,
    headers: { location: 'http://evil.test/' },
    body: '',
  }));
  const answer = await web.live().ask(mine);
  assert.ok(!answer.ok);
  assert.match(answer.message, /redirects are not followed/);
  assert.deepEqual(web.urls, [url]);
});

test('after a failure it is tried again sooner than a good list, but not at once', async () => {
  const web = new FakeWeb();
  const live = web.live();
  await live.refresh([mine], patient);
  web.now = 29_999;
  await live.refresh([mine], patient);
  await started();
  assert.equal(web.asked.length, 1);
  web.now = 30_000;
  await live.refresh([mine], patient);
  await until('the second request', () => web.asked.length === 2);
});

test('a key that has changed is reason enough to try again', async () => {
  const web = new FakeWeb();
  const live = web.live();
  await live.refresh([mine], patient);
  live.retry('mine');
  await live.refresh([mine], patient);
  await until('the second request', () => web.asked.length === 2);
});

test('what the old key gets to hear late does not count for the new one', async () => {
  const web = new FakeWeb();
  const late = gate();
  web.on(url, async () => {
    if (web.asked.length === 1) {
      await late.opened;
      return { ok: true, status: 401, headers: {}, body: '{}' };
    }
    return { ok: true, status: 200, headers: {}, body: JSON.stringify(ids('a')) };
  });
  const live = web.live();
  const old = live.ask(mine);
  await until('the first request', () => web.asked.length === 1);
  live.retry('mine');
  await live.refresh([mine], patient);
  late.open();
  assert.equal((await old).ok, false);
  assert.equal(live.problem(mine), undefined);
  assert.deepEqual([...(live.listing(mine)?.keys() ?? [])], ['a']);
});

test('another address or key is another list', async () => {
  const web = new FakeWeb().at(url, ids('a'));
  const live = web.live();
  await live.refresh([mine], patient);
  const moved = provider('mine', { baseUrl: 'http://llm.corp.test/v1', apiKey: 'another' });
  assert.equal(live.listing(moved), undefined);
  await live.refresh([moved], patient);
  assert.equal(web.asked[1]?.headers?.['authorization'], 'Bearer another');
});

test('the version and the listeners follow what is listed, not how often it is asked for', async () => {
  const web = new FakeWeb().at(url, ids('a'));
  const live = web.live();
  let heard = 0;
  const listening = live.onChange(() => {
    heard += 1;
  });
  await live.ask(mine);
  await live.ask(mine);
  assert.deepEqual([live.version, heard], [1, 1]);
  web.at(url, { data: [{ id: 'a', context_length: 4096 }] });
  await live.ask(mine);
  assert.deepEqual([live.version, heard], [2, 2]);
  listening.dispose();
  web.at(url, ids('b'));
  await live.ask(mine);
  assert.deepEqual([live.version, heard], [3, 2]);
});

test('turns only renew what was asked for before', async () => {
  const web = new FakeWeb().at(url, ids('a'));
  const live = web.live();
  live.renew([mine], ttlMs);
  await live.refresh([], patient);
  assert.equal(web.asked.length, 0);
  await live.ask(mine);
  live.renew([mine], ttlMs);
  assert.equal(web.asked.length, 1);
  web.at(url, ids('b'));
  web.now = ttlMs;
  const heard = Promise.withResolvers<void>();
  live.onChange(() => heard.resolve());
  live.renew([mine], ttlMs);
  await heard.promise;
  assert.deepEqual([...(live.listing(mine)?.keys() ?? [])], ['b']);
});

const at = (id: string, baseUrl: string, fields: object = {}) =>
  provider(id, { baseUrl, ...fields });

test('a list that is open to everybody is asked for without the key', async () => {
  const list = 'https://openrouter.ai/api/v1/models';
  const web = new FakeWeb().at(list, ids('v/a'));
  const live = web.live();
  for (const apiKey of ['secret-key', undefined]) {
    const openrouter = at('openrouter', 'https://openrouter.ai/api/v1', apiKey ? { apiKey } : {});
    assert.ok((await live.ask(openrouter)).ok);
  }
  assert.equal(web.asked.length, 2);
  assert.doesNotMatch(JSON.stringify(web.asked), /secret-key/);
});

test('one that needs a key is not asked for without', async () => {
  const web = new FakeWeb();
  const answer = await web.live().ask(at('deepseek', 'https://api.deepseek.com'));
  assert.ok(!answer.ok);
  assert.match(answer.message, /DeepSeek: without an API key/);
  assert.equal(web.asked.length, 0);
});

test('what the address forbids, an open list does not allow', async () => {
  const web = new FakeWeb();
  const message = 'never sent there';
  const live = web.live({
    credentials: () => ({ ok: false, error: { kind: 'rejected', message } }),
  });
  const answer = await live.ask(at('openrouter', 'http://169.254.169.254/v1'));
  assert.deepEqual(answer, { ok: false, message });
  assert.equal(web.asked.length, 0);
});

const addresses: readonly (readonly [Provider, string | undefined])[] = [
  [at('a', 'https://llm.corp.test'), 'https://llm.corp.test/models'],
  [
    at('anthropic', 'https://api.anthropic.com', { adapter: 'anthropic', apiKey: 'k' }),
    'https://api.anthropic.com/v1/models?limit=1000',
  ],
  [
    at('anthropic', 'https://api.anthropic.com/v1', { adapter: 'anthropic', apiKey: 'k' }),
    'https://api.anthropic.com/v1/models?limit=1000',
  ],
  [
    at('g', 'https://generativelanguage.googleapis.com', { adapter: 'google', apiKey: 'k' }),
    'https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000',
  ],
  [at('lm-studio', 'http://localhost:1234/v1'), 'http://localhost:1234/api/v0/models'],
  [
    at('c', 'http://claude.corp.test', { adapter: 'anthropic' }),
    'http://claude.corp.test/v1/models',
  ],
  [at('az', 'https://me.openai.azure.com/openai/v1', { adapter: 'azure', apiKey: 'k' }), undefined],
  [
    at('cloudflare-ai-gateway', 'https://gateway.ai.cloudflare.com/v1/a/b/anthropic', {
      adapter: 'anthropic',
      apiKey: 'k',
    }),
    undefined,
  ],
];

for (const [of, expected] of addresses) {
  test(`the list of ${of.baseUrl} (${of.wire}) is at ${expected ?? 'no address'}`, async () => {
    const web = new FakeWeb();
    await web.live().ask(of);
    assert.deepEqual(web.urls, expected === undefined ? [] : [expected]);
    if (of.wire === 'anthropic' && expected !== undefined) {
      assert.equal(web.asked[0]?.headers?.['anthropic-version'], '2023-06-01');
    }
  });
}

test('an exchanged token is used where it is good', async () => {
  const web = new FakeWeb();
  const live = web.live({
    credentials: () => ({ ok: true, headers: {}, baseUrl: 'https://elsewhere.test' }),
  });
  await live.ask(at('a', 'https://llm.corp.test'));
  assert.deepEqual(web.urls, ['https://llm.corp.test/models']);
  await live.ask(at('github-copilot', 'https://api.githubcopilot.com', { apiKey: 'k' }));
  assert.equal(web.urls[1], 'https://elsewhere.test/models');
});

const chatgpt = at('openai', 'https://chatgpt.com/backend-api/codex', {
  adapter: 'openai-responses',
  authMode: 'forward',
});

test('the ChatGPT login comes with a request of Codex’s, or the list is not asked for', async () => {
  const list = 'https://chatgpt.com/backend-api/codex/models?client_version=0.169.0';
  const web = new FakeWeb().at(list, { models: [{ slug: 'gpt-9', visibility: 'list' }] });
  const live = web.live({
    credentials: (_, { headers }) => ({
      ok: true,
      headers: { authorization: String(headers?.['authorization']) },
    }),
  });
  await live.refresh([chatgpt], patient);
  await live.refresh([chatgpt], { ...patient, asker: { headers: { authorization: 'Bearer me' } } });
  assert.equal(web.asked.length, 0);
  const asker = { headers: { authorization: 'Bearer me' }, clientVersion: '0.169.0' };
  await live.refresh([chatgpt], { ...patient, asker });
  assert.deepEqual(web.urls, [list]);
  assert.equal(web.asked[0]?.headers?.['authorization'], 'Bearer me');
  assert.deepEqual([...(live.listing(chatgpt)?.keys() ?? [])], ['gpt-9']);
});

test('a provider that cannot be used is not asked', async () => {
  const web = new FakeWeb();
  const live = web.live();
  const portal = at('qwen-portal', 'https://portal.qwen.ai/v1', { apiKey: 'k' });
  await live.refresh([portal], patient);
  const answer = await live.ask(portal);
  assert.ok(!answer.ok);
  assert.match(answer.message, /ended/);
  assert.equal(web.asked.length, 0);
});

test('llama.cpp: the window of a slot counts', async () => {
  const web = new FakeWeb()
    .at('http://localhost:8080/v1/models', { data: [{ id: 'm', meta: { n_ctx_train: 131_072 } }] })
    .at('http://localhost:8080/props', {
      default_generation_settings: { n_ctx: 16_384 },
      modalities: { vision: true },
    });
  const live = web.live();
  const llama = at('llama-cpp', 'http://localhost:8080/v1', { apiKey: 'mine' });
  await live.ask(llama);
  assert.deepEqual(live.facts(llama, 'm'), { contextWindow: 16_384, vision: true });
  assert.equal(web.asked[1]?.headers?.['authorization'], 'Bearer mine');
});

test('Ollama: loaded before chosen before trained, abilities, and no models for embeddings', async () => {
  const host = 'http://localhost:11434';
  const show = (model: string, answer: object) =>
    web.at(`${host}/api/show ${JSON.stringify({ model })}`, answer);
  const web = new FakeWeb()
    .at(`${host}/v1/models`, ids('loaded:7b', 'chosen', 'trained', 'vectors', 'silent'))
    .at(`${host}/api/ps`, { models: [{ name: 'loaded:7b', context_length: 8192 }] });
  show('loaded:7b', {
    capabilities: ['completion', 'tools', 'vision'],
    model_info: { 'q.context_length': 262_144 },
  });
  show('chosen', {
    capabilities: ['completion', 'thinking'],
    parameters: 'temperature 1\nnum_ctx                        32768',
    model_info: { 'q.context_length': 262_144 },
  });
  show('trained', { model_info: { 'general.architecture': 'q', 'q.context_length': 131_072 } });
  show('vectors', { capabilities: ['embedding'] });
  const live = web.live();
  const ollama = at('ollama', `${host}/v1`);
  assert.ok((await live.ask(ollama)).ok);
  assert.deepEqual(Object.fromEntries(live.listing(ollama) ?? []), {
    'loaded:7b': { contextWindow: 8192, vision: true, tools: true, reasoning: false },
    chosen: { contextWindow: 32_768, vision: false, tools: false, reasoning: true },
    trained: { contextWindow: 131_072 },
    silent: {},
  });
});

test('once it is over, nothing changes any more', async () => {
  const web = new FakeWeb().at(url, ids('a'));
  const live = web.live();
  live.dispose();
  await live.ask(mine);
  assert.equal(live.listing(mine), undefined);
  assert.equal(web.asked[0]?.signal?.aborted, true);
});

test('the lists of 200 providers are kept, those that were asked last', async () => {
  const web = new FakeWeb().at(url, ids('a'));
  const live = web.live();
  const all = Array.from({ length: 201 }, (_none, i) =>
    provider(`p${i}`, { baseUrl: 'http://llm.corp.test/v1', apiKey: 'key-of-mine' }),
  );
  await live.refresh(all, patient);
  assert.deepEqual(
    all.filter((one) => live.listing(one) === undefined).map(({ id }) => id),
    ['p0'],
  );
});
