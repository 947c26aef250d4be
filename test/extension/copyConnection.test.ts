import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testScope } from '../support/scope.ts';
import { editor } from '../support/vscode.ts';
import { flowParts } from './flow.ts';

const { copyConnection } = await import('../../src/vscode/copyConnection.ts');

test('the address goes without the token, the variables with it', async (t) => {
  const parts = await flowParts(testScope(t));
  editor.pick = (items) => {
    assert.ok(!JSON.stringify(items).includes(parts.token), 'the token is on the screen');
    return items[0];
  };
  await copyConnection(parts);
  assert.equal(editor.clipboard, 'http://127.0.0.1:10100/v1');
  editor.pick = (items) => items[1];
  await copyConnection(parts);
  assert.equal(
    editor.clipboard,
    `OPENAI_BASE_URL=http://127.0.0.1:10100/v1\nOPENAI_API_KEY=${parts.token}\n`,
  );
});

test('who cancels copies nothing, and a proxy that starts has no address yet', async (t) => {
  const parts = await flowParts(testScope(t));
  await copyConnection(parts);
  assert.equal(editor.clipboard, '');
  const starting = await flowParts(testScope(t), { state: { proxy: { status: 'starting' } } });
  editor.pick = (items) => items[0];
  await copyConnection(starting);
  assert.equal(editor.clipboard, '');
  assert.match(editor.messages[0]?.text ?? '', /still starting/);
});
