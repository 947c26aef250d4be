import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { gate, until } from '../support/until.ts';
import { chatStream, eventStream, sayOk, startUpstream } from '../support/upstream.ts';
import { chatEntry, openTurn, raw, textOf, turn } from './client.ts';

test('more streams than allowed are sent away for a second', async (t) => {
  const scope = testScope(t);
  const go = gate();
  const upstream = await startUpstream(scope, async (_request, response) => {
    response.writeHead(200, eventStream);
    response.write(': open\n\n');
    await go.opened;
    response.end(chatStream({ content: 'ok' }));
  });
  const proxy = await startProxy(
    scope,
    { providers: { sim: chatEntry(upstream.url) } },
    { limits: { streams: 2 }, keepAliveMs: 20 },
  );
  const held = [await openTurn(proxy), await openTurn(proxy)];
  const third = await turn(proxy);
  assert.equal(third.status, 503);
  assert.equal(third.headers['retry-after'], '1');
  go.open();
  for (const stream of held) {
    await stream.ended;
    assert.equal(textOf(stream.text()), 'ok');
  }
  assert.equal((await turn(proxy)).status, 200);
});

test('more request bodies than may be held are sent away for a second', async (t) => {
  const scope = testScope(t);
  const upstream = await startUpstream(scope);
  const proxy = await startProxy(
    scope,
    { providers: { sim: chatEntry(upstream.url) } },
    { limits: { bodiesInFlightBytes: 10_000 } },
  );
  const answer = await turn(proxy, { input: 'x'.repeat(20_000) });
  assert.equal(answer.status, 503);
  assert.equal(answer.headers['retry-after'], '1');
  upstream.respond = sayOk;
  for (let i = 0; i < 5; i++) {
    assert.equal((await turn(proxy, { input: 'x'.repeat(8_000) })).status, 200);
  }
});

test('room for a large body is taken when it is announced, not as it trickles in', async (t) => {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, sayOk);
  const proxy = await startProxy(
    scope,
    { providers: { sim: chatEntry(upstream.url) } },
    { limits: { bodiesInFlightBytes: 170_000 } },
  );
  const socket = connect({ host: '127.0.0.1', port: proxy.port });
  scope.add(() => socket.destroy());
  socket.write(
    `POST /v1/responses HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\nAuthorization: Bearer ${proxy.token}\r\nContent-Type: application/json\r\nContent-Length: 90000\r\n\r\n{`,
  );
  const large = { input: 'x'.repeat(90_000) };
  await until('the dawdler has its room', async () => (await turn(proxy, large)).status === 503);
  socket.destroy();
  await until('room', async () => (await turn(proxy, large)).status === 200);
});

test('a client that dawdles with its headers is cut off', async (t) => {
  const scope = testScope(t);
  const proxy = await startProxy(scope, {}, { limits: { headersMs: 100 } });
  const answer = await raw(proxy.port, 'POST /v1/responses HTTP/1.1\r\nHost: 127.');
  assert.match(answer, /^HTTP\/1\.1 408 /);
});

test('headers have a limit that Codex’s own stay far below', async (t) => {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, sayOk);
  const proxy = await startProxy(scope, { providers: { sim: chatEntry(upstream.url) } });
  const metadata = (size: number) => ({ headers: { 'x-codex-turn-metadata': 'x'.repeat(size) } });
  assert.equal((await turn(proxy, {}, metadata(50_000))).status, 200);
  const refused = await turn(proxy, {}, metadata(70_000));
  assert.equal(refused.status, 400, 'Codex repeats every other status');
  assert.match(refused.headers['content-type'] ?? '', /^text\/plain/);
  assert.match(refused.body, /headers .* larger than 64 KiB/);
  assert.equal(upstream.requests.length, 1);
});

test('a client that goes away while it sends leaves nothing behind', async (t) => {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, sayOk);
  const proxy = await startProxy(
    scope,
    { providers: { sim: chatEntry(upstream.url) } },
    { limits: { streams: 1, bodiesInFlightBytes: 100_000 } },
  );
  await new Promise<void>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: proxy.port }, () => {
      socket.write(
        `POST /v1/responses HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\nAuthorization: Bearer ${proxy.token}\r\nContent-Type: application/json\r\nContent-Length: 90000\r\n\r\n${'x'.repeat(60_000)}`,
        () => setTimeout(() => socket.destroy(), 50),
      );
    });
    socket.on('close', () => resolve());
  });
  await until('room', async () => {
    const answer = await turn(proxy, { input: 'x'.repeat(80_000) });
    return answer.status === 200;
  });
  assert.equal(upstream.requests.length, 1);
});
