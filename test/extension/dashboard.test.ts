import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCount, formatDuration } from '../../src/dashboard/format.ts';
import {
  dashboardCommands,
  type HostMessage,
  readHostMessage,
  readPageMessage,
} from '../../src/link/dashboardLink.ts';
import { commandIds } from '../../src/vscode/commandIds.ts';
import { dashboardView } from '../../src/vscode/dashboardView.ts';
import { firstState } from '../../src/vscode/windowState.ts';

test('what the host shows arrives at the page as it was, also the parts that are missing', () => {
  const view = dashboardView({
    ...firstState,
    proxy: { status: 'listening', port: 10_100 },
    snapshot: {
      state: { status: 'listening', port: 10_100 },
      activity: firstState.activity,
      defaultProvider: 'kimi',
      currentModel: undefined,
      providers: [
        { id: 'kimi', label: 'Kimi', adapter: 'openai-chat', authMode: 'key', models: ['k3'] },
      ],
      configError: undefined,
      requests: [
        {
          id: 'req_1',
          startedAt: 1_790_000_000_000,
          model: 'kimi/k3',
          provider: 'kimi',
          status: 'running',
          error: undefined,
          firstTokenMs: undefined,
          totalMs: undefined,
          inputTokens: 1,
          cachedTokens: 0,
          outputTokens: 0,
        },
      ],
    },
  });
  assert.equal(view.address, 'http://127.0.0.1:10100/v1');
  const sent: HostMessage = { type: 'view', view };
  // The editor sends messages to pages as JSON.
  const received = readHostMessage(JSON.parse(JSON.stringify(sent)));
  assert.equal(received?.view.requests[0]?.model, 'kimi/k3');
  assert.deepEqual(received?.view.providers, view.providers);
});

test('a failed start brings its sentence and no address', () => {
  const failure = { kind: 'internal', message: 'It failed.', port: undefined } as const;
  const view = dashboardView({ ...firstState, proxy: { status: 'failed', failure } });
  assert.equal(view.failure, 'It failed.');
  assert.equal(view.address, undefined);
});

test('a page can run the commands of its buttons and nothing else', () => {
  for (const command of dashboardCommands) {
    assert.deepEqual(readPageMessage({ type: 'run', command }), { type: 'run', command });
    assert.ok(
      commandIds.some((id) => id === `opencodex.${command}`),
      command,
    );
  }
  for (const message of [
    { type: 'run', command: 'workbench.action.quit' },
    { type: 'run', command: 'openDashboard' },
    { type: 'run' },
    { type: 'view' },
    'ready',
    null,
    [],
  ]) {
    assert.equal(readPageMessage(message), undefined, JSON.stringify(message));
  }
  assert.equal(readHostMessage({ type: 'view', view: { status: 'listening' } }), undefined);
});

test('numbers read as people write them', () => {
  assert.equal(formatCount(1234567), '1,234,567');
  assert.deepEqual(
    [undefined, 0, 12.4, 999.4, 999.6, 2449, 59_949, 59_951, 72_000].map(formatDuration),
    ['–', '0 ms', '12 ms', '999 ms', '1.0 s', '2.4 s', '59.9 s', '1 min 0 s', '1 min 12 s'],
  );
});
