import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { localToken } from '../../src/credentials/token.ts';
import { Follower } from '../../src/proxy/follower.ts';
import { defaultLimits } from '../../src/proxy/limits.ts';
import { Listener } from '../../src/proxy/listener.ts';
import { connectPeer } from '../../src/proxy/peer.ts';
import { createProxy } from '../../src/proxy/proxy.ts';
import { writeConfig } from '../support/configFile.ts';
import { freePort } from '../support/freePort.ts';
import { startHaltingUpstream } from '../support/haltingUpstream.ts';
import { serveIn } from '../support/listen.ts';
import { type RunningProxy, startProxy } from '../support/proxy.ts';
import { type ProxyProcess, startProxyProcess } from '../support/proxyProcess.ts';
import { type Scope, testScope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { sayOk, startUpstream } from '../support/upstream.ts';
import { ask, chatEntry, openTurn, textOf, turn } from './client.ts';
import { follow } from './follow.ts';

const keyless = (url: string, more: object = {}): object => {
  return { adapter: 'openai-chat', baseUrl: `${url}/v1`, models: ['m'], ...more };
};

async function windowsAt(proxy: RunningProxy): Promise<number> {
  const reply = await proxy.proxy.api({ method: 'GET', path: '/api/state' });
  return JSON.parse(JSON.stringify(reply.body)).windows;
}

test('a window that does not serve sees the requests, the activity and the changes of the one that does', async (t) => {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, sayOk);
  const first = await startProxy(scope, { providers: { sim: chatEntry(upstream.url) } });
  const served: number[] = [];
  const changed = new Set<string>();
  const second = await follow(scope, first, {
    onActivity: (activity) => void served.push(activity.served),
    onChanged: (what) => void changed.add(what),
  });
  await until('the attachment', async () => (await windowsAt(first)) === 1);
  await turn(first);
  await until('the activity', () => served.at(-1) === 1);
  assert.ok(changed.has('requests'));
  const reply = await second.api({ method: 'GET', path: '/api/requests' });
  const [request] = JSON.parse(JSON.stringify(reply.body)).requests;
  assert.equal(request.model, 'sim/m');
  assert.equal(request.status, 'completed');
  assert.equal(second.snapshot().activity.served, 1);
  const unknown = await second.api({ method: 'GET', path: '/api/nothing' });
  assert.equal(unknown.status, 404);
});

test('a change that one window asks for is in force in the other', async (t) => {
  const scope = testScope(t);
  const first = await startProxy(scope, { providers: { sim: keyless('http://127.0.0.1:1') } });
  const second = await follow(scope, first);
  const body = { model: 'sim/m' };
  const reply = await second.api({ method: 'PUT', path: '/api/current-model', body });
  assert.equal(reply.status, 200);
  assert.equal(first.proxy.snapshot().currentModel, 'sim/m');
  await until('the change', () => second.snapshot().currentModel === 'sim/m');
});

test('keys of a window work at the one that serves, for as long as that window is there', async (t) => {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, sayOk);
  const first = await startProxy(scope, {
    providers: { sim: keyless(upstream.url, { keySource: 'vault' }) },
  });
  assert.equal((await turn(first)).status, 400, 'no key yet');
  const second = await follow(scope, first);
  second.setVault({ sim: 'window-key-0123456789' });
  await until('the key', async () => (await turn(first)).status === 200);
  assert.equal(upstream.requests.at(-1)?.headers.authorization, 'Bearer window-key-0123456789');
  second.setVault({ sim: 'second-key-0123456789' });
  await until('the new key', async () => {
    await turn(first);
    return upstream.requests.at(-1)?.headers.authorization === 'Bearer second-key-0123456789';
  });
  for (const path of ['/api/state', '/api/providers', '/api/models', '/api/requests']) {
    const { body } = await ask(first, { path });
    assert.ok(!body.includes('-key-0123456789'), path);
  }
  await second.stop(0);
  await until('the key to be forgotten', async () => (await turn(first)).status === 400);
});

