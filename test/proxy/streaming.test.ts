import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { ProxyOptions } from '../../src/proxy/proxyOptions.ts';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { gate, until } from '../support/until.ts';
import {
  chatChunk,
  chatStream,
  eventStream,
  type Respond,
  sayOk,
  startUpstream,
} from '../support/upstream.ts';
import { chatEntry, eventsOf, openTurn, textOf, turn } from './client.ts';

async function setUp(t: test.TestContext, respond: Respond, options: Partial<ProxyOptions> = {}) {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, respond);
  const proxy = await startProxy(
    scope,
    { providers: { sim: chatEntry(upstream.url, { label: 'Sim' }) } },
    options,
  );
  return { scope, upstream, proxy };
}

test('a turn is translated, streamed and recorded', async (t) => {
  const { proxy, upstream } = await setUp(t, (_request, response) => {
    response.writeHead(200, eventStream);
    response.end(chatStream({ role: 'assistant' }, { content: 'Hel' }, { content: 'lo' }, {}));
  });
  const answer = await turn(proxy);
  assert.equal(answer.status, 200);
  assert.match(answer.headers['content-type'] ?? '', /^text\/event-stream/);
  assert.equal(answer.headers['content-encoding'], undefined);
  assert.equal(textOf(answer.body), 'Hello');
  assert.equal(eventsOf(answer.body).at(-1)?.type, 'response.completed');

  const [request] = upstream.requests;
  assert.equal(request?.path, '/v1/chat/completions');
  assert.equal(request.headers['accept-encoding'], 'identity');
  assert.equal(request.headers['user-agent'], 'opencodex-vscode/0.0.0-test');
  assert.equal(request.headers['content-length'], String(request.body.length));

  const [record] = proxy.proxy.snapshot().requests;
  assert.equal(record?.model, 'sim/m');
  assert.equal(record.status, 'completed');
  assert.deepEqual([record.inputTokens, record.outputTokens], [10, 3]);
  assert.deepEqual(proxy.proxy.snapshot().activity, { active: 0, lastModel: 'sim/m', served: 1 });
});

test('a client that does not stream gets one object', async (t) => {
  const { proxy } = await setUp(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        id: 'c',
        object: 'chat.completion',
        choices: [
          { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hello' } },
        ],
        usage: { prompt_tokens: 4, completion_tokens: 2, total_tokens: 6 },
      }),
    );
  });
  const answer = await turn(proxy, { stream: false });
  assert.equal(answer.status, 200);
  assert.match(answer.headers['content-type'] ?? '', /^application\/json/);
  const response = JSON.parse(answer.body);
  assert.equal(response.status, 'completed');
  assert.equal(response.output[0].content[0].text, 'Hello');
});

test('each piece goes on as it comes', async (t) => {
  const second = gate();
  const { proxy } = await setUp(t, async (_request, response) => {
    response.writeHead(200, eventStream).write(chatChunk('one'));
    await second.opened;
    response.end(chatStream({ content: ' two' }));
  });
  const stream = await openTurn(proxy);
  await stream.has('one');
  assert.ok(!stream.text().includes('two'));
  second.open();
  assert.equal(await stream.ended, true);
  assert.equal(textOf(stream.text()), 'one two');
});

test('while the upstream is silent the client gets events, before its headers and after', async (t) => {
  const headers = gate();
  const end = gate();
  const { proxy } = await setUp(
    t,
    async (_request, response) => {
      await headers.opened;
      response.writeHead(200, eventStream).write(chatChunk('one'));
      await end.opened;
      response.end(chatStream({ content: ' two' }));
    },
    { keepAliveMs: 30 },
  );
  const stream = await openTurn(proxy);
  const beats = () => eventsOf(stream.text()).length;
  await until('three signs of life', () => beats() >= 4);
  headers.open();
  await stream.has('one');
  const before = beats();
  await until('three more', () => beats() >= before + 3);
  end.open();
  await stream.ended;
  assert.equal(textOf(stream.text()), 'one two');
  assert.ok(!/^:/m.test(stream.text()), 'a comment does not keep Codex waiting');
  const numbers = eventsOf(stream.text()).map((event) => event['sequence_number']);
  assert.deepEqual(
    numbers,
    numbers.map((_number, i) => i),
  );
});

