import assert from 'node:assert/strict';
import { lookup } from 'node:dns';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { serveIn } from '../support/listen.ts';
import { startProxy } from '../support/proxy.ts';
import { type Scope, testScope } from '../support/scope.ts';
import { gate, until } from '../support/until.ts';
import { chatStream, eventStream, startUpstream } from '../support/upstream.ts';
import { chatEntry, eventsOf, openTurn, responsesEntry, textOf, turn } from './client.ts';

/** A provider of bare TCP: what it does with a connection that has asked is the test's. */
async function startSocket(scope: Scope, asked: (socket: Socket) => unknown): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => asked(socket));
    scope.add(() => socket.destroy());
  });
  return `http://127.0.0.1:${await serveIn(scope, server)}`;
}

/** How the turn ended, as Codex understands it: with its text, or with one sentence. */
function outcome(body: string): { readonly text: string } | { readonly sentence: string } {
  const last = JSON.parse(body.slice(body.lastIndexOf('data: ') + 6));
  if (last.type === 'response.completed') return { text: textOf(body) };
  assert.equal(last.type, 'response.failed', body.slice(-500));
  const sentence: unknown = last.response.error.message;
  assert.ok(typeof sentence === 'string' && /^Sim\b/.test(sentence), String(sentence));
  return { sentence };
}

const whole = chatStream({ content: 'Grüße €' }, { content: ' und mehr' });
const passed = [
  'event: response.created\ndata: {"type":"response.created","response":{"id":"r"}}\n\n',
  'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"Grüße € und mehr"}\n\n',
  'event: response.completed\ndata: {"type":"response.completed","response":{"id":"r","status":"completed"}}\n\n',
].join('');

for (const [what, entry, stream, last] of [
  ['a translated', (url: string) => chatEntry(url, { label: 'Sim' }), whole, '"stop"'],
  ['a passed', (url: string) => responsesEntry(url, { label: 'Sim' }), passed, '"completed"'],
] as const) {
  for (const cutOff of [true, false]) {
    test(`${what} stream that ${cutOff ? 'is reset' : 'ends'} after any byte`, async (t) => {
      const scope = testScope(t);
      const bytes = Buffer.from(stream);
      const upstream = await startUpstream(scope, (request, response) => {
        const part = bytes.subarray(
          0,
          Number(/\d+ bytes/.exec(String(request.body))?.[0].split(' ')[0]),
        );
        response.writeHead(200, eventStream);
        if (cutOff) response.write(part, () => response.destroy());
        else response.end(part);
      });
      const proxy = await startProxy(scope, { providers: { sim: entry(upstream.url) } });
      // Before the first event nothing has begun, and the proxy would try again each time.
      let length = bytes.indexOf('\n\n') + 2;
      let complete = 0;
      const cutAll = async (): Promise<void> => {
        while (length <= bytes.length) {
          const mine = length;
          length += 1;
          const ended = outcome((await turn(proxy, { input: `${mine} bytes` })).body);
          if (!('text' in ended)) continue;
          complete += 1;
          assert.equal(ended.text, 'Grüße € und mehr');
          assert.ok(mine > bytes.indexOf(last), `${mine} bytes are no whole stream`);
        }
      };
      await Promise.all(Array.from({ length: 16 }, cutAll));
      assert.ok(complete >= 1, 'the whole stream');
    });
  }
}

for (const length of [0, 1, 30]) {
  test(`a stream of ${length} bytes becomes one sentence`, async (t) => {
    const scope = testScope(t);
    const upstream = await startUpstream(scope, (_request, response) => {
      response.writeHead(200, eventStream).end(whole.slice(0, length));
    });
    const config = { providers: { sim: chatEntry(upstream.url, { label: 'Sim' }) } };
    const ended = outcome((await turn(await startProxy(scope, config))).body);
    assert.ok('sentence' in ended);
  });
}

for (const [what, bytes] of [
  ['no HTTP at all', 'SSH-2.0-OpenSSH_9.9\r\n'],
  ['half a status line', 'HTTP/1.1 2'],
  ['headers without an end', 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!'],
  ['a chunk of no size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
  ['a flood of headers', `HTTP/1.1 200 OK\r\n${'x-flood: 1234567890\r\n'.repeat(20_000)}\r\n`],
  ['a header of a megabyte', `HTTP/1.1 200 OK\r\nx-big: ${'x'.repeat(1_000_000)}\r\n\r\n`],
] as const) {
  test(`a provider that answers with ${what} is named in one sentence`, async (t) => {
    const scope = testScope(t);
    const url = await startSocket(scope, (socket) => socket.end(bytes));
    const proxy = await startProxy(scope, { providers: { sim: chatEntry(url, { label: 'Sim' }) } });
    const ended = outcome((await turn(proxy)).body);
    assert.ok('sentence' in ended && ended.sentence.length < 300, JSON.stringify(ended));
  });
}

test('a provider that is half open keeps the client, and is let go with it', async (t) => {
  const scope = testScope(t);
  const closed = gate();
  const url = await startSocket(scope, (socket) => socket.on('close', () => closed.open()));
  const config = { providers: { sim: chatEntry(url, { label: 'Sim' }) } };
  const proxy = await startProxy(scope, config, { keepAliveMs: 30 });
  const stream = await openTurn(proxy);
  await until('signs of life', () => eventsOf(stream.text()).length >= 4);
  stream.close();
  await closed.opened;
});

for (const [type, body] of [
  ['application/octet-stream', whole],
  ['text/plain', whole],
  ['application/json', whole],
  ['text/html; charset=utf-8', '<title>Sign in</title>'],
  ['image/png', '\x89PNG\r\n'],
] as const) {
  test(`an answer that calls itself ${type} is read or refused`, async (t) => {
    const scope = testScope(t);
    const upstream = await startUpstream(scope, (_request, response) => {
      response.writeHead(200, { 'content-type': type }).end(body);
    });
    const config = { providers: { sim: chatEntry(upstream.url, { label: 'Sim' }) } };
    const proxy = await startProxy(scope, config);
    const ended = outcome((await turn(proxy)).body);
    assert.equal('text' in ended, body === whole, JSON.stringify(ended));
  });
}

test('a gzip bomb of a provider is not unpacked into memory', async (t) => {
  const scope = testScope(t);
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 0x20));
  const upstream = await startUpstream(scope, (_request, response) => {
    response.writeHead(500, { 'content-encoding': 'gzip', 'content-type': 'text/plain' }).end(bomb);
  });
  const config = { providers: { sim: chatEntry(upstream.url, { label: 'Sim' }) } };
  const proxy = await startProxy(scope, config);
  const before = process.memoryUsage().rss;
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 5);
  scope.add(() => clearInterval(watch));
  const ended = outcome((await turn(proxy)).body);
  assert.ok('sentence' in ended && ended.sentence.length < 300);
  assert.ok(most - before < 120 * 1024 * 1024, `${Math.round((most - before) / 2 ** 20)} MiB`);
});

test('a host whose name cannot be looked up is named', async (t) => {
  const scope = testScope(t);
  const config = { providers: { sim: chatEntry('http://nowhere.invalid', { label: 'Sim' }) } };
  const proxy = await startProxy(scope, config, {
    network: {
      connect: (options, callback) => {
        lookup(`${options.hostname}`, (error) => callback(error ?? new Error('found'), null));
      },
    },
  });
  const ended = outcome((await turn(proxy)).body);
  assert.ok('sentence' in ended && /nowhere\.invalid\) cannot be reached/.test(ended.sentence));
});
