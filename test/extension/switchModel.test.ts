import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ProviderSummary, ProxySnapshot } from '../../src/link/state.ts';
import { testScope } from '../support/scope.ts';
import { editor } from '../support/vscode.ts';
import { flowParts } from './flow.ts';

const { modelItems, switchModel, withTyped } = await import('../../src/vscode/switchModel.ts');

const providers: readonly ProviderSummary[] = [
  { id: 'kimi', label: 'Kimi', adapter: 'openai-chat', authMode: 'key', models: ['k3', 'k3-mini'] },
  { id: 'bare', label: 'Bare', adapter: 'openai-chat', authMode: 'key', models: [] },
  { id: 'or', label: 'OpenRouter', adapter: 'openai-chat', authMode: 'key', models: ['z-ai/glm'] },
];

const snapshot: ProxySnapshot = {
  state: { status: 'listening', port: 10_100 },
  activity: { active: 0, lastModel: undefined, served: 0 },
  defaultProvider: 'kimi',
  currentModel: 'or/z-ai/glm',
  providers,
  configError: undefined,
  requests: [],
};

function current(home: string): unknown {
  return JSON.parse(readFileSync(join(home, 'config.json'), 'utf8')).currentModel;
}

test('the current model comes first, then each provider with what is left of it', () => {
  assert.deepEqual(
    modelItems(providers, 'or/z-ai/glm').map(({ label, model }) => model ?? `-- ${label}`),
    ['-- current', 'or/z-ai/glm', '-- Kimi', 'kimi/k3', 'kimi/k3-mini'],
  );
  assert.deepEqual(
    modelItems(providers, undefined).map(({ label, model }) => model ?? `-- ${label}`),
    ['-- Kimi', 'kimi/k3', 'kimi/k3-mini', '-- OpenRouter', 'or/z-ai/glm'],
  );
});

test('an id that is in no list can be used, one that is listed is not doubled', () => {
  const items = modelItems(providers, undefined);
  assert.equal(withTyped(items, ' kimi/k4-preview ').at(-1)?.model, 'kimi/k4-preview');
  for (const text of ['', 'kimi', 'kimi/', '/k3', 'kimi/k 3', 'kimi/k3']) {
    assert.equal(withTyped(items, text), items, text);
  }
});

test('the choice is written, and nothing else', async (t) => {
  const { home, ...parts } = await flowParts(testScope(t), {
    config: { currentModel: 'or/z-ai/glm', subagentModels: ['kimi/k3'] },
    state: { snapshot },
  });
  editor.pick = (items) => items.find(({ label }) => label === 'k3-mini');
  await switchModel({ ...parts, home });
  assert.equal(current(home), 'kimi/k3-mini');
  assert.match(readFileSync(join(home, 'config.json'), 'utf8'), /"subagentModels"/);
});

test('what was typed is written; who cancels changes nothing', async (t) => {
  const { home, ...parts } = await flowParts(testScope(t), { state: { snapshot } });
  await switchModel({ ...parts, home });
  assert.equal(current(home), undefined);
  editor.type = () => 'kimi/k4-preview';
  editor.pick = (items) => items.at(-1);
  await switchModel({ ...parts, home });
  assert.equal(current(home), 'kimi/k4-preview');
});
