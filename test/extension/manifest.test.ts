import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { at, isRecord, listOf } from '../support/json.ts';
import '../support/vscode.ts';
import { commandIds } from '../../src/vscode/commandIds.ts';

const { commandTable } = await import('../../src/vscode/commands.ts');

const manifest = readJson('package.json');
const texts = readJson('package.nls.json');

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));
}

const contributed = listOf(at(manifest, 'contributes', 'commands'));

test('the manifest and the code know the same commands', () => {
  assert.deepEqual(
    contributed.map((command) => at(command, 'command')).toSorted(),
    commandIds.toSorted(),
  );
});

test('a command that the code refuses in a state is greyed out by the manifest in that state', () => {
  const clauses = {
    running: 'opencodex.running',
    stopped: '!opencodex.running',
    connected: 'opencodex.connected',
    disconnected: '!opencodex.connected || opencodex.outdated',
  };
  for (const id of commandIds) {
    const { needs } = commandTable[id];
    const command = contributed.find((entry) => at(entry, 'command') === id);
    assert.equal(at(command, 'enablement'), needs === undefined ? undefined : clauses[needs], id);
  }
});

test('every text of the manifest is there, and none is left over', () => {
  const used = JSON.stringify(manifest).matchAll(/"%([^%"]+)%"/g);
  assert.ok(isRecord(texts));
  assert.deepEqual(
    [...new Set([...used].map(([, name]) => name))].toSorted(),
    Object.keys(texts).toSorted(),
  );
});

test('no setting can be set by a workspace', () => {
  const settings = at(manifest, 'contributes', 'configuration', 'properties');
  assert.ok(isRecord(settings));
  for (const [name, setting] of Object.entries(settings)) {
    assert.match(String(at(setting, 'scope')), /^(machine|application)$/, name);
  }
  assert.deepEqual(
    listOf(at(manifest, 'capabilities', 'untrustedWorkspaces', 'restrictedConfigurations')),
    Object.keys(settings),
  );
});

test('the extension uses stable API only and starts when the editor is ready', () => {
  assert.equal(at(manifest, 'enabledApiProposals'), undefined);
  assert.deepEqual(at(manifest, 'activationEvents'), [
    'onStartupFinished',
    'onWebviewPanel:opencodex.dashboard',
  ]);
});
