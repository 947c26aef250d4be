import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiAnswer } from '../../src/link/api.ts';
import { testScope } from '../support/scope.ts';
import { editor } from '../support/vscode.ts';
import { type FakeAnswers, flowParts } from './flow.ts';

const { removeProvider } = await import('../../src/vscode/removeProvider.ts');

const sim: ApiAnswer<'GET /api/providers'>['providers'][number] = {
  id: 'sim',
  label: 'Simulated',
  adapter: 'openai-chat',
  baseUrl: 'https://sim.example/v1',
  authMode: 'key',
  credential: { kind: 'vault', set: true },
  models: 1,
  isDefault: true,
  headers: [],
};

const answers: FakeAnswers = {
  'GET /api/providers': () => ({ providers: [sim] }),
  'DELETE /api/providers/:id': () => ({ ok: true }),
};

test('a provider is removed with its key, after a question', async (t) => {
  const parts = await flowParts(testScope(t), { answers });
  await parts.vault.store('sim', 'sk-sim');
  editor.pick = ([first]) => first;
  editor.press = ({ buttons }) => buttons.find((button) => button === 'Remove');
  await removeProvider(parts);
  assert.deepEqual(parts.asked.at(-1), { name: 'DELETE /api/providers/:id', input: { id: 'sim' } });
  assert.equal(parts.secrets.stored.size, 0);
});

test('where there is none, that is said', async (t) => {
  const parts = await flowParts(testScope(t), {
    answers: { 'GET /api/providers': () => ({ providers: [] }) },
  });
  editor.pick = () => assert.fail('an empty list');
  await removeProvider(parts);
  assert.deepEqual(
    editor.messages.map(({ text }) => text),
    ['There is no provider yet. Add one first.'],
  );
});

test('who does not confirm keeps the provider and its key', async (t) => {
  const parts = await flowParts(testScope(t), { answers });
  await parts.vault.store('sim', 'sk-sim');
  await removeProvider(parts, 'sim');
  assert.deepEqual(
    parts.asked.map(({ name }) => name),
    ['GET /api/providers'],
  );
  assert.equal(parts.secrets.stored.size, 1);
});
