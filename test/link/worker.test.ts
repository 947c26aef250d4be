import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { localToken } from '../../src/credentials/token.ts';
import { ChannelClient } from '../../src/link/channel.ts';
import type { ProxyNotes, ProxyRequests } from '../../src/link/proxyLink.ts';
import { proxyProtocol } from '../../src/link/proxyProtocol.ts';
import type { LogLine, ProxyState } from '../../src/link/state.ts';
import type { WorkerRole } from '../../src/worker.ts';
import { writeConfig } from '../support/configFile.ts';
import { testScope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { sayOk, startUpstream } from '../support/upstream.ts';

const workerFile = new URL('../../src/worker.ts', import.meta.url);
const failingFile = new URL('./failingWorker.ts', import.meta.url);

async function setUp(t: test.TestContext, file = workerFile) {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, sayOk);
  const home = scope.directory('home');
  writeConfig(home, {
    providers: {
      sim: { adapter: 'openai-chat', baseUrl: upstream.url, keySource: 'vault', models: ['m'] },
    },
  });
  const role: WorkerRole = { role: 'proxy', home, version: '0.0.0-test', port: 0, env: {} };
  const worker = new Worker(file, { workerData: role });
  scope.add(() => worker.terminate());
  const states: ProxyState[] = [];
  const log: LogLine[] = [];
  const kept = new Map<string, string>();
  const client: ChannelClient<ProxyRequests, ProxyNotes> = new ChannelClient(
    worker,
    proxyProtocol,
    {
      keepKey: ({ id, provider, key }) => {
        kept.set(provider, key);
        const body = { kept: true };
        void client.request('api', { method: 'POST', path: `/api/kept-keys/${id}`, body });
      },
      state: (state) => void states.push(state),
      log: (line) => void log.push(line),
    },
  );
  const listening = await until('the proxy', () =>
    states.find((state) => state.status === 'listening'),
  );
  const token = await localToken(home);
  const post = (): Promise<Response> =>
    fetch(`http://127.0.0.1:${listening.port}/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ model: 'sim/m', input: 'hi', stream: true }),
    });
  return { scope, home, port: listening.port, upstream, worker, client, kept, states, log, post };
}

test('the proxy runs in a thread, takes keys from its host and stops', async (t) => {
  const { upstream, client, states, post } = await setUp(t);
  assert.equal((await post()).status, 400, 'no key yet');
  assert.equal(await client.request('vault', { sim: 'vault-key-0123456789' }), null);
  const answer = await post();
  assert.match(await answer.text(), /response\.completed/);
  assert.equal(upstream.requests[0]?.headers.authorization, 'Bearer vault-key-0123456789');
  const snapshot = await client.request('snapshot', null);
  assert.equal(snapshot.activity.served, 2);
  assert.equal(snapshot.requests[0]?.status, 'completed');
  assert.equal(await client.request('stop', { graceMs: 0 }), null);
  await until('the note', () => states.at(-1)?.status === 'stopped');
});

test('the host of a window that does not serve hears and sees what the serving one does', async (t) => {
  const { scope, home, port, client, post } = await setUp(t);
  const role: WorkerRole = { role: 'proxy', home, version: '0.0.0-test', port, env: {} };
  const worker = new Worker(workerFile, { workerData: role });
  scope.add(() => worker.terminate());
  const heard: ProxyNotes['activity'][] = [];
  const follower = new ChannelClient<ProxyRequests, ProxyNotes>(worker, proxyProtocol, {
    activity: (activity) => void heard.push(activity),
  });
  await until('the first word of the other one', () => heard.length > 0);
  const before = await follower.request('snapshot', null);
  assert.deepEqual(before.state, { status: 'elsewhere', port });
  await client.request('vault', { sim: 'vault-key-0123456789' });
  await (await post()).text();
  await until('the activity', () => heard.at(-1)?.served === 1);
  const after = await follower.request('snapshot', null);
  assert.equal(after.requests[0]?.model, 'sim/m');
  assert.equal(after.activity.served, 1);
});

test('the host is given a key that a page sent, and says that it has kept it', async (t) => {
  const { client, kept } = await setUp(t);
  const entry = { adapter: 'openai-chat', baseUrl: 'http://127.0.0.1:1/v1', models: ['m'] };
  const body = { id: 'more', entry, key: 'typed-key-0123456789', keep: 'vault' };
  const added = await client.request('api', { method: 'POST', path: '/api/providers', body });
  assert.equal(added.status, 200);
  assert.deepEqual([...kept], [['more', 'typed-key-0123456789']]);
});

test('a request of another version is refused, and the thread lives on', async (t) => {
  const { worker, client } = await setUp(t);
  const refusal = once(worker, 'message');
  worker.postMessage({ kind: 'request', id: 77, name: 'stop', value: { graceMs: 'soon' } });
  assert.deepEqual(await refusal, [
    { kind: 'refusal', id: 77, reason: 'The request "stop" is malformed.' },
  ]);
  assert.equal((await client.request('snapshot', null)).state.status, 'listening');
});

test('a fault that nobody caught is logged without secrets, and ends the thread', async (t) => {
  const { worker, log } = await setUp(t, failingFile);
  const exit = once(worker, 'exit');
  worker.postMessage('fail');
  assert.deepEqual(await exit, [1]);
  const line = log.at(-1);
  assert.equal(line?.level, 'error');
  assert.match(line.text, /out of luck with Bearer \[redacted\]/);
});
