import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { serveIn } from '../support/listen.ts';
import { testScope } from '../support/scope.ts';
import { editor } from '../support/vscode.ts';
import { flowParts } from './flow.ts';

const { changePort } = await import('../../src/vscode/changePort.ts');
const { connectCodex } = await import('../../src/vscode/connectCodex.ts');

test('the next free port is offered, saved and served, and a connected Codex is told', async (t) => {
  const scope = testScope(t);
  const taken = await serveIn(scope, createServer());

  // The proxy was on the port below, so that the first candidate is the one that is taken.
  const port = taken - 1;
  const parts = await flowParts(scope, { state: { proxy: { status: 'listening', port } } });
  editor.press = ({ buttons }) => buttons[0];
  await connectCodex(parts);
  const connected = {
    ...parts,
    model: { ...parts.model, state: { ...parts.model.state, codex: 'connected' as const } },
  };

  let offered: string | undefined;
  editor.type = ({ value }) => {
    offered = value;
    return value;
  };
  await changePort(connected);
  assert.ok(Number(offered) > taken, offered);
  assert.match(
    readFileSync(join(parts.home, 'config.json'), 'utf8'),
    new RegExp(`"port": ${offered}`),
  );
  assert.equal(parts.proxy.starts, 1);
  const codexConfig = readFileSync(join(parts.codexFolder, 'config.toml'), 'utf8');
  assert.match(codexConfig, new RegExp(`base_url = "http://127.0.0.1:${offered}/v1"`));
  assert.match(editor.messages.at(-1)?.text ?? '', new RegExp(`Codex now uses port ${offered}`));
});

test('behind the last port the search goes on with the first', async (t) => {
  const state = { proxy: { status: 'listening', port: 65_535 } } as const;
  const parts = await flowParts(testScope(t), { state });
  let offered: string | undefined;
  editor.type = ({ value }) => {
    offered = value;
    return undefined;
  };
  await changePort(parts);
  assert.ok(Number(offered) >= 1024 && Number(offered) < 1124, offered);
});

test('a Codex that is not connected stays so, and who cancels changes nothing', async (t) => {
  const parts = await flowParts(testScope(t));
  await changePort(parts);
  assert.equal(parts.proxy.starts, 0);
  editor.type = ({ value }) => value;
  await changePort(parts);
  assert.equal(parts.proxy.starts, 1);
  assert.deepEqual(editor.messages, []);
});
