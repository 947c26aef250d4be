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

test('what the host says arrives at the page as it was', () => {
  const messages: readonly HostMessage[] = [
    { type: 'proxy', state: { status: 'listening', port: 10_100 } },
    { type: 'reply', id: 7, reply: { status: 200, body: { models: [{ id: 'kimi/k3' }] } } },
    { type: 'event', event: { type: 'changed', what: 'config' } },
    { type: 'show', tab: 'requests' },
  ];
  for (const sent of messages) {
    // The editor sends messages to pages as JSON.
    assert.deepEqual(readHostMessage(JSON.parse(JSON.stringify(sent))), sent);
  }
});

test('a page can ask the management API and nothing else of the proxy', () => {
  const ask = (path: string, method = 'GET') =>
    readPageMessage({ type: 'call', id: 1, call: { method, path } });
  assert.equal(ask('/api/models')?.type, 'call');
  assert.equal(ask('/v1/responses', 'POST'), undefined);
  assert.equal(ask('https://example.com/api/'), undefined);
  assert.equal(ask('/api/models', 'CONNECT'), undefined);
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
    [undefined, 0, 12.4, 999.4, 999.6, 2449, 59_949, 59_951, 72_000].map((ms) =>
      formatDuration(ms),
    ),
    ['–', '0 ms', '12 ms', '999 ms', '1.0 s', '2.4 s', '59.9 s', '1 min 0 s', '1 min 12 s'],
  );
});
