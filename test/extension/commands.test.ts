import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { testScope } from '../support/scope.ts';
import { editor } from '../support/vscode.ts';
import { type FlowOptions, flowParts } from './flow.ts';

const { registerCommands } = await import('../../src/vscode/commands.ts');
const { commandIds } = await import('../../src/vscode/commandIds.ts');

async function register(t: TestContext, options: FlowOptions = {}) {
  const parts = await flowParts(testScope(t), options);
  const registered = registerCommands(parts);
  const run = async (id: string): Promise<void> => {
    await editor.commands.get(id)?.();
  };
  return { parts, registered, run };
}

test('every command is registered, and unregistered at the end', async (t) => {
  const { registered } = await register(t);
  assert.deepEqual([...editor.commands.keys()], [...commandIds]);
  for (const registration of registered) registration.dispose();
  assert.equal(editor.commands.size, 0);
});

test('a command that makes no sense now says why and does nothing', async (t) => {
  const { parts, run } = await register(t);
  await run('opencodex.startProxy');
  await run('opencodex.disconnectCodex');
  assert.equal(parts.proxy.starts, 0);
  assert.deepEqual(
    editor.messages.map(({ kind, text }) => [kind, text]),
    [
      ['information', 'The proxy is running already.'],
      ['information', 'Codex is not connected to OpenCodex.'],
    ],
  );
});

test('a stopped proxy can be started and not stopped', async (t) => {
  const { parts, run } = await register(t, { state: { proxy: { status: 'stopped' } } });
  await run('opencodex.stopProxy');
  assert.match(editor.messages[0]?.text ?? '', /is not running/);
  await run('opencodex.startProxy');
  assert.equal(parts.proxy.starts, 1);
});

test('a command that fails is one message, with the log a click away', async (t) => {
  const { parts, run } = await register(t, { config: { port: 'none' } });
  editor.press = () => 'Show Log';
  await run('opencodex.setProviderKey');
  assert.equal(editor.messages.length, 1);
  assert.equal(editor.messages[0]?.kind, 'error');
  assert.match(editor.messages[0]?.text ?? '', /config\.json.*port/);
  assert.match(parts.logged[0] ?? '', /config\.json.*port/);
  await new Promise(setImmediate);
  assert.equal(parts.logged.at(-1), '(shown)');
});
