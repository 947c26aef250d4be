import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiAnswer } from '../../src/link/api.ts';
import { testScope } from '../support/scope.ts';
import { editor } from '../support/vscode.ts';
import { flowParts } from './flow.ts';

const { refreshModels } = await import('../../src/vscode/refreshModels.ts');

type List = ApiAnswer<'POST /api/models/refresh'>['lists'][number];

const good: List = { provider: 'good', models: 3 };
const broken: List = { provider: 'sim', models: 0, error: 'Simulated: nothing listens there.' };

const refreshed = (...lists: readonly List[]) => ({
  answers: { 'POST /api/models/refresh': () => ({ lists: [...lists] }) },
});

test('who did not answer is named once, with the dashboard a click away', async (t) => {
  const opened: (string | undefined)[] = [];
  const parts = await flowParts(testScope(t), refreshed(good, broken));
  editor.press = ({ buttons }) => buttons[0];
  await refreshModels({ ...parts, dashboard: { open: (tab) => void opened.push(tab) } });
  assert.deepEqual(editor.messages, [
    { kind: 'warning', text: 'Simulated: nothing listens there.', buttons: ['Open Dashboard'] },
  ]);
  assert.deepEqual(opened, ['models']);
});

test('where everybody answered, nobody is disturbed', async (t) => {
  const parts = await flowParts(testScope(t), refreshed(good));
  await refreshModels(parts);
  assert.deepEqual(editor.messages, []);
});
