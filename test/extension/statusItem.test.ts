import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProxySnapshot } from '../../src/link/state.ts';
import type { StatusItem } from '../../src/vscode/statusItem.ts';
import { firstState, type WindowState } from '../../src/vscode/windowState.ts';
import '../support/vscode.ts';

const { isStatusShown, renderStatus } = await import('../../src/vscode/statusItem.ts');

const snapshot: ProxySnapshot = {
  state: { status: 'listening', port: 10100 },
  activity: firstState.activity,
  defaultProvider: 'anthropic',
  currentModel: 'anthropic/claude-opus-4-8',
  providers: [
    { id: 'anthropic', label: 'Anthropic', adapter: 'anthropic', authMode: 'key', models: [] },
  ],
  configError: undefined,
  requests: [],
};

const serving: WindowState = {
  proxy: { status: 'listening', port: 10100 },
  activity: firstState.activity,
  snapshot,
  codex: 'connected',
};

function words(item: StatusItem): string {
  return item.tooltip.map((line) => (line.kind === 'links' ? '' : line.text)).join('\n');
}

function commandsOf(item: StatusItem): readonly string[] {
  return item.tooltip.flatMap((line) =>
    line.kind === 'links' ? line.links.map((link) => link.command) : [],
  );
}

test('a running proxy shows the current model and switches it on a click', () => {
  const item = renderStatus(serving);
  assert.equal(item.text, '$(opencodex-logo) claude-opus-4-8');
  assert.equal(item.tone, 'normal');
  assert.equal(item.command, 'opencodex.switchModel');
  assert.match(words(item), /anthropic\/claude-opus-4-8\nhttp:\/\/127\.0\.0\.1:10100\/v1/);
  assert.match(item.label, /^OpenCodex: anthropic\/claude-opus-4-8\. /);
  assert.ok(!commandsOf(item).includes('opencodex.connectCodex'));
});

test('a long model name is cut, the tooltip has all of it', () => {
  const model = 'openrouter/some-vendor/a-model-whose-name-goes-on-and-on-and-on';
  const item = renderStatus({ ...serving, snapshot: { ...snapshot, currentModel: model } });
  assert.equal(item.text, '$(opencodex-logo) a-model-whose-name-goes-on-…');
  assert.match(words(item), new RegExp(model));
});

test('a lost key of the current model is asked for', () => {
  const [provider] = snapshot.providers;
  assert.ok(provider);
  const lost = { ...snapshot, providers: [{ ...provider, keyMissing: true }] };
  const item = renderStatus({ ...serving, snapshot: lost });
  assert.equal(item.text, '$(key) Anthropic');
  assert.equal(item.tone, 'warning');
  assert.equal(item.command, 'opencodex.setProviderKey');
  assert.equal(item.about, 'anthropic');
  assert.match(words(item), /The key of Anthropic is missing\nThe secret store/);
  const other = { ...lost, defaultProvider: 'acme', currentModel: 'acme/best' };
  assert.equal(renderStatus({ ...serving, snapshot: other }).tone, 'normal');
  const elsewhere = { ...serving, proxy: { status: 'elsewhere', port: 10100 } as const };
  assert.equal(renderStatus({ ...elsewhere, snapshot: lost }).tone, 'normal');
});

test('turns that run show the model that answers', () => {
  const activity = { active: 2, lastModel: 'kimi/kimi-k3', served: 7 };
  const item = renderStatus({ ...serving, activity });
  assert.equal(item.text, '$(loading~spin) kimi-k3');
  assert.match(words(item), /2 turns are running/);
  assert.match(item.label, /2 turns are running/);
});

test('Codex that is not connected is said, with the way to connect it', () => {
  const item = renderStatus({ ...serving, codex: 'disconnected' });
  assert.match(words(item), /Codex is not connected/);
  assert.equal(commandsOf(item)[0], 'opencodex.connectCodex');
  assert.match(item.label, /Codex is not connected/);
});

test('a connection to another port is a warning, because Codex gets no answer', () => {
  const item = renderStatus({ ...serving, codex: 'outdated' });
  assert.equal(item.tone, 'warning');
  assert.equal(item.command, 'opencodex.connectCodex');
});

test('without a provider the click leads to one', () => {
  const item = renderStatus({ ...serving, snapshot: { ...snapshot, providers: [] } });
  assert.equal(item.text, '$(opencodex-logo) Add Provider');
  assert.equal(item.command, 'opencodex.addProvider');
});

test('a window that is served by another one says so', () => {
  const item = renderStatus({ ...serving, proxy: { status: 'elsewhere', port: 10100 } });
  assert.equal(item.text, '$(opencodex-logo) claude-opus-4-8');
  assert.match(words(item), /another window/);
});

test('an error of the config file is a warning with its sentence', () => {
  const configError = 'config.json, line 3: "port" must be a number.';
  const item = renderStatus({ ...serving, snapshot: { ...snapshot, configError } });
  assert.equal(item.tone, 'warning');
  assert.match(words(item), /line 3/);
  assert.equal(item.command, 'opencodex.openConfig');
});

test('a port that is taken is an error with the sentence and the ways out', () => {
  const failure = { kind: 'port_in_use', message: 'Port 10100 is taken.', port: 10100 } as const;
  const item = renderStatus({ ...serving, proxy: { status: 'failed', failure } });
  assert.equal(item.tone, 'error');
  assert.equal(item.command, 'opencodex.changePort');
  assert.match(words(item), /Port 10100 is taken\./);
  assert.deepEqual(commandsOf(item), [
    'opencodex.changePort',
    'opencodex.restartProxy',
    'opencodex.showLog',
  ]);
});

test('every other failure leads to what can be done about it', () => {
  const click = (kind: 'config' | 'home' | 'internal'): string =>
    renderStatus({
      ...serving,
      proxy: { status: 'failed', failure: { kind, message: 'It failed.', port: undefined } },
    }).command;
  assert.equal(click('config'), 'opencodex.openConfig');
  assert.equal(click('home'), 'opencodex.restartProxy');
  assert.equal(click('internal'), 'opencodex.restartProxy');
});

test('a stopped proxy is started by a click, and a connected Codex is mentioned', () => {
  const item = renderStatus({ ...serving, proxy: { status: 'stopped' } });
  assert.equal(item.command, 'opencodex.startProxy');
  assert.match(words(item), /Codex gets no answer/);
  const alone = renderStatus({ ...serving, proxy: { status: 'stopped' }, codex: 'disconnected' });
  assert.doesNotMatch(words(alone), /Codex/);
});

test('the item can be kept for the time that Codex is connected, but trouble always shows', () => {
  const idle: WindowState = { ...serving, codex: 'disconnected' };
  const failure = { kind: 'internal', message: 'It failed.', port: undefined } as const;
  const broken: WindowState = { ...idle, proxy: { status: 'failed', failure } };
  assert.equal(isStatusShown('whenConnected', serving), true);
  assert.equal(isStatusShown('whenConnected', idle), false);
  assert.equal(isStatusShown('whenConnected', broken), true);
  assert.equal(isStatusShown('always', idle), true);
  assert.equal(isStatusShown('never', broken), false);
});
