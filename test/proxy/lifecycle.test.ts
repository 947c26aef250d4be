import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LogLine, ProxyState } from '../../src/link/state.ts';
import { createProxy } from '../../src/proxy/proxy.ts';
import type { ProxyOptions } from '../../src/proxy/proxyOptions.ts';
import { writeConfig } from '../support/configFile.ts';
import { startHaltingUpstream } from '../support/haltingUpstream.ts';
import { serveIn } from '../support/listen.ts';
import { startProxy } from '../support/proxy.ts';
import { type Scope, testScope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { chatChunk, eventStream, sayOk, startUpstream } from '../support/upstream.ts';
import { ask, chatEntry, eventsOf, openTurn, textOf, turn } from './client.ts';

interface Made {
  readonly proxy: ReturnType<typeof createProxy>;
  readonly states: ProxyState[];
  readonly log: LogLine[];
}

function make(scope: Scope, home: string, options: Partial<ProxyOptions> = {}): Made {
  const states: ProxyState[] = [];
  const log: LogLine[] = [];
  const proxy = createProxy({
    home,
    env: {},
    version: '0.0.0-test',
    log: (line) => void log.push(line),
    onState: (state) => void states.push(state),
    ...options,
  });
  scope.add(() => proxy.stop(0));
  return { proxy, states, log };
}

async function foreign(scope: Scope, headers: Record<string, string> = {}): Promise<number> {
  const server = createServer((_request, response) => {
    response.writeHead(200, headers).end('hello');
  });
  return await serveIn(scope, server);
}

test('a port in use by a foreign program is a failure that names it and a way out', async (t) => {
  const scope = testScope(t);
  for (const [headers, name] of [
    [{}, 'another program'],
    [{ server: 'nginx/1.2' }, 'nginx/1.2'],
    [{ 'x-powered-by': 'opencodex' }, undefined],
  ] as const) {
    const port = await foreign(scope, { ...headers });
    const { proxy, log } = make(scope, scope.directory('home'), { port });
    const state = await proxy.start();
    assert.equal(state.status, 'failed');
    assert.equal(state.failure.kind, 'port_in_use');
    assert.equal(state.failure.port, port);
    assert.match(state.failure.message, /Change Port/);
    if (name !== undefined) assert.ok(state.failure.message.includes(`in use by ${name}.`));
    assert.equal(log.at(-1)?.text, state.failure.message);
  }
});

test('who holds the port is asked without giving the token away', async (t) => {
  const scope = testScope(t);
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(JSON.stringify([request.url, request.rawHeaders]));
    response.end('{"product":"opencodex","pid":1,"proof":"00"}');
  });
  const port = await serveIn(scope, server);
  const home = scope.directory('home');
  const { proxy } = make(scope, home, { port });
  const state = await proxy.start();
  assert.equal(state.status, 'failed', 'somebody who only claims to be ours is not');
  assert.match(state.failure.message, /OpenCodex \(ocx\)/);
  const token = readFileSync(join(home, 'token'), 'utf8').trim();
  assert.equal(seen.length, 1);
  assert.ok(!seen[0]?.includes(token));
});

test('the port is chosen once, kept in the config, and used again', async (t) => {
  const scope = testScope(t);
  const home = scope.directory('home');
  const first = make(scope, home);
  const state = await first.proxy.start();
  assert.equal(state.status, 'listening');
  const { port } = JSON.parse(readFileSync(join(home, 'config.json'), 'utf8'));
  assert.equal(port, state.port);
  await first.proxy.stop(0);
  assert.deepEqual(
    first.states.map(({ status }) => status),
    ['starting', 'listening', 'stopped'],
  );
  assert.deepEqual(await make(scope, home).proxy.start(), state);
});

test('a port given at the start is not kept', async (t) => {
  const scope = testScope(t);
  const proxy = await startProxy(scope, {});
  assert.equal(JSON.parse(readFileSync(join(proxy.home, 'config.json'), 'utf8')).port, undefined);
});

test('a second proxy of the same user waits, and takes over when the first ends', async (t) => {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, sayOk);
  const first = await startProxy(scope, { providers: { sim: chatEntry(upstream.url) } });
  const { port } = first;
  const second = make(scope, first.home, { port });
  assert.deepEqual(await second.proxy.start(), { status: 'elsewhere', port });
  assert.equal((await turn(first)).status, 200);
  await first.proxy.stop(0);
  await until('the takeover', () => second.proxy.state.status === 'listening');
  assert.deepEqual(second.proxy.state, { status: 'listening', port });
  assert.equal(textOf((await turn(first)).body), 'ok');
});

test('one that waits can be stopped', async (t) => {
  const scope = testScope(t);
  const first = await startProxy(scope, {});
  const second = make(scope, first.home, { port: first.port });
  await second.proxy.start();
  await second.proxy.stop(0);
  assert.deepEqual(second.proxy.state, { status: 'stopped' });
  assert.equal((await ask(first, { path: '/api/health' })).status, 200);
});

