import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import * as zlib from 'node:zlib';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { serveIn } from '../support/listen.ts';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { chatChunk, eventStream, type Respond, sayOk, startUpstream } from '../support/upstream.ts';
import { ask, chatEntry, eventsOf, textOf, turn } from './client.ts';

async function setUp(t: test.TestContext, respond?: Respond, entry: object = {}) {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, respond ?? sayOk);
  const proxy = await startProxy(
    scope,
    {
      defaultProvider: 'sim',
      providers: {
        sim: chatEntry(upstream.url, { label: 'Sim', models: ['m'], ...entry }),
        keyless: { adapter: 'openai-chat', baseUrl: upstream.url, apiKey: '$NO_SUCH_KEY' },
        vaulted: { adapter: 'openai-chat', baseUrl: upstream.url, keySource: 'vault' },
      },
    },
    { limits: { bodyBytes: 100_000 } },
  );
  return { scope, upstream, proxy };
}

/** What a client that streams gets to read of a failure that may pass. */
function failureOf(body: string): { code: string; message: string } {
  const last = eventsOf(body).at(-1);
  assert.equal(last?.type, 'response.failed', body);
  const { error } = last['response'] as { error: { code: string; message: string } };
  return error;
}

for (const [what, body] of [
  ['nothing', ''],
  ['half a JSON', '{"model":"sim/m","input":'],
  ['no JSON', 'model=sim/m'],
  ['a list', '[]'],
  ['no model', '{"input":"hi"}'],
  ['a model that is no name', '{"model":5,"input":"hi"}'],
  ['no input', '{"model":"sim/m"}'],
  ['an input of the wrong kind', '{"model":"sim/m","input":7}'],
] as const) {
  test(`a body of ${what} is refused in one sentence`, async (t) => {
    const { proxy, upstream } = await setUp(t);
    const answer = await ask(proxy, { method: 'POST', path: '/v1/responses', body });
    assert.equal(answer.status, 400);
    assert.match(answer.headers['content-type'] ?? '', /^text\/plain/);
    assert.match(answer.body, /^[A-Z].*\.$/);
    assert.equal(upstream.requests.length, 0);
  });
}

for (const [model, says] of [
  ['nobody/m', /There is no provider "nobody"/],
  ['vaulted/m', /vaulted: no API key is set.*Set Provider Key.*provider "vaulted"/],
  ['keyless/m', /keyless.*NO_SUCH_KEY/],
  ['opencodex/nothing', /opencodex\/current/],
] as const) {
  test(`the model ${model} is refused with what to do`, async (t) => {
    const { proxy, upstream } = await setUp(t);
    const answer = await turn(proxy, { model });
    assert.equal(answer.status, 400);
    assert.match(answer.headers['content-type'] ?? '', /^text\/plain/);
    assert.match(answer.body, says);
    assert.equal(upstream.requests.length, 0);
  });
}

test('a key of the vault is used once it is there', async (t) => {
  const { proxy, upstream } = await setUp(t);
  proxy.proxy.setVault({ vaulted: 'vault-key-0123456789' });
  assert.equal((await turn(proxy, { model: 'vaulted/m' })).status, 200);
  assert.equal(upstream.requests[0]?.headers.authorization, 'Bearer vault-key-0123456789');
  proxy.proxy.setVault({ vaulted: null });
  assert.equal((await turn(proxy, { model: 'vaulted/m' })).status, 400);
});

test('a body over the limit is refused, however it is sent', async (t) => {
  const { proxy, upstream } = await setUp(t);
  const input = 'x'.repeat(200_000);
  const announced = await turn(proxy, { input });
  const chunked = await turn(proxy, { input }, { headers: { 'transfer-encoding': 'chunked' } });
  for (const answer of [announced, chunked]) {
    assert.equal(answer.status, 400);
    assert.match(answer.body, /larger than/);
  }
  assert.equal(upstream.requests.length, 0);
  assert.equal((await turn(proxy)).status, 200);
});

