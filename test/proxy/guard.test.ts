import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { linkVersion } from '../../src/link/version.ts';
import { type RunningProxy, startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { chatStream, eventStream, type FakeUpstream, startUpstream } from '../support/upstream.ts';
import { ask, chatEntry, raw, turn, turnRequest } from './client.ts';

async function setUp(
  t: test.TestContext,
): Promise<{ proxy: RunningProxy; upstream: FakeUpstream }> {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, (_request, response) => {
    response.writeHead(200, eventStream).end(chatStream({ content: 'hello' }));
  });
  const proxy = await startProxy(scope, { providers: { sim: chatEntry(upstream.url) } });
  return { proxy, upstream };
}

function lines(proxy: RunningProxy, hosts: readonly string[], version = '1.1'): string {
  const body = turnRequest().body ?? '';
  return [
    `POST /v1/responses HTTP/${version}`,
    ...hosts.map((host) => `Host: ${host}`),
    `Authorization: Bearer ${proxy.token}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

test('only requests that name this machine and our port are served', async (t) => {
  const { proxy, upstream } = await setUp(t);
  const { port } = proxy;
  for (const hosts of [
    [`evil.example:${port}`],
    [`localhost.evil:${port}`],
    [`127.0.0.1.nip.io:${port}`],
    [`127.0.0.1:${port + 1}`],
    ['127.0.0.1'],
    [''],
    [],
    [`127.0.0.1:${port}`, 'evil.example'],
    [`127.0.0.1:${port}`, `127.0.0.1:${port}`],
  ]) {
    assert.match(await raw(port, lines(proxy, hosts)), /^HTTP\/1\.1 400 /, hosts.join(' and '));
  }
  assert.match(await raw(port, lines(proxy, [], '1.0')), /^HTTP\/1\.1 400 /);
  assert.equal(upstream.requests.length, 0);
  for (const host of [
    `127.0.0.1:${port}`,
    `localhost:${port}`,
    `LOCALHOST:${port}`,
    `[::1]:${port}`,
  ]) {
    assert.match(await raw(port, lines(proxy, [host])), /^HTTP\/1\.1 200 /, host);
  }
  assert.equal(upstream.requests.length, 4);
});

test('a web page gets nowhere, whatever it sends, and is never allowed to read', async (t) => {
  const { proxy, upstream } = await setUp(t);
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: `http://127.0.0.1:${proxy.port}` },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': 'application/jsonp' },
  ]) {
    const answer = await turn(proxy, {}, { headers });
    assert.equal(answer.status, 400, JSON.stringify(headers));
    assert.match(answer.headers['content-type'] ?? '', /^text\/plain/);
  }
  for (const path of ['/api/health', '/api/stop', '/', '/v1/models']) {
    for (const method of ['OPTIONS', 'GET', 'POST']) {
      const answer = await ask(proxy, {
        method,
        path,
        headers: { origin: 'https://evil.example' },
      });
      assert.equal(answer.status, path.startsWith('/v1') ? 400 : 403);
      assert.deepEqual(
        Object.keys(answer.headers).filter((name) => name.startsWith('access-control')),
        [],
      );
    }
  }
  assert.equal(upstream.requests.length, 0);
  assert.equal((await turn(proxy, {}, { headers: { 'sec-fetch-site': 'none' } })).status, 200);
});

test('without the token nothing is served', async (t) => {
  const { proxy, upstream } = await setUp(t);
  const wrong = `${proxy.token.slice(0, -1)}${proxy.token.endsWith('x') ? 'y' : 'x'}`;
  for (const headers of [
    {},
    { authorization: `Bearer ${wrong}` },
    { authorization: proxy.token },
    { authorization: 'Bearer' },
    { 'x-opencodex-token': wrong },
    { 'x-api-key': '' },
  ] satisfies Record<string, string>[]) {
    const refused = { authorized: false, headers };
    const health = await ask(proxy, { path: '/api/health', ...refused });
    assert.equal(health.status, 401);
    assert.equal((await ask(proxy, { path: '/api/anything', ...refused })).status, 401);
    const stop = await ask(proxy, { method: 'POST', path: '/api/stop', body: '{}', ...refused });
    assert.equal(stop.status, 401);
    for (const answer of [
      await turn(proxy, {}, refused),
      await ask(proxy, refused),
      await ask(proxy, { path: '/v1/codex/models', ...refused }),
    ]) {
      assert.equal(answer.status, 400);
      assert.match(answer.headers['content-type'] ?? '', /^text\/plain/);
      assert.match(answer.body, /no valid access token.*Connect Codex/);
    }
  }
  assert.equal(upstream.requests.length, 0);
});