test('a busy stream gets no keep-alives', async (t) => {
  const { proxy } = await setUp(
    t,
    async (_request, response) => {
      response.writeHead(200, eventStream);
      for (let i = 0; i < 20; i++) {
        response.write(chatChunk('x'));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      response.end(chatStream({ content: '!' }));
    },
    { keepAliveMs: 30_000 },
  );
  const events = eventsOf((await turn(proxy)).body);
  assert.equal(events.filter((event) => event.type === 'response.in_progress').length, 1);
});

test('an error after the client was kept waiting ends the stream it got', async (t) => {
  const fail = gate();
  const { proxy } = await setUp(
    t,
    async (_request, response) => {
      await fail.opened;
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end('{"error":{"message":"no such key"}}');
    },
    { keepAliveMs: 30 },
  );
  const stream = await openTurn(proxy);
  await stream.has('response.created');
  fail.open();
  assert.equal(await stream.ended, true);
  const last = eventsOf(stream.text()).at(-1);
  assert.equal(last?.type, 'response.failed');
  assert.equal((last['response'] as { error: { code: string } }).error.code, 'invalid_prompt');
});

test('a client that goes away ends the upstream request, before its headers', async (t) => {
  const { proxy, upstream } = await setUp(t, () => {}, { keepAliveMs: 20 });
  const stream = await openTurn(proxy);
  const request = await until('the request', () => upstream.requests[0]);
  stream.close();
  await request.aborted;
  await until('the record', () => proxy.proxy.snapshot().requests[0]?.status === 'aborted');
  assert.equal(proxy.proxy.snapshot().activity.active, 0);
});

test('a client that goes away ends the upstream request in the middle of its answer', async (t) => {
  const { proxy, upstream } = await setUp(t, (_request, response) => {
    response.writeHead(200, eventStream).write(chatChunk('one'));
  });
  const stream = await openTurn(proxy);
  await stream.has('one');
  stream.close();
  await upstream.requests[0]?.aborted;
});

test('a client that reads slowly holds the upstream, and then gets everything', async (t) => {
  const piece = chatChunk('x'.repeat(16_000));
  const total = 1_600;
  let written = 0;
  const { proxy } = await setUp(t, async (_request, response) => {
    response.writeHead(200, eventStream);
    for (written = 0; written < total; written++) {
      if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve));
    }
    response.end(chatStream({ content: '!' }));
  });
  const stream = await openTurn(proxy);
  stream.pause();
  let last = -1;
  let still = 0;
  await until('the upstream to be held', async () => {
    still = written === last ? still + 1 : 0;
    last = written;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return still >= 10;
  });
  // 26 MB are to come; the buffers of the sockets between hold far less.
  assert.ok(written * piece.length < 16_000_000, `${written} of ${total} pieces were written`);
  stream.resume();
  assert.equal(await stream.ended, true);
  assert.equal(textOf(stream.text()).length, total * 16_000 + 1);
});

test('connections to the upstream are kept', async (t) => {
  const { proxy, upstream } = await setUp(t, sayOk);
  for (let i = 0; i < 5; i++) await turn(proxy);
  assert.equal(upstream.requests.length, 5);
  assert.equal(upstream.connections, 1);
});

test('an upstream that does not close after its last event does not hold the client', async (t) => {
  const { proxy, upstream } = await setUp(t, (_request, response) => {
    response.writeHead(200, eventStream).write(chatStream({ content: 'ok' }));
  });
  const answer = await turn(proxy);
  assert.equal(eventsOf(answer.body).at(-1)?.type, 'response.completed');
  await upstream.requests[0]?.aborted;
});

test('answers that are compressed all the same are read', async (t) => {
  const { proxy } = await setUp(t, (_request, response) => {
    response.writeHead(200, { ...eventStream, 'content-encoding': 'gzip' });
    response.end(gzipSync(chatStream({ content: 'unpacked' })));
  });
  assert.equal(textOf((await turn(proxy)).body), 'unpacked');
});

test('many streams at once keep apart', async (t) => {
  const { proxy } = await setUp(t, async (request, response) => {
    const { messages } = JSON.parse(request.body.toString());
    const said = messages.at(-1).content;
    response.writeHead(200, eventStream);
    for (let i = 0; i < 10; i++) {
      response.write(chatChunk(`${said}.`));
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end(chatStream({ content: 'end' }));
  });
  const names = Array.from({ length: 64 }, (_none, i) => `stream${i}`);
  const answers = await Promise.all(names.map((input) => turn(proxy, { input })));
  assert.deepEqual(
    answers.map((answer) => textOf(answer.body)),
    names.map((name) => `${`${name}.`.repeat(10)}end`),
  );
});