const plain = Buffer.from(JSON.stringify({ model: 'sim/m', input: 'hi', stream: true }));
const bomb = Buffer.from(JSON.stringify({ model: 'sim/m', input: ' '.repeat(50_000_000) }));
for (const [coding, compress] of [
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['zstd', zlib.zstdCompressSync],
] as const) {
  const send = (body: Uint8Array) => ({
    method: 'POST',
    path: '/v1/responses',
    body,
    headers: { 'content-encoding': coding },
  });
  test(`a ${coding} body is read`, async (t) => {
    const { proxy } = await setUp(t);
    const answer = await ask(proxy, send(compress(plain)));
    assert.equal(answer.status, 200, answer.body);
    assert.equal(textOf(answer.body), 'ok');
  });

  test(`a ${coding} bomb is refused without being unpacked`, async (t) => {
    const { proxy } = await setUp(t);
    const packed = compress(bomb);
    assert.ok(packed.length < 100_000);
    const before = process.memoryUsage.rss();
    const answer = await ask(proxy, send(packed));
    assert.equal(answer.status, 400);
    assert.match(answer.body, /larger than/);
    assert.ok(process.memoryUsage.rss() - before < 40_000_000);
    assert.equal((await turn(proxy)).status, 200);
  });

  test(`a damaged ${coding} body is refused`, async (t) => {
    const { proxy } = await setUp(t);
    const damaged = Buffer.from(compress(plain));
    damaged.fill(0xff, 4);
    const answer = await ask(proxy, send(damaged));
    assert.equal(answer.status, 400);
    assert.match(answer.body, /damaged|JSON/);
  });
}

test('an unknown coding is refused', async (t) => {
  const { proxy } = await setUp(t);
  const answer = await turn(proxy, {}, { headers: { 'content-encoding': 'rot13' } });
  assert.equal(answer.status, 400);
  assert.match(answer.body, /rot13.*uncompressed/);
});

test('an upstream that is down is named, with what to do', async (t) => {
  const { proxy } = await setUp(t, undefined, { baseUrl: 'http://127.0.0.1:1/v1' });
  const answer = await turn(proxy);
  assert.equal(answer.status, 200);
  assert.match(failureOf(answer.body).message, /Sim \(127\.0\.0\.1:1\) cannot be reached.*running/);
  const whole = await turn(proxy, { stream: false });
  assert.equal(whole.status, 502);
  assert.match(JSON.parse(whole.body).error.message, /cannot be reached/);
});

test('a host that does not exist is named', async (t) => {
  const { proxy } = await setUp(t, undefined, { baseUrl: 'http://no-such-host.invalid/v1' });
  assert.match(failureOf((await turn(proxy)).body).message, /Sim \(no-such-host\.invalid\) cannot/);
});

test('a refused key ends the turn at once, never as 401', async (t) => {
  const { proxy, upstream } = await setUp(t, (_request, response) => {
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end('{"error":{"message":"Incorrect API key provided: sim-key-0123456789"}}');
  });
  const answer = await turn(proxy);
  assert.equal(answer.status, 400);
  assert.match(answer.headers['content-type'] ?? '', /^text\/plain/);
  assert.match(answer.body, /Sim/);
  assert.ok(!answer.body.includes('sim-key-0123456789'), answer.body);
  assert.equal(upstream.requests.length, 1);
});

test('a refused request without a key says that the key is missing', async (t) => {
  const { proxy } = await setUp(t, (_request, response) => response.writeHead(401).end('{}'), {
    apiKey: '',
  });
  const answer = await turn(proxy);
  assert.equal(answer.status, 400);
  assert.match(answer.body, /no API key is set/);
});

