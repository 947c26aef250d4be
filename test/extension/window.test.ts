import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { ProxySnapshot, ProxyState } from '../../src/link/state.ts';
import { until } from '../support/until.ts';
import { editor } from '../support/vscode.ts';

const { ContextKeys } = await import('../../src/vscode/contextKeys.ts');
const { FailureNotice } = await import('../../src/vscode/failureNotice.ts');
const { StatusBar } = await import('../../src/vscode/statusBar.ts');
const { WindowModel } = await import('../../src/vscode/windowModel.ts');

const hostile = 'x/<img src=x>[x](command:workbench.action.quit)`**$(alert)';

const snapshot: ProxySnapshot = {
  state: { status: 'listening', port: 10_100 },
  activity: { active: 0, lastModel: undefined, served: 0 },
  defaultProvider: 'kimi',
  currentModel: 'kimi/k3',
  providers: [{ id: 'kimi', label: 'Kimi', adapter: 'openai-chat', authMode: 'key', models: [] }],
  configError: undefined,
  requests: [],
};

const listening: ProxyState = { status: 'listening', port: 10_100 };

function taken(port: number): ProxyState {
  const failure = { kind: 'port_in_use', message: `Port ${port} is taken.`, port } as const;
  return { status: 'failed', failure };
}

beforeEach(() => editor.reset());

test('the status bar item follows the state', async () => {
  const model = new WindowModel({ snapshot: async () => snapshot, codex: async () => 'connected' });
  const statusBar = new StatusBar(model);
  const [item] = editor.statusItems;
  assert.ok(item?.visible);
  assert.equal(item.name, 'OpenCodex');
  model.setProxy(listening);
  await until('the snapshot', () => item.text === '$(opencodex-logo) k3');
  assert.deepEqual(item.command, {
    title: 'OpenCodex: kimi/k3. Switch model.',
    command: 'opencodex.switchModel',
    arguments: [],
  });
  model.setProxy(taken(10_100));
  assert.equal(item.backgroundColor?.id, 'statusBarItem.errorBackground');
  assert.match(item.accessibilityInformation?.label ?? '', /Port 10100 is taken/);
  statusBar.dispose();
  assert.equal(item.visible, false);
});

test('a lost key leads to the question for that provider', async () => {
  const [kimi] = snapshot.providers;
  assert.ok(kimi);
  const lost = { ...snapshot, providers: [{ ...kimi, keyMissing: true }] };
  const model = new WindowModel({ snapshot: async () => lost, codex: async () => 'connected' });
  const statusBar = new StatusBar(model);
  const [item] = editor.statusItems;
  assert.ok(item);
  model.setProxy(listening);
  await until('the lost key', () => item.text === '$(key) Kimi');
  assert.equal(item.backgroundColor?.id, 'statusBarItem.warningBackground');
  assert.deepEqual(item.command, {
    title: 'OpenCodex: the key of Kimi is missing. Enter it again.',
    command: 'opencodex.setProviderKey',
    arguments: ['kimi'],
  });
  const link = 'command:opencodex.setProviderKey?%5B%22kimi%22%5D';
  assert.ok(item.tooltip?.value.includes(`[Set Provider Key](${link})`));
  statusBar.dispose();
});

test('names from outside are text in the tooltip, and only our own commands are links', async () => {
  const evil = { ...snapshot, currentModel: hostile };
  const model = new WindowModel({ snapshot: async () => evil, codex: async () => 'connected' });
  const statusBar = new StatusBar(model);
  const [item] = editor.statusItems;
  model.setProxy(listening);
  const value = await until('the name', () => {
    const words = item?.tooltip?.value ?? '';
    return words.includes('workbench') ? words : undefined;
  });
  assert.ok(value.includes('\\<img src=x\\>\\[x\\]\\(command:workbench.action.quit\\)'), value);
  assert.deepEqual(item?.tooltip?.isTrusted, {
    enabledCommands: ['opencodex.switchModel', 'opencodex.openDashboard', 'opencodex.showLog'],
  });
  statusBar.dispose();
});