test('a key that two windows hold stays until both have gone', async (t) => {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, sayOk);
  const first = await startProxy(scope, {
    providers: { sim: keyless(upstream.url, { keySource: 'vault' }) },
  });
  const second = await follow(scope, first);
  const third = await follow(scope, first);
  await until('both', async () => (await windowsAt(first)) === 2);
  for (const window of [second, third]) window.setVault({ sim: 'window-key-0123456789' });
  await until('the key', async () => (await turn(first)).status === 200);
  await second.stop(0);
  await until('one', async () => (await windowsAt(first)) === 1);
  assert.equal((await turn(first)).status, 200);
  await third.stop(0);
  await until('the key to be forgotten', async () => (await turn(first)).status === 400);
});

test('keys are only taken from a window that is attached', async (t) => {
  const first = await startProxy(testScope(t), {});
  const body = JSON.stringify({ window: 'nobody', keys: { sim: 'key-0123456789' } });
  const answer = await ask(first, { method: 'POST', path: '/api/vault', body });
  assert.equal(answer.status, 409);
});

test('who has the port is handed over while a stream runs, and the stream ends well', async (t) => {
  const scope = testScope(t);
  const { upstream, goOn } = await startHaltingUpstream(scope);
  const first = await startProxy(scope, { providers: { sim: chatEntry(upstream.url) } });
  const second = await follow(scope, first);
  const stream = await openTurn(first);
  await stream.has('one');
  const stopped = first.proxy.stop(30_000);
  await until('the takeover', () => second.state.status === 'listening');
  goOn();
  assert.equal(await stream.ended, true);
  assert.equal(textOf(stream.text()), 'one two');
  await stopped;
  assert.equal((await turn(first)).status, 200);
});

/** A program that says it is OpenCodex, answers everything and keeps every byte. */
async function impostor(scope: Scope, port: number): Promise<{ text(): string }> {
  const chunks: Buffer[] = [];
  const server = createServer((request, response) => {
    const nonce = new URL(request.url ?? '', 'http://x').searchParams.get('nonce') ?? '';
    const identity = { product: 'opencodex', version: '99.0.0', link: 99, pid: 1, proof: nonce };
    response.end(JSON.stringify({ ...identity, yielding: true }));
  });
  server.on('connection', (socket: Socket) => socket.on('data', (chunk) => chunks.push(chunk)));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  scope.add(() => {
    server.closeAllConnections();
    server.close();
  });
  return { text: () => Buffer.concat(chunks).toString('latin1') };
}

test('a foreign program on the port is told no secret, whatever it claims', async (t) => {
  const scope = testScope(t);
  const port = await freePort();
  const foreign = await impostor(scope, port);
  const home = scope.directory('home');
  const token = await localToken(home);
  const events: unknown[] = [];
  const { promise: lost, resolve } = Promise.withResolvers<unknown>();
  const follower = new Follower({
    port,
    token,
    build: { version: '1.0.0', link: 1 },
    window: 'window',
    delayMs: 0,
    createListener: () => new Listener(defaultLimits, (_request, response) => response.end()),
    taken: () => assert.fail('the port is not free'),
    lost: resolve,
    heard: (event) => void events.push(event),
    keys: () => ({ sim: 'window-key-0123456789' }),
  });
  scope.add(() => follower.dispose());
  follower.lend({ sim: 'window-key-0123456789' });
  assert.equal((await follower.call({ method: 'GET', path: '/api/state' })).status, 503);
  assert.match(JSON.stringify(await lost), /foreign/);
  const window = createProxy({ home, env: {}, version: '1.0.0', port, log: () => {} });
  scope.add(() => window.stop(0));
  window.setVault({ sim: 'window-key-0123456789' });
  assert.equal((await window.start()).status, 'failed');
  assert.match(foreign.text(), /GET \/api\/identity\?nonce=/);
  for (const secret of [token, 'window-key']) assert.ok(!foreign.text().includes(secret));
  assert.deepEqual(events, []);
});

