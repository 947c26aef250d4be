import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { writeConfig } from '../support/configFile.ts';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { gate, until } from '../support/until.ts';
import { chatStream, eventStream, startUpstream } from '../support/upstream.ts';
import { ask, chatEntry, turn } from './client.ts';

/** A proxy in front of a provider whose list the test can change. */
async function setUp(t: TestContext, fields: object = {}, more: object = {}) {
  const scope = testScope(t);
  const state: { models: readonly object[]; status: number; held: Promise<void> | undefined } = {
    models: [{ id: 'live-1', context_length: 64_000 }],
    status: 200,
    held: undefined,
  };
  const upstream = await startUpstream(scope, async (request, response) => {
    if (request.method === 'GET') {
      await state.held;
      response.writeHead(state.status).end(JSON.stringify({ data: state.models }));
    } else {
      response.writeHead(200, eventStream).end(chatStream({ content: 'hello' }));
    }
  });
  const config = (ttlMs = 300_000) => ({
    modelCacheTtlMs: ttlMs,
    providers: { sim: { ...chatEntry(upstream.url), ...fields }, ...more },
  });
  const proxy = await startProxy(scope, config());
  const list = async (): Promise<readonly string[]> => {
    const { data } = JSON.parse((await ask(proxy)).body);
    return data.map((model: { id: string }) => model.id);
  };
  const catalog = async () => {
    const answer = await ask(proxy, { path: '/v1/codex/models' });
    const models: readonly Record<string, unknown>[] = JSON.parse(answer.body).models;
    return { etag: answer.headers['etag'], models };
  };
  const listsAsked = () => upstream.requests.filter(({ method }) => method === 'GET').length;
  return { proxy, upstream, state, config, list, catalog, listsAsked };
}

test('the list and the catalog show what the provider lists, with its limits', async (t) => {
  const { list, catalog, listsAsked } = await setUp(t, { models: undefined });
  assert.deepEqual(await list(), ['sim/live-1']);
  const { models } = await catalog();
  const entry = models.find(({ slug }) => slug === 'sim/live-1');
  assert.equal(entry?.['context_window'], 64_000);
  assert.equal(listsAsked(), 1);
});

test('no provider is asked before somebody asks for models', async (t) => {
  const { proxy, listsAsked } = await setUp(t);
  assert.equal((await turn(proxy)).status, 200);
  assert.equal(listsAsked(), 0);
});

test('a turn does not wait for a list', async (t) => {
  const { proxy, state, list, config, listsAsked } = await setUp(t);
  await list();
  const holding = gate();
  t.after(() => holding.open());
  state.held = holding.opened;
  writeConfig(proxy.home, config(0));
  await until('the list to be asked for again', async () => {
    assert.equal((await turn(proxy)).status, 200);
    return listsAsked() > 1;
  });
});

test('a new model reaches a running Codex: the tag of the next turns is another one', async (t) => {
  const { proxy, state, catalog, config } = await setUp(t);
  writeConfig(proxy.home, config(0));
  const { etag } = await catalog();
  assert.equal((await turn(proxy)).headers['x-models-etag'], etag);
  state.models = [{ id: 'live-1', context_length: 64_000 }, { id: 'live-2' }];
  const next = await until('another tag', async () => {
    const tag = (await turn(proxy)).headers['x-models-etag'];
    return tag !== etag && tag;
  });
  const fresh = await catalog();
  assert.equal(fresh.etag, next);
  assert.ok(fresh.models.some(({ slug }) => slug === 'sim/live-2'));
});

test('a turn right after the start does not wait for the lists: it goes without a tag', async (t) => {
  const { proxy } = await setUp(t);
  const tag = async () => (await turn(proxy)).headers['x-models-etag'];
  assert.equal(await tag(), undefined);
  assert.match(String(await until('the lists', tag)), /^\S+$/);
});

test('where the list is not to be had, the configured models are offered', async (t) => {
  const { state, list } = await setUp(t, { models: ['mine'] });
  state.status = 500;
  assert.deepEqual(await list(), ['sim/mine']);
});

test('thousands of models: all in the list, a fair share of each provider in the catalog', async (t) => {
  const { state, list, catalog } = await setUp(
    t,
    {},
    {
      other: { adapter: 'openai-chat', baseUrl: 'http://127.0.0.1:9/v1', models: ['o-1', 'o-2'] },
    },
  );
  state.models = Array.from({ length: 2000 }, (_, i) => ({ id: `m-${i}` }));
  assert.ok((await list()).length >= 2002);
  const slugs = (await catalog()).models.map(({ slug }) => slug);
  assert.ok(slugs.length <= 502 && slugs.length >= 500, `${slugs.length}`);
  for (const slug of ['sim/m-0', 'sim/m-400', 'other/o-1', 'other/o-2']) {
    assert.ok(slugs.includes(slug), slug);
  }
  assert.ok(!slugs.includes('sim/m-1999'));
});
