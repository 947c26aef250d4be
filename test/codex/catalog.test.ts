import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connectCodex, disconnectCodex } from '../../src/codex/connect.ts';
import { chatWire } from '../support/chatUpstream.ts';
import { CodexHome } from '../support/codex.ts';
import type { AppServer } from '../support/codexAppServer.ts';
import { writeConfig } from '../support/configFile.ts';
import { at, listOf } from '../support/json.ts';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { text } from '../support/script.ts';
import { until } from '../support/until.ts';

/** Codex as installed, connected to a proxy with one provider. */
async function startConnected(t: TestContext, fields: object = {}) {
  const scope = testScope(t);
  const provider = await chatWire.start(scope, { models: ['sim-1', 'sim-2', 'sim-3'] });
  const config = (changes: object = {}, models = ['sim-1', 'sim-2']) => ({
    defaultProvider: 'sim',
    currentModel: 'sim/sim-1',
    // A list of its own, so that nothing else changes what Codex is offered.
    providers: { sim: { ...provider.entry, models, noVisionModels: ['sim-2'] } },
    ...fields,
    ...changes,
  });
  const proxy = await startProxy(scope, config());
  const codex = new CodexHome(scope);
  const path = join(codex.home, 'config.toml');
  const own = 'check_for_update_on_startup = false\n[analytics]\nenabled = false\n';
  writeFileSync(path, own);
  const options = {
    codexHome: codex.home,
    home: proxy.home,
    port: proxy.port,
    token: proxy.token,
  };
  const connected = await connectCodex(options);
  assert.ok(connected.ok);
  return { scope, provider, proxy, codex, path, own, options, config };
}

async function modelsOf(server: AppServer, modelProvider?: string): Promise<readonly unknown[]> {
  const list = await server.rpc.request('model/list', {
    includeHidden: true,
    ...(modelProvider !== undefined && { modelProvider }),
  });
  return listOf(at(list, 'data'));
}

const names = (models: readonly unknown[]): readonly unknown[] =>
  models.map((model) => at(model, 'model'));

test('Codex lists the routed models, and those of its own provider as ever', async (t) => {
  const { scope, codex } = await startConnected(t, { disabledModels: ['sim/sim-2'] });
  const fresh = new CodexHome(scope);
  const [ours, theirs] = [await codex.appServer(), await fresh.appServer()];
  assert.deepEqual(names(await modelsOf(ours)), ['opencodex/current', 'sim/sim-1']);
  const native = await modelsOf(theirs);
  assert.ok(native.length > 5);
  assert.deepEqual(await modelsOf(ours, 'openai'), native);
});

test('a running Codex hears of a new model, and a thread of the new current one', async (t) => {
  const { provider, proxy, codex, config } = await startConnected(t);
  const server = await codex.appServer();
  const modalities = async (): Promise<unknown> =>
    at(
      (await modelsOf(server)).find((one) => at(one, 'model') === 'opencodex/current'),
      'inputModalities',
    );
  assert.ok(!names(await modelsOf(server)).includes('sim/sim-3'));
  assert.deepEqual(await modalities(), ['text', 'image']);
  const thread = await server.startThread();
  provider.play([text('One.')]);
  await (await server.startTurn(thread, 'Hello')).completed();
  assert.equal(provider.requests.at(-1)?.model, 'sim-1');

  writeConfig(proxy.home, config({ currentModel: 'sim/sim-2' }, ['sim-1', 'sim-2', 'sim-3']));
  await until(
    'the proxy to take the config up',
    () => proxy.proxy.snapshot().currentModel === 'sim/sim-2',
  );
  provider.play([text('Two.')]);
  const turn = await server.startTurn(thread, 'And now?');
  await turn.completed();
  assert.match(JSON.stringify(turn.items('agentMessage')), /Two\./);
  assert.equal(provider.requests.at(-1)?.model, 'sim-2', 'the same thread, the other model');
  await until('the new list', async () => names(await modelsOf(server)).includes('sim/sim-3'));
  assert.deepEqual(await modalities(), ['text'], 'the entry mirrors what it stands for');
});

test('without the proxy Codex still lists what it knew', async (t) => {
  const { proxy, codex } = await startConnected(t);
  const before = names(await modelsOf(await codex.appServer()));
  assert.ok(before.includes('sim/sim-2'));
  await proxy.proxy.stop(0);
  assert.deepEqual(names(await modelsOf(await codex.appServer())), before);
});

test('a wrong token is told with what to do about it', async (t) => {
  const { codex, options, provider } = await startConnected(t);
  const wrong = await connectCodex({ ...options, token: 'w'.repeat(43) });
  assert.ok(wrong.ok);
  const run = await codex.exec('Hello');
  assert.notEqual(run.code, 0);
  assert.match(run.failure ?? '', /token/i, String(run));
  assert.match(run.failure ?? '', /Connect Codex|ocx sync/, String(run));
  assert.equal(provider.requests.length, 0);
});

test('threads stay resumable while the provider stays, and cannot be opened without it', async (t) => {
  const { provider, codex, path, own, options } = await startConnected(t);
  provider.play([text('Remember me.')]);
  const first = await codex.exec('Hello');
  assert.equal(first.code, 0, String(first));

  const kept = await disconnectCodex({ ...options, keepProvider: true });
  assert.ok(kept.ok);
  assert.doesNotMatch(readFileSync(path, 'utf8'), /^model_provider|^model /m);
  provider.play([text('I do.')]);
  const server = await codex.appServer();
  await server.rpc.request('thread/resume', { threadId: first.threadId });
  const turn = await server.startTurn(first.threadId, 'Do you?');
  await turn.completed();
  assert.match(JSON.stringify(turn.items('agentMessage')), /I do\./);

  const gone = await disconnectCodex(options);
  assert.ok(gone.ok);
  assert.equal(readFileSync(path, 'utf8'), own);
  const later = await codex.appServer();
  await assert.rejects(
    later.rpc.request('thread/resume', { threadId: first.threadId }),
    /opencodex.*no longer configured/,
  );
});

test('the profile uses the proxy also while Codex itself does not', async (t) => {
  const { provider, codex, options } = await startConnected(t);
  const kept = await disconnectCodex({ ...options, keepProvider: true });
  assert.ok(kept.ok);
  provider.play([text('By the profile.')]);
  const run = await codex.exec('Hello', ['--profile', 'opencodex', '--strict-config']);
  assert.deepEqual(run.messages, ['By the profile.'], String(run));
});