test('a program that takes the port after the proof gets nothing: the proof is for one connection', async (t) => {
  const scope = testScope(t);
  const first = await startProxy(scope, {});
  const found = await connectPeer(first.port, first.token);
  assert.ok(found.kind === 'ours');
  scope.add(() => found.peer.close());
  assert.equal((await found.peer.call({ method: 'GET', path: '/api/health' })).status, 200);
  await first.proxy.stop(0);
  const foreign = await impostor(scope, first.port);
  await assert.rejects(found.peer.call({ method: 'GET', path: '/api/health' }));
  assert.equal(foreign.text(), '');
});

test('a proof that was made for another port is none', async (t) => {
  const scope = testScope(t);
  const first = await startProxy(scope, {});
  // Hands the question on to the real one and its answer back.
  const relay = createServer((asked, response) => {
    const at = { host: '127.0.0.1', port: first.port, path: asked.url ?? '' };
    request(at, (answer) => answer.pipe(response)).end();
  });
  const port = await serveIn(scope, relay);
  assert.equal((await connectPeer(port, first.token)).kind, 'foreign');
});

test('a newer version gets the port from an older one; the older one waits, and its turns end well', async (t) => {
  const scope = testScope(t);
  const { upstream, goOn } = await startHaltingUpstream(scope);
  const config = { providers: { sim: chatEntry(upstream.url) } };
  const older = await startProxy(scope, config, { version: '1.9.0' });
  const stream = await openTurn(older);
  await stream.has('one');
  const newer = await follow(scope, older, { version: '1.10.0' });
  assert.deepEqual(newer.state, { status: 'listening', port: older.port });
  assert.deepEqual(older.proxy.state, { status: 'elsewhere', port: older.port });
  goOn();
  assert.equal(await stream.ended, true);
  assert.equal(textOf(stream.text()), 'one two');
  assert.equal((await turn(older)).status, 200, 'the newer one answers');
  const oldest = await follow(scope, older, { version: '1.8.0' });
  assert.equal(oldest.state.status, 'elsewhere');
  await newer.stop(0);
  const states = (): string[] => [oldest.state.status, older.proxy.state.status];
  await until('the older one again', () => states().includes('listening'));
});

test('the port is not left for an older version, or by hearsay', async (t) => {
  const first = await startProxy(testScope(t), {}, { version: '1.2.3' });
  for (const version of ['1.2.3', '1.2.2', '0.9.9', 'x']) {
    const body = JSON.stringify({ version, link: 0 });
    const answer = await ask(first, { method: 'POST', path: '/api/yield', body });
    assert.equal(JSON.parse(answer.body).yielding, false, version);
  }
  const body = JSON.stringify({ version: '9.9.9', link: 9 });
  const stranger = { method: 'POST', path: '/api/yield', body, authorized: false };
  assert.equal((await ask(first, stranger)).status, 401);
  assert.equal(first.proxy.state.status, 'listening');
});

test('of three windows in processes of their own one takes over when the serving one is killed', async (t) => {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, sayOk);
  const home = scope.directory('home');
  const port = await freePort();
  writeConfig(home, { providers: { sim: keyless(upstream.url, { keySource: 'vault' }) } });
  const keys = { sim: 'window-key-0123456789' };
  const start = (): ProxyProcess => startProxyProcess(scope, { home, port, keys });
  let serving = start();
  await serving.reaches('listening');
  let waiting = [start(), start()];
  for (const window of waiting) await window.reaches('elsewhere');
  const token = await localToken(home);
  const proxy = { port, token };
  const took: number[] = [];
  for (let round = 0; round < 3; round++) {
    await until('two windows', async () => {
      const { body } = await ask(proxy, { path: '/api/state' });
      return JSON.parse(body).windows === 2;
    });
    const killed = await serving.kill();
    const next = await until('a takeover', () =>
      waiting.find(({ states }) => states.at(-1)?.status === 'listening'),
    );
    took.push((next.states.at(-1)?.at ?? 0) - killed);
    assert.equal(textOf((await turn(proxy)).body), 'ok');
    const more = start();
    await more.reaches('elsewhere');
    waiting = [...waiting.filter((window) => window !== next), more];
    serving = next;
  }
  t.diagnostic(`takeover: ${took.map((ms) => `${ms.toFixed(1)} ms`).join(', ')}`);
});