test('a failure is one message, a repeated one none, a new one again', async () => {
  const model = new WindowModel({ snapshot: async () => snapshot, codex: async () => 'unknown' });
  const notice = new FailureNotice(model);
  editor.press = () => 'Change Port';
  model.setProxy(taken(10_100));
  model.setProxy({ status: 'starting' });
  model.setProxy(taken(10_100));
  assert.deepEqual(editor.messages, [
    {
      kind: 'error',
      text: 'Port 10100 is taken.',
      buttons: ['Change Port', 'Restart', 'Show Log'],
    },
  ]);
  await until('the way out', () => editor.executed.includes('opencodex.changePort'));
  model.setProxy(listening);
  model.setProxy(taken(10_100));
  assert.equal(editor.messages.length, 2);
  notice.dispose();
});

test('the context keys say what the commands need', async () => {
  let codex: 'outdated' | 'disconnected' = 'outdated';
  const model = new WindowModel({ snapshot: async () => snapshot, codex: async () => codex });
  const keys = new ContextKeys(model);
  model.setProxy({ status: 'starting' });
  assert.equal(editor.contexts.get('opencodex.running'), true);
  assert.equal(editor.contexts.get('opencodex.hasProvider'), false);
  model.setProxy(listening);
  await until('the connection', () => editor.contexts.get('opencodex.outdated') === true);
  await until('the providers', () => editor.contexts.get('opencodex.hasProvider') === true);
  assert.equal(editor.contexts.get('opencodex.connected'), true);
  codex = 'disconnected';
  await model.refreshCodex();
  assert.equal(editor.contexts.get('opencodex.connected'), false);
  model.setProxy({ status: 'stopped' });
  assert.equal(editor.contexts.get('opencodex.running'), false);
  keys.dispose();
});

test('of two looks at the config of Codex the later one counts', async () => {
  const answers: ((link: 'connected' | 'disconnected') => void)[] = [];
  const model = new WindowModel({
    snapshot: async () => undefined,
    codex: () => new Promise((resolve) => answers.push(resolve)),
  });
  const looks = [model.refreshCodex(), model.refreshCodex()];
  answers[1]?.('connected');
  answers[0]?.('disconnected');
  await Promise.all(looks);
  assert.equal(model.state.codex, 'connected');
});

test('a look that fails leaves it open whether Codex is connected', async () => {
  let fails = false;
  const model = new WindowModel({
    snapshot: async () => undefined,
    codex: async () => {
      if (fails) throw new Error('The token cannot be read.');
      return 'connected';
    },
  });
  await model.refreshCodex();
  assert.equal(model.state.codex, 'connected');
  fails = true;
  await model.refreshCodex();
  assert.equal(model.state.codex, 'unknown');
});

test('of two snapshots the one that was asked for later counts', async () => {
  const answers: ((snapshot: ProxySnapshot) => void)[] = [];
  const model = new WindowModel({
    snapshot: () => new Promise((resolve) => answers.push(resolve)),
    codex: async () => 'connected',
  });
  model.setProxy({ status: 'elsewhere', port: 10_100 });
  model.setProxy(listening);
  const [before, after] = answers;
  after?.(snapshot);
  await until('the snapshot', () => model.state.snapshot === snapshot);
  before?.({ ...snapshot, currentModel: 'kimi/old' });
  await new Promise(setImmediate);
  assert.equal(model.state.snapshot, snapshot);
});

test('a model that is gone asks for nothing more', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let asked = 0;
  const model = new WindowModel({
    snapshot: async () => {
      asked += 1;
      return undefined;
    },
    codex: async () => 'connected',
  });
  model.dispose();
  model.setActivity({ active: 1, lastModel: undefined, served: 0 });
  t.mock.timers.runAll();
  assert.equal(asked, 0);
});

test('a burst of activity asks for one snapshot, and the last one stays when the proxy is gone', async () => {
  let asked = 0;
  let gone = false;
  const model = new WindowModel({
    snapshot: async () => {
      asked += 1;
      return gone ? undefined : snapshot;
    },
    codex: async () => 'connected',
  });
  for (let active = 1; active <= 50; active++) {
    model.setActivity({ active, lastModel: 'kimi/k3', served: 0 });
  }
  assert.equal(model.state.activity.active, 50);
  await until('the snapshot', () => model.state.snapshot !== undefined);
  assert.equal(asked, 1);
  gone = true;
  model.setProxy({ status: 'stopped' });
  await until('the question', () => asked === 2);
  assert.equal(model.state.snapshot, snapshot);
  model.dispose();
});