test('the token is taken from each of its places', async (t) => {
  const { proxy } = await setUp(t);
  for (const headers of [
    { 'x-opencodex-token': proxy.token },
    { 'x-opencodex-token': proxy.token, authorization: 'Bearer a-login-of-somebody' },
    { 'x-api-key': proxy.token },
    { authorization: `bearer ${proxy.token}` },
  ] satisfies Record<string, string>[]) {
    assert.equal((await turn(proxy, {}, { authorized: false, headers })).status, 200);
  }
});

test('the proxy is not to be had over the network', async (t) => {
  const { proxy } = await setUp(t);
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((found) => found.family === 'IPv4' && !found.internal)
    .map(({ address }) => address);
  // All of 127/8 leads to this machine there, also in a container without a network.
  if (process.platform === 'linux') others.push('127.0.0.2');
  for (const address of others) {
    const code = await new Promise((resolve) => {
      const socket = connect({ host: address, port: proxy.port });
      socket.on('connect', () => resolve('connected'));
      socket.on('error', (thrown) => resolve('code' in thrown ? thrown.code : thrown));
    });
    assert.equal(code, 'ECONNREFUSED');
  }
  t.diagnostic(`addresses of this machine: ${others.length}`);
});

test('every upgrade is answered 426', async (t) => {
  const { proxy } = await setUp(t);
  const answer = await raw(
    proxy.port,
    `GET /v1/responses HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
  );
  assert.match(answer, /^HTTP\/1\.1 426 /);
});

test('what there is not is a JSON 404', async (t) => {
  const { proxy } = await setUp(t);
  for (const [method, path] of [
    ['GET', '/'],
    ['GET', '/v1/responses'],
    ['GET', '/v1/images/generations'],
    ['POST', '/v1/models'],
    ['GET', '/v1'],
    ['GET', '/api/nothing'],
    ['GET', 'http://evil.example/v1/models'],
  ] as const) {
    const answer = await ask(proxy, { method, path });
    assert.equal(answer.status, 404, path);
    assert.match(JSON.parse(answer.body).error.message, /has no/);
  }
});

test('codex doctor may look whether somebody is there', async (t) => {
  const { proxy } = await setUp(t);
  const answer = await ask(proxy, { method: 'HEAD', path: '/v1/responses', authorized: false });
  assert.equal(answer.status, 200);
});

test('health tells who is there, to those who know the token', async (t) => {
  const { proxy } = await setUp(t);
  const answer = await ask(proxy, { path: '/api/health' });
  assert.equal(answer.status, 200);
  assert.deepEqual(JSON.parse(answer.body), {
    product: 'opencodex',
    version: '0.0.0-test',
    link: linkVersion,
    pid: process.pid,
    state: { status: 'listening', port: proxy.port },
    activity: { active: 0, served: 0 },
  });
});

test('identity is proved without giving the token away', async (t) => {
  const { proxy } = await setUp(t);
  const nonce = 'ab'.repeat(32);
  const who = await ask(proxy, { path: `/api/identity?nonce=${nonce}`, authorized: false });
  assert.equal(who.status, 200);
  assert.ok(!who.body.includes(proxy.token));
  assert.match(JSON.parse(who.body).proof, /^[0-9a-f]{64}$/);
  for (const query of ['', '?nonce=', '?nonce=short', `?nonce=${'z'.repeat(64)}`]) {
    const answer = await ask(proxy, { path: `/api/identity${query}`, authorized: false });
    assert.equal(answer.status, 400);
  }
});

test('both list shapes are in one object, and the catalog has its tag', async (t) => {
  const { proxy } = await setUp(t);
  const list = await ask(proxy, { path: '/v1/models?client_version=0.169.0' });
  const catalog = await ask(proxy, { path: '/v1/codex/models?client_version=0.169.0' });
  const { object, data, models } = JSON.parse(list.body);
  assert.equal(object, 'list');
  assert.ok(Array.isArray(data));
  assert.deepEqual(models, JSON.parse(catalog.body).models);
  assert.notEqual(catalog.headers['etag'], undefined);
  const answer = await turn(proxy);
  assert.equal(answer.headers['x-models-etag'], catalog.headers['etag']);
});