test('a proxy of another home is foreign', async (t) => {
  const scope = testScope(t);
  const first = await startProxy(scope, {});
  const { proxy } = make(scope, scope.directory('other'), { port: first.port });
  const state = await proxy.start();
  assert.equal(state.status, 'failed');
  assert.match(state.failure.message, /in use by another OpenCodex/);
});

test('an invalid config is a failure that names the line, and starts when it is mended', async (t) => {
  const scope = testScope(t);
  const home = scope.directory('home');
  writeFileSync(join(home, 'config.json'), '{\n  "port": "x"\n}');
  const { proxy } = make(scope, home, { port: 0 });
  const state = await proxy.start();
  assert.equal(state.status, 'failed');
  assert.equal(state.failure.kind, 'config');
  assert.match(state.failure.message, /line 2.*port/);
  writeConfig(home, {});
  await until('the start', () => proxy.state.status === 'listening');
});

test('a home that cannot be used is a failure', async (t) => {
  const scope = testScope(t);
  const file = join(scope.directory('home'), 'file');
  writeFileSync(file, '');
  const state = await make(scope, join(file, 'home'), { port: 0 }).proxy.start();
  assert.equal(state.status, 'failed');
  assert.equal(state.failure.kind, 'home');
  assert.ok(state.failure.message.includes(file));
});

test('a changed config is in force without a restart, an invalid one is not', async (t) => {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, sayOk);
  let changes = 0;
  const proxy = await startProxy(
    scope,
    { providers: { sim: chatEntry(upstream.url) } },
    {
      onChanged: () => {
        changes += 1;
      },
    },
  );
  const status = async (model: string): Promise<number> => (await turn(proxy, { model })).status;
  assert.equal(await status('second/m'), 400);
  const both = { sim: chatEntry(upstream.url), second: chatEntry(upstream.url) };
  writeConfig(proxy.home, { providers: both });
  await until('the second provider', async () => (await status('second/m')) === 200);
  assert.ok(changes > 0);
  writeFileSync(join(proxy.home, 'config.json'), '{');
  await until('the error', () => proxy.proxy.snapshot().configError !== undefined);
  assert.equal(await status('second/m'), 200);
  assert.ok(proxy.log.some((line) => line.text.includes('config.json, line 1')));
});

test('stopping lets a running turn finish', async (t) => {
  const scope = testScope(t);
  const { upstream, goOn } = await startHaltingUpstream(scope);
  const proxy = await startProxy(scope, { providers: { sim: chatEntry(upstream.url) } });
  const stream = await openTurn(proxy);
  await stream.has('one');
  const stopped = proxy.proxy.stop(30_000);
  await assert.rejects(turn(proxy), /ECONNREFUSED|ECONNRESET/);
  goOn();
  assert.equal(await stream.ended, true);
  assert.equal(textOf(stream.text()), 'one two');
  await stopped;
});

test('stopping ends a turn that takes longer, so that its client can tell', async (t) => {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, (_request, response) => {
    response.writeHead(200, eventStream).write(chatChunk('one'));
  });
  const proxy = await startProxy(scope, { providers: { sim: chatEntry(upstream.url) } });
  const stream = await openTurn(proxy);
  await stream.has('one');
  await proxy.proxy.stop(10);
  await stream.ended;
  assert.equal(eventsOf(stream.text()).at(-1)?.type, 'response.failed');
  await upstream.requests[0]?.aborted;
  await assert.rejects(turn(proxy), /ECONNREFUSED/);
});

test('the management API stops it', async (t) => {
  const scope = testScope(t);
  const proxy = await startProxy(scope, {});
  const get = await ask(proxy, { path: '/api/stop' });
  assert.equal(get.status, 404);
  const answer = await ask(proxy, { method: 'POST', path: '/api/stop', body: '{}' });
  assert.equal(answer.status, 200);
  await until('the end', () => proxy.proxy.state.status === 'stopped');
});

test('stopping before it has started leaves nothing behind', async (t) => {
  const scope = testScope(t);
  const { proxy } = make(scope, scope.directory('home'), { port: 0 });
  const starting = proxy.start();
  await proxy.stop(0);
  await starting;
  assert.equal(proxy.state.status, 'stopped');
});

test('the snapshot shows providers without secrets', async (t) => {
  const scope = testScope(t);
  const proxy = await startProxy(scope, {
    providers: { sim: chatEntry('http://127.0.0.1:1', { label: 'Sim', models: ['a', 'b'] }) },
  });
  proxy.proxy.setVault({ other: 'vault-key-0123456789' });
  const snapshot = proxy.proxy.snapshot();
  assert.deepEqual(snapshot.providers, [
    { id: 'sim', label: 'Sim', adapter: 'openai-chat', authMode: 'key', models: ['a', 'b'] },
  ]);
  const text = JSON.stringify(snapshot);
  for (const secret of ['sim-key-0123456789', 'vault-key-0123456789', proxy.token]) {
    assert.ok(!text.includes(secret));
  }
});
