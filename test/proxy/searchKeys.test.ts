import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { KeyToKeep } from '../../src/proxy/keyKeeper.ts';
import type { Proxy as LocalProxy } from '../../src/proxy/proxy.ts';
import { chatWire } from '../support/chatUpstream.ts';
import { writeConfig } from '../support/configFile.ts';
import { type RunningProxy, startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { call, text } from '../support/script.ts';
import { until } from '../support/until.ts';
import { type Respond, startUpstream } from '../support/upstream.ts';
import { ask, turn } from './client.ts';
import { follow } from './follow.ts';

const secret = 'searx-key-0123456789';

/** A window's editor: what its secret store is given. */
class Editor {
  readonly kept = new Map<string, string>();
  #proxy: LocalProxy | undefined;

  serves(proxy: LocalProxy): void {
    this.#proxy = proxy;
  }

  readonly keep = ({ id, provider, key }: KeyToKeep): void => {
    this.kept.set(provider, key);
    const body = { kept: true };
    void this.#proxy?.api({ method: 'POST', path: `/api/kept-keys/${id}`, body });
  };
}

const engineAnswers: Respond = (_request, response) => {
  const result = { url: 'https://example.com/', title: 'T', content: 'Found.' };
  response.end(JSON.stringify({ results: [result] }));
};

async function setUp(t: TestContext, respond: Respond = engineAnswers) {
  const scope = testScope(t);
  const engine = await startUpstream(scope, respond);
  const provider = await chatWire.start(scope);
  const editor = new Editor();
  const started = async (withEditor: boolean): Promise<RunningProxy> => {
    const proxy = await startProxy(
      scope,
      { providers: { sim: provider.entry } },
      withEditor ? { onKeepKey: editor.keep } : {},
    );
    if (withEditor) editor.serves(proxy.proxy);
    return proxy;
  };
  return { scope, engine, provider, editor, started };
}

/** As the dashboard says it. */
function setService(proxy: RunningProxy, baseUrl: string, key?: string) {
  const service = { name: 'searxng', baseUrl, ...(key !== undefined && { key }) };
  const body = JSON.stringify({ webSearch: { service } });
  return ask(proxy, { method: 'PUT', path: '/api/settings', body });
}

const searching = {
  model: 'sim/sim-1',
  tools: [{ type: 'web_search', external_web_access: true }],
};
const search = () => call('web_search', { query: 'q' });

async function everythingTold(proxy: RunningProxy): Promise<string> {
  const [summary] = proxy.proxy.snapshot().requests;
  const answers = await Promise.all(
    ['/api/settings', '/api/state', '/api/requests', `/api/requests/${summary?.id}`].map((path) =>
      ask(proxy, { path }),
    ),
  );
  const config = readFileSync(join(proxy.home, 'config.json'), 'utf8');
  return [config, JSON.stringify(proxy.log), ...answers.map(({ body }) => body)].join('\n');
}

test('a search key goes to the editor of the window that serves, works at once, and is nowhere else', async (t) => {
  const { engine, provider, editor, started } = await setUp(t);
  const proxy = await started(true);
  assert.equal((await setService(proxy, engine.url, secret)).status, 200);
  assert.deepEqual([...editor.kept], [['search/searxng', secret]]);
  provider.play([search()], [text('So.')]);
  await turn(proxy, searching);
  assert.equal(engine.requests[0]?.headers.authorization, `Bearer ${secret}`);
  assert.ok(!JSON.stringify(provider.requests).includes(secret));
  const told = await everythingTold(proxy);
  assert.ok(!told.includes(secret));
  assert.match(told, /"key":"vault"/);
  // Another address does not take it out of the store, and the key stays.
  assert.equal((await setService(proxy, `${engine.url}/searx`)).status, 200);
  provider.play([search()], [text('So.')]);
  await turn(proxy, searching);
  assert.equal(engine.requests[1]?.headers.authorization, `Bearer ${secret}`);
});

test('a service that says the key back does not get it into a log', async (t) => {
  const { engine, provider, started } = await setUp(t, (_request, response) => {
    response.writeHead(403).end(`no such key: ${secret}`);
  });
  const proxy = await started(true);
  await setService(proxy, engine.url, secret);
  provider.play([search()], [text('So.')]);
  await turn(proxy, searching);
  assert.ok(!(await everythingTold(proxy)).includes(secret));
  assert.ok(!JSON.stringify(provider.requests).includes(secret));
});

test('the key of another window reaches the one that serves, and goes with its window', async (t) => {
  const { scope, engine, provider, started } = await setUp(t);
  const proxy = await started(false);
  assert.equal((await setService(proxy, engine.url)).status, 200);
  assert.equal((await setService(proxy, engine.url, secret)).status, 409);

  const editor = new Editor();
  const window = await follow(scope, proxy, { onKeepKey: editor.keep });
  editor.serves(window);
  await until('the window', async () => {
    const { body } = await ask(proxy, { path: '/api/state' });
    return JSON.parse(body).windows === 1;
  });
  assert.equal((await setService(proxy, engine.url, secret)).status, 200);
  assert.deepEqual([...editor.kept], [['search/searxng', secret]]);
  provider.play([search()], [text('So.')]);
  await turn(proxy, searching);
  assert.equal(engine.requests.at(-1)?.headers.authorization, `Bearer ${secret}`);
  assert.ok(!(await everythingTold(proxy)).includes(secret));

  await window.stop(0);
  provider.playAlways(({ messages }) =>
    messages.at(-1)?.role === 'tool' ? [text('So.')] : [search()],
  );
  await until('the key to be forgotten', async () => {
    await turn(proxy, searching);
    return engine.requests.at(-1)?.headers.authorization === undefined;
  });
});

test('a key that a window has in its store is used by the one that serves', async (t) => {
  const { scope, engine, provider, started } = await setUp(t);
  const proxy = await started(false);
  const service = { name: 'searxng', baseUrl: engine.url, keySource: 'vault' };
  writeConfig(proxy.home, {
    providers: { sim: provider.entry },
    webSearchSidecar: { service },
  });
  const window = await follow(scope, proxy);
  window.setVault({ 'search/searxng': secret });
  provider.playAlways(({ messages }) =>
    messages.at(-1)?.role === 'tool' ? [text('So.')] : [search()],
  );
  await until('the key to be used', async () => {
    await turn(proxy, searching);
    return engine.requests.at(-1)?.headers.authorization === `Bearer ${secret}`;
  });
});