test('a rate limit keeps its text and its wait', async (t) => {
  const { proxy, upstream } = await setUp(t, (_request, response) => {
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '7' });
    response.end('{"error":{"message":"Slow down please"}}');
  });
  const failure = failureOf((await turn(proxy)).body);
  assert.equal(failure.code, 'rate_limit_exceeded');
  assert.match(failure.message, /Slow down please.*try again in 7s/);
  const whole = await turn(proxy, { stream: false });
  assert.equal(whole.status, 429);
  assert.equal(whole.headers['retry-after'], '7');
  assert.equal(upstream.requests.length, 2);
});

test('a server error is asked once more and is one sentence', async (t) => {
  const { proxy, upstream } = await setUp(t, (_request, response) => {
    response.writeHead(500, { 'content-type': 'text/html' });
    response.end('<html><head><title>Oh no</title></head><body>stack</body></html>');
  });
  const failure = failureOf((await turn(proxy)).body);
  assert.match(failure.message, /Sim/);
  assert.ok(!failure.message.includes('<'), failure.message);
  assert.equal(upstream.requests.length, 2);
});

for (const [what, type, body] of [
  ['a web page', 'text/html', '<!doctype html><title>Sign in</title>'],
  ['a web page that says it is a stream', 'text/event-stream', '<html>'],
  ['nothing', 'text/event-stream', ''],
  ['an error in JSON', 'application/json', '{"error":{"message":"It broke"}}'],
  ['half a JSON', 'application/json', '{"choices":[{"message":'],
  ['plain text', 'text/plain', 'upstream connect error'],
] as const) {
  test(`a 200 with ${what} becomes one sentence`, async (t) => {
    const { proxy } = await setUp(t, (_request, response) => {
      response.writeHead(200, { 'content-type': type }).end(body);
    });
    const answer = await turn(proxy);
    const message = answer.status === 200 ? failureOf(answer.body).message : answer.body;
    assert.match(message, /Sim/);
    assert.ok(!message.includes('<'), message);
    const whole = await turn(proxy, { stream: false });
    assert.ok(whole.status >= 400);
  });
}

test('a redirect is not followed, and no credential goes along', async (t) => {
  const trapScope = testScope(t);
  const trap = await startUpstream(trapScope);
  for (const status of [301, 302, 307, 308]) {
    const { proxy } = await setUp(t, (_request, response) => {
      response.writeHead(status, { location: `${trap.url}/v1/chat/completions` }).end();
    });
    const answer = await turn(proxy);
    assert.equal(answer.status, 400);
    assert.match(answer.body, /redirect/);
    assert.equal(answer.headers.location, undefined);
  }
  assert.equal(trap.connections, 0);
});

test('a stream that breaks off ends in a failure, without a finished item', async (t) => {
  const { proxy } = await setUp(t, (_request, response) => {
    response.writeHead(200, eventStream);
    response.write(chatChunk('Once upon'), () => response.destroy());
  });
  const answer = await turn(proxy);
  assert.equal(answer.status, 200);
  assert.equal(textOf(answer.body), 'Once upon');
  assert.equal(failureOf(answer.body).code, 'server_error');
  assert.ok(!answer.body.includes('response.output_item.done'));
});

test('a stream that ends properly but too early is a failure, too', async (t) => {
  const { proxy } = await setUp(t, (_request, response) => {
    response.writeHead(200, eventStream).end(chatChunk('Once upon'));
  });
  const answer = await turn(proxy);
  assert.equal(failureOf(answer.body).code, 'server_error');
  assert.ok(!answer.body.includes('response.output_item.done'));
});

test('an upstream that accepts and says nothing at all is named', async (t) => {
  const { scope, proxy } = await setUp(t, undefined, {});
  const mute = createServer((socket) => socket.end());
  const port = await serveIn(scope, mute);
  const second = await startProxy(scope, {
    providers: { sim: chatEntry(`http://127.0.0.1:${port}`, { label: 'Sim' }) },
  });
  assert.match(failureOf((await turn(second)).body).message, /Sim.*closed/);
  assert.equal((await turn(proxy)).status, 200);
});
