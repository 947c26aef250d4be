import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { testScope } from '../support/scope.ts';
import { editor } from '../support/vscode.ts';
import { flowParts } from './flow.ts';

const { openConfig } = await import('../../src/vscode/openConfig.ts');

test('the config file is opened as it is', async (t) => {
  const parts = await flowParts(testScope(t), { config: { port: 4711 } });
  const file = join(parts.home, 'config.json');
  const before = readFileSync(file, 'utf8');
  await openConfig(parts);
  assert.deepEqual(editor.opened, [file]);
  assert.equal(readFileSync(file, 'utf8'), before);
});

test('where there is none, one that means the same is made for it', async (t) => {
  const parts = await flowParts(testScope(t));
  const file = join(parts.home, 'config.json');
  rmSync(file);
  await openConfig(parts);
  assert.deepEqual(editor.opened, [file]);
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), {});
  assert.equal(statSync(file).mode & 0o777, 0o600);
});
