import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Redactor } from '../../src/credentials/redact.ts';
import { KeyKeeper, type KeyToKeep } from '../../src/proxy/keyKeeper.ts';
import { createProxy, type Proxy as LocalProxy } from '../../src/proxy/proxy.ts';
import { Vault } from '../../src/proxy/vault.ts';
import { type RunningProxy, startProxy } from '../support/proxy.ts';
import { type Scope, testScope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { sayOk, startUpstream } from '../support/upstream.ts';
import { type Answer, ask, turn } from './client.ts';

const secret = 'typed-key-0123456789';

/** A window's editor, as its extension host answers for it. */
class Editor {
  readonly kept = new Map<string, string>();
  asked = 0;
  readonly #able: boolean;
  #proxy: LocalProxy | undefined;

  constructor(able = true) {
    this.#able = able;
  }

  serves(proxy: LocalProxy): void {
    this.#proxy = proxy;
  }

  readonly keep = ({ id, provider, key }: KeyToKeep): void => {
    this.asked += 1;
    if (this.#able) this.kept.set(provider, key);
    const body = { kept: this.#able };
    void this.#proxy?.api({ method: 'POST', path: `/api/kept-keys/${id}`, body });
  };
}

async function follow(scope: Scope, first: RunningProxy, editor?: Editor): Promise<LocalProxy> {
  const { home, port } = first;
  const options = { home, env: {}, version: '0.0.0-test', port, log: () => {} };
  const proxy = createProxy(
    editor === undefined ? options : { ...options, onKeepKey: editor.keep },
  );
  editor?.serves(proxy);
  scope.add(() => proxy.stop(0));
  await proxy.start();
  return proxy;
}

async function windowsAt(proxy: RunningProxy, count: number): Promise<void> {
  await until(`${count} windows`, async () => {
    const { body } = await ask(proxy, { path: '/api/state' });
    return JSON.parse(body).windows === count;
  });
}

function addProvider(proxy: RunningProxy, baseUrl: string): Promise<Answer> {
  const entry = { adapter: 'openai-chat', baseUrl, models: ['m'] };
  const body = JSON.stringify({ id: 'sim', entry, key: secret, keep: 'vault' });
  return ask(proxy, { method: 'POST', path: '/api/providers', body });
}

const config = (proxy: RunningProxy): string =>
  readFileSync(join(proxy.home, 'config.json'), 'utf8');

async function provider(scope: Scope) {
  const upstream = await startUpstream(scope, sayOk);
  return { url: `${upstream.url}/v1`, keys: () => upstream.requests.at(-1)?.headers.authorization };
}

test('a key that a page sends is kept by the editor of the window that serves, and works at once', async (t) => {
  const scope = testScope(t);
  const { url, keys } = await provider(scope);
  const editor = new Editor();
  const proxy = await startProxy(scope, {}, { onKeepKey: editor.keep });
  editor.serves(proxy.proxy);
  assert.equal((await addProvider(proxy, url)).status, 200);
  assert.deepEqual([...editor.kept], [['sim', secret]]);
  assert.equal((await turn(proxy)).status, 200);
  assert.equal(keys(), `Bearer ${secret}`);
  assert.match(config(proxy), /"keySource": "vault"/);
  assert.ok(!config(proxy).includes(secret));
});

test('where no editor serves, a window that is attached keeps it; who cannot is passed over', async (t) => {
  const scope = testScope(t);
  const { url, keys } = await provider(scope);
  const proxy = await startProxy(scope, {});
  const unable = new Editor(false);
  const able = new Editor();
  await follow(scope, proxy);
  await windowsAt(proxy, 1);
  await follow(scope, proxy, unable);
  await windowsAt(proxy, 2);
  const window = await follow(scope, proxy, able);
  await windowsAt(proxy, 3);
  assert.equal((await addProvider(proxy, url)).status, 200);
  assert.equal(unable.asked, 1);
  assert.deepEqual([...able.kept], [['sim', secret]]);
  assert.equal((await turn(proxy)).status, 200);
  assert.equal(keys(), `Bearer ${secret}`);
  assert.ok(!config(proxy).includes(secret));
  await window.stop(0);
  await until('the key to be forgotten', async () => (await turn(proxy)).status === 400);
});

test('without a window that keeps it nothing is written, and the answer says what to do', async (t) => {
  const scope = testScope(t);
  const proxy = await startProxy(scope, {});
  const before = config(proxy);
  const none = await addProvider(proxy, 'http://127.0.0.1:1/v1');
  assert.equal(none.status, 409);
  assert.match(none.body, /No editor window/);
  const unable = new Editor(false);
  await follow(scope, proxy, unable);
  await windowsAt(proxy, 1);
  assert.equal((await addProvider(proxy, 'http://127.0.0.1:1/v1')).status, 409);
  assert.equal(unable.asked, 1);
  assert.equal(config(proxy), before);
});

test('a window that leaves or says nothing is not waited for', async () => {
  const vault = new Vault(new Redactor());
  const windows = new Set(['one', 'two', 'three']);
  const asked: string[] = [];
  const keeper: KeyKeeper = new KeyKeeper({
    vault,
    windows: () => [...windows],
    patienceMs: 20,
    ask: (window, { id }) => {
      asked.push(window);
      if (window === 'one') queueMicrotask(() => keeper.forget('one'));
      if (window === 'three') queueMicrotask(() => keeper.answer(id, true));
      return true;
    },
  });
  assert.equal(await keeper.keep('sim', secret), true);
  assert.deepEqual(asked, ['one', 'two', 'three']);
  assert.deepEqual(vault.heldBy('three'), { sim: secret });
  assert.equal(keeper.answer('unknown', true), false);
});
