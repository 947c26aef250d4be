import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { loginDefinitions } from '../../../src/credentials/logins/definitions.ts';
import { type Loopback, openLoopback } from '../../../src/credentials/logins/loopback.ts';
import { type Scope, testScope } from '../../support/scope.ts';

const state = 'the-right-state';
const wrongState = 'the-wrong-state';

async function open(scope: Scope, provider: 'xai' | 'anthropic' = 'xai'): Promise<Loopback> {
  const { browser } = loginDefinitions[provider];
  assert.ok(browser);
  const loopback = await openLoopback(browser, state);
  assert.ok(loopback);
  scope.add(() => loopback.close());
  return loopback;
}

interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly address?: string;
}

async function call({ redirectUri }: Loopback, options: Call = {}) {
  const { host, port, pathname } = new URL(redirectUri);
  const {
    method = 'GET',
    path = pathname,
    query = `?state=${state}&code=c`,
    headers = {},
  } = options;
  const asked = request({
    host: options.address ?? '127.0.0.1',
    port,
    method,
    path: path + query,
    headers: { host, ...headers },
    setHost: false,
    agent: false,
  });
  asked.end();
  const [answer] = await once(asked, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return {
    status: answer.statusCode,
    headers: answer.headers,
    page: Buffer.concat(chunks).toString(),
  };
}

describe('the program that a browser comes back to', () => {
  test('takes the answer with the right state and shows nothing of it', async (t) => {
    const loopback = await open(testScope(t));
    assert.match(loopback.redirectUri, /^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    const { status, headers, page } = await call(loopback, {
      query: `?state=${state}&code=CANARY<script>`,
    });
    assert.equal(status, 200);
    assert.equal((await loopback.callback)?.get('code'), 'CANARY<script>');
    assert.doesNotMatch(page, /CANARY|script|the-right-state/);
    assert.equal(headers['content-security-policy'], "default-src 'none'");
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers.connection, 'close');
    assert.equal(headers['access-control-allow-origin'], undefined);
  });

  test('T16: a wrong state is answered with 400 and the login goes on; the right one counts once', async (t) => {
    const loopback = await open(testScope(t));
    const wrong = ['', `state=${wrongState}`, 'state=short', `state=${state}&state=${wrongState}`];
    for (const query of wrong.map((answer) => `?${answer}&code=c`)) {
      assert.equal((await call(loopback, { query })).status, 400, query);
    }
    assert.equal((await call(loopback, { query: `?state=${state}&code=first` })).status, 200);
    assert.equal((await call(loopback, { query: `?state=${state}&code=second` })).status, 409);
    assert.equal((await loopback.callback)?.get('code'), 'first');
  });

  test('T17: nineteen wrong calls do not end a login, the twentieth does', async (t) => {
    const scope = testScope(t);
    const [patient, flooded] = [await open(scope), await open(scope)];
    for (let calls = 0; calls < 19; calls += 1) {
      await call(patient, { query: `?state=${wrongState}&code=c` });
      await call(flooded, { query: `?state=${wrongState}&code=c` });
    }
    await call(patient);
    assert.equal((await patient.callback)?.get('code'), 'c');
    await call(flooded, { query: `?state=${wrongState}&code=c` });
    assert.equal(await flooded.callback, undefined);
  });

  test('T17: a hundred open connections do not hold up its end', async (t) => {
    const scope = testScope(t);
    const loopback = await open(scope);
    const { port } = new URL(loopback.redirectUri);
    const sockets = Array.from({ length: 100 }, () => {
      const socket = connect({ host: '127.0.0.1', port: Number(port) });
      socket.on('error', () => {}); // what is too much is dropped at once
      scope.add(() => socket.destroy());
      return socket;
    });
    const event = (name: string) => (socket: Socket) =>
      new Promise<void>((seen) => void socket.once(name, () => seen()));
    const closed = Promise.all(sockets.map(event('close')));
    await Promise.all(sockets.map(event('connect')));
    for (const socket of sockets) socket.write('GET /callback HTTP/1.1\r\n');
    const before = performance.now();
    await loopback.close();
    await closed;
    assert.ok(performance.now() - before < 1000);
    await assert.rejects(call(loopback));
  });

  test('is there for its own name only', async (t) => {
    const loopback = await open(testScope(t));
    const { port } = new URL(loopback.redirectUri);
    for (const host of [
      'evil.test',
      `localhost:${port}`,
      '127.0.0.1',
      `127.0.0.1.evil.test:${port}`,
    ]) {
      assert.equal((await call(loopback, { headers: { host } })).status, 403, host);
    }
    assert.equal((await call(loopback, { path: '/other' })).status, 404);
    assert.equal((await call(loopback, { method: 'POST' })).status, 405);
    assert.equal((await call(loopback)).status, 200);
  });

  test('lets the one page deliver the code by itself, and no other page', async (t) => {
    const scope = testScope(t);
    const loopback = await open(scope);
    const ours = {
      origin: 'https://accounts.x.ai',
      'access-control-request-private-network': 'true',
    };
    for (const origin of ['https://evil.test', 'null', 'https://accounts.x.ai.evil.test']) {
      const refused = await call(loopback, { headers: { origin } });
      assert.equal(refused.status, 403);
      assert.equal(refused.headers['access-control-allow-origin'], undefined);
    }
    const preflight = await call(loopback, { method: 'OPTIONS', headers: ours });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers['access-control-allow-origin'], ours.origin);
    assert.equal(preflight.headers['access-control-allow-private-network'], 'true');
    const delivered = await call(loopback, { headers: ours });
    assert.equal(delivered.status, 200);
    assert.equal(delivered.headers['access-control-allow-origin'], ours.origin);
    assert.equal((await loopback.callback)?.get('code'), 'c');

    const other = await open(scope, 'anthropic');
    assert.equal((await call(other, { headers: ours })).status, 403);
  });

  test('listens on both loopback addresses where the name may lead to either', async (t) => {
    const scope = testScope(t);
    const loopback = await open(scope, 'anthropic');
    assert.match(loopback.redirectUri, /^http:\/\/localhost:\d+\/callback$/);
    const addresses = (await hasIpv6()) ? ['127.0.0.1', '::1'] : ['127.0.0.1'];
    for (const address of addresses) {
      assert.equal((await call(loopback, { address, query: '' })).status, 400, address);
    }
  });
});

async function hasIpv6(): Promise<boolean> {
  const server = createServer();
  server.listen(0, '::1');
  const [outcome] = await Promise.race([
    once(server, 'listening').then(() => [true] as const),
    once(server, 'error').then(() => [false] as const),
  ]);
  server.close();
  return outcome;
}
