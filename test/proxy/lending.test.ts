import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { apiCall } from '../../src/link/api.ts';
import { Follower, type FollowerOptions } from '../../src/proxy/follower.ts';
import { defaultLimits } from '../../src/proxy/limits.ts';
import { Listener } from '../../src/proxy/listener.ts';
import { connectPeer } from '../../src/proxy/peer.ts';
import type { KeyChanges } from '../../src/proxy/vault.ts';
import { startProxy } from '../support/proxy.ts';
import { type Scope, testScope } from '../support/scope.ts';
import { gate, until } from '../support/until.ts';
import { sayOk, startUpstream } from '../support/upstream.ts';
import { ask, open, turn } from './client.ts';
import { type FakeLeader, startFakeLeader } from './fakeLeader.ts';

function followerOf(
  scope: Scope,
  leader: FakeLeader,
  options: Partial<FollowerOptions> = {},
): Follower {
  const follower = new Follower({
    ...{ port: leader.port, token: leader.token, window: randomUUID(), delayMs: 0 },
    build: { version: '1.0.0', link: 1 },
    createListener: () => new Listener(defaultLimits, (_request, response) => response.end()),
    taken: () => assert.fail('the port is not free'),
    lost: () => assert.fail('it is no foreign program'),
    heard: () => {},
    keys: () => ({}),
    ...options,
  });
  scope.add(() => follower.dispose());
  return follower;
}

const keysIn = (leader: FakeLeader): readonly KeyChanges[] =>
  leader.calls.map(({ body }) => JSON.parse(body).keys);

const done = JSON.stringify({ ok: true });

test('what a window lends arrives one after the other, and only the newest of it', async (t) => {
  const scope = testScope(t);
  const slow = gate();
  let running = 0;
  let most = 0;
  const leader = await startFakeLeader(scope, async (_call, response) => {
    running += 1;
    most = Math.max(most, running);
    await slow.opened;
    running -= 1;
    response.end(done);
  });
  const follower = followerOf(scope, leader, { keys: () => ({ sim: 'key-1' }) });
  await until('the first', () => leader.calls.length === 1);
  follower.lend({ sim: 'key-2', other: 'more' });
  follower.lend({ sim: 'key-3' });
  slow.open();
  await until('the newest', () => leader.calls.length >= 2);
  assert.deepEqual(keysIn(leader), [{ sim: 'key-1' }, { sim: 'key-3', other: 'more' }]);
  assert.equal(most, 1);
});

test('what did not arrive is lent again, with what is newer', async (t) => {
  const scope = testScope(t);
  const answers = ['busy', 'cut', 'done'];
  const leader = await startFakeLeader(scope, (_call, response) => {
    switch (answers.shift()) {
      case 'busy':
        follower.lend({ other: null });
        response.writeHead(503).end();
        break;
      case 'cut':
        response.destroy();
        break;
      default:
        response.end(done);
    }
  });
  const follower = followerOf(scope, leader, { keys: () => ({ sim: 'key-1' }) });
  await until('the third', () => leader.calls.length >= 3);
  const both = { sim: 'key-1', other: null };
  assert.deepEqual(keysIn(leader), [{ sim: 'key-1' }, both, both]);
});

test('who serves next is lent everything anew, and nothing that was meant for the one before', async (t) => {
  const scope = testScope(t);
  const leader = await startFakeLeader(scope, (_call, response) => {
    if (leader.calls.length > 1) {
      response.end(done);
      return;
    }
    keys = { sim: 'key-2' };
    leader.letGo();
  });
  let keys: KeyChanges = { sim: 'key-1' };
  const offered = [{ name: 'smart', label: 'Smart' }];
  followerOf(scope, leader, { keys: () => keys, models: () => offered });
  await until('the rest', () => leader.calls.length >= 3);
  assert.deepEqual(
    leader.calls.slice(0, 3).map(({ path }) => path),
    ['/api/vault', '/api/vault', '/api/editor-models'],
  );
  assert.deepEqual(keysIn(leader).slice(0, 2), [{ sim: 'key-1' }, { sim: 'key-2' }]);
});

test('a call to a proxy that answers nothing ends with a clear error', async (t) => {
  const scope = testScope(t);
  const leader = await startFakeLeader(scope, () => {});
  const follower = followerOf(scope, leader, { patience: { answerMs: 50 } });
  const reply = await follower.call(apiCall('GET /api/state', {}));
  assert.equal(reply.status, 504);
  assert.match(JSON.stringify(reply.body), /does not answer.+within 1 seconds.+ocx stop/);
});

test('a proxy that does not hold the request of a window is asked again', async (t) => {
  const scope = testScope(t);
  const leader = await startFakeLeader(scope, () => {}, false);
  const found = await connectPeer(leader.port, leader.token, { headMs: 50 });
  assert.ok(found.kind === 'ours');
  scope.add(() => found.peer.close());
  await assert.rejects(found.peer.open({ method: 'GET', path: '/api/events' }), {
    name: 'PeerSilent',
  });
});

test('the newest request of a window counts, and the keys that came with an older one go', async (t) => {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, sayOk);
  const sim = { adapter: 'openai-chat', baseUrl: `${upstream.url}/v1`, models: ['m'] };
  const proxy = await startProxy(scope, { providers: { sim: { ...sim, keySource: 'vault' } } });
  const window = randomUUID();
  const path = `/api/events?window=${window}`;
  const older = await open(proxy, { path });
  await older.has('"state"');
  const body = JSON.stringify({ window, keys: { sim: 'window-key-0123456789' } });
  assert.equal((await ask(proxy, { method: 'POST', path: '/api/vault', body })).status, 200);
  assert.equal((await turn(proxy)).status, 200);
  const newer = await open(proxy, { path });
  scope.add(() => newer.close());
  await newer.has('"state"');
  assert.equal(await older.ended, false);
  assert.equal((await turn(proxy)).status, 400, 'the key has gone with the older request');
  const models = [{ name: 'smart', label: 'Smart' }];
  const offer = JSON.stringify({ window, models });
  await ask(proxy, { method: 'POST', path: '/api/editor-models', body: offer });
  void turn(proxy, { model: 'vscode/smart' });
  await newer.has('"editorTurn"');
});

test('nobody from outside is taken for the window that serves', async (t) => {
  const scope = testScope(t);
  const proxy = await startProxy(scope, {});
  proxy.proxy.setVault({ sim: 'window-key-0123456789' });
  for (const name of ['own', '', 'x', `${randomUUID()}x`]) {
    const stream = await open(proxy, { path: `/api/events?window=${name}` });
    stream.close();
    assert.equal(stream.status, 400, name);
  }
  const body = JSON.stringify({ window: 'own', keys: { sim: null } });
  assert.equal((await ask(proxy, { method: 'POST', path: '/api/vault', body })).status, 409);
  const { body: state } = await ask(proxy, { path: '/api/state' });
  assert.equal(JSON.parse(state).windows, 0);
});
