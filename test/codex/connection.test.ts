import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectCodex, disconnectCodex } from '../../src/codex/connect.ts';
import { chatWire } from '../support/chatUpstream.ts';
import { CodexHome } from '../support/codex.ts';
import { at, listOf } from '../support/json.ts';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { text } from '../support/script.ts';

test('connecting makes an installed Codex use the proxy, disconnecting gives it back', async (t) => {
  const scope = testScope(t);
  const provider = await chatWire.start(scope, { models: ['sim-1', 'sim-2'] });
  const { home, port, token } = await startProxy(scope, {
    defaultProvider: 'sim',
    currentModel: 'sim/sim-2',
    providers: { sim: provider.entry },
  });
  const codex = new CodexHome(scope);
  const path = join(codex.home, 'config.toml');
  const mine = '# mine\nmodel = "gpt-6"   # a note\n\n[analytics]\nenabled = false\n';
  writeFileSync(path, mine);

  const folders = { codexHome: codex.home, home };
  const connected = await connectCodex({ ...folders, port, token });
  assert.deepEqual([connected.ok, connected.ok && connected.changed], [true, true]);

  provider.play([text('From the current model.')]);
  const run = await codex.exec('Hello', ['--strict-config']);
  assert.equal(run.code, 0, String(run));
  assert.deepEqual(run.messages, ['From the current model.']);
  assert.deepEqual(run.items('error'), []);
  assert.equal(provider.requests[0]?.model, 'sim-2');

  provider.play([text('From the other.')]);
  const other = await codex.exec('Hello', ['-m', 'sim/sim-1']);
  assert.deepEqual(other.messages, ['From the other.'], String(other));
  assert.equal(provider.requests[1]?.model, 'sim-1');

  const server = await codex.appServer();
  const list = await server.rpc.request('model/list', {});
  const names = listOf(at(list, 'data')).map((model) => at(model, 'model'));
  for (const name of ['opencodex/current', 'sim/sim-1', 'sim/sim-2']) {
    assert.ok(names.includes(name), names.join());
  }

  await disconnectCodex(folders);
  assert.equal(readFileSync(path, 'utf8'), mine);
  assert.ok(!existsSync(`${path}.opencodex-backup`));
  assert.deepEqual(provider.refusals, []);
});
