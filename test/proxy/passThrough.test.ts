import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProxyOptions } from '../../src/proxy/proxyOptions.ts';
import { sealReasoning } from '../../src/responses/reasoning.ts';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { gate, until } from '../support/until.ts';
import { eventStream, type Respond, startUpstream } from '../support/upstream.ts';
import { ask, eventsOf, openTurn, responsesEntry, turn } from './client.ts';

const usage = {
  input_tokens: 9,
  input_tokens_details: { cached_tokens: 3 },
  output_tokens: 2,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 11,
};
const created =
  'event: response.created\ndata: {"type":"response.created","response":{"id":"r"}}\n\n';
const delta =
  'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"grüß €"}\n\n';
const completed = `event: response.completed\ndata: ${JSON.stringify({ type: 'response.completed', response: { id: 'r', status: 'completed', usage } })}\n\n`;
const whole = created + delta + completed;

async function setUp(
  t: test.TestContext,
  respond: Respond,
  options: Partial<ProxyOptions> = {},
  entry: object = {},
) {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, respond);
  const proxy = await startProxy(
    scope,
    { providers: { sim: responsesEntry(upstream.url, { label: 'Sim', ...entry }) } },
    options,
  );
  return { upstream, proxy };
}

function send(text: string): Respond {
  return (_request, response) => response.writeHead(200, eventStream).end(text);
}

test('bytes pass unaltered in both directions, but for the model', async (t) => {
  const { upstream, proxy } = await setUp(t, send(whole));
  const before =
    '{ "stream":true,\n "input":[{"type":"message","role":"user","content":"\\u00fc ü"}],\t"model" : ';
  const after = ' ,"unknown":{"model":"sim/x","n":1.50}}';
  const answer = await ask(proxy, {
    method: 'POST',
    path: '/v1/responses',
    body: `${before}"sim/gpt-9"${after}`,
  });
  assert.equal(answer.body, whole);
  const [request] = upstream.requests;
  assert.equal(request?.body.toString(), `${before}"gpt-9"${after}`);
  assert.equal(request.path, '/v1/responses');
  assert.equal(request.headers.authorization, 'Bearer sim-key-0123456789');
  assert.equal(request.headers['accept-encoding'], 'identity');
});

test('headers of the answer pass by allow-list', async (t) => {
  const { proxy } = await setUp(t, (_request, response) => {
    response.writeHead(200, {
      ...eventStream,
      'x-request-id': 'r1',
      'x-models-etag': 'theirs',
      'x-codex-turn-state': 's1',
      'openai-model': 'gpt-other',
      'set-cookie': 'c=1',
    });
    response.end(whole);
  });
  const { headers } = await turn(proxy);
  assert.equal(headers['x-request-id'], 'r1');
  assert.equal(headers['x-models-etag'], 'theirs');
  assert.equal(headers['x-codex-turn-state'], 's1');
  assert.equal(headers['openai-model'], undefined);
  assert.equal(headers['set-cookie'], undefined);
});

test('usage is read along', async (t) => {
  const { proxy } = await setUp(t, send(whole));
  await turn(proxy);
  const [record] = proxy.proxy.snapshot().requests;
  assert.equal(record?.status, 'completed');
  assert.deepEqual([record.inputTokens, record.cachedTokens, record.outputTokens], [9, 3, 2]);
});

test('a client that closes on the last event has had a complete answer', async (t) => {
  const { proxy, upstream } = await setUp(t, (_request, response) => {
    response.writeHead(200, eventStream).write(whole);
  });
  const stream = await openTurn(proxy);
  await stream.has('response.completed');
  stream.close();
  await upstream.requests[0]?.aborted;
  await until('the record', () => proxy.proxy.snapshot().requests[0]?.status === 'completed');
  assert.equal(proxy.proxy.snapshot().requests[0]?.inputTokens, 9);
});

test('keep-alives stand between events only, wherever the stream halts', async (t) => {
  const bytes = Buffer.from(whole);
  const halts = [0, 1, created.length - 1, created.length, created.length + 40];
  const umlaut = bytes.indexOf(Buffer.from('ü')) + 1;
  for (const halt of [...halts, umlaut, bytes.length - completed.length]) {
    await t.test(`after ${halt} bytes`, async (inner) => {
      const go = gate();
      const { proxy } = await setUp(
        inner,
        async (_request, response) => {
          response.writeHead(200, eventStream);
          response.write(bytes.subarray(0, halt));
          await go.opened;
          response.end(bytes.subarray(halt));
        },
        { keepAliveMs: 15 },
      );
      const stream = await openTurn(proxy);
      const between = [0, created.length, bytes.length - completed.length].includes(halt);
      if (between) {
        await until('signs of life', () => stream.text().split('keepalive').length > 5);
      } else {
        await until('all bytes', () => Buffer.byteLength(stream.text()) >= halt);
        await new Promise((resolve) => setTimeout(resolve, 60));
        assert.ok(!stream.text().includes('keepalive'), stream.text());
      }
      go.open();
      await stream.ended;
      const kept = stream.text().replaceAll(/event: keepalive\ndata: .*\n\n/g, '');
      assert.equal(kept, whole);
    });
  }
});

for (const [what, text] of [
  ['between two events', created + delta],
  ['in the middle of an event', created + delta.slice(0, -9)],
  ['before the first event', ''],
] as const) {
  test(`a stream that is cut ${what} gets a last event`, async (t) => {
    const { proxy } = await setUp(t, (_request, response) => {
      response.writeHead(200, eventStream);
      response.write(`: hi\n\n${text}`, () => response.destroy());
    });
    const { body } = await turn(proxy);
    assert.ok(body.startsWith(`: hi\n\n${text}`));
    const last = JSON.parse(body.slice(body.lastIndexOf('data: ') + 6));
    assert.equal(last.type, 'response.failed');
    assert.equal(last.response.error.code, 'server_error');
    assert.match(last.response.error.message, /Sim/);
    assert.equal(proxy.proxy.snapshot().requests[0]?.status, 'failed');
  });
}

test('a stream that ends with an error event gets a last event that says the same', async (t) => {
  const { proxy } = await setUp(
    t,
    send(`${created}data: {"type":"error","error":{"message":"Out of luck"}}\n\n`),
  );
  const last = eventsOf((await turn(proxy)).body).at(-1);
  assert.equal(last?.type, 'response.failed');
  assert.match(JSON.stringify(last), /Out of luck/);
});

test('a complete stream gets nothing more, even without its last line feed', async (t) => {
  const { proxy } = await setUp(t, send(whole.slice(0, -1)));
  assert.equal((await turn(proxy)).body, `${whole.slice(0, -1)}\n\n`);
});

test('a whole answer passes as it is', async (t) => {
  const body = JSON.stringify({ id: 'r', object: 'response', status: 'completed', usage });
  const { proxy } = await setUp(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  const answer = await turn(proxy, { stream: false });
  assert.equal(answer.body, body);
  assert.equal(proxy.proxy.snapshot().requests[0]?.inputTokens, 9);
});

test('with a key, refusals are told as everywhere', async (t) => {
  const { proxy, upstream } = await setUp(t, (_request, response) => {
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end('{"error":{"message":"Incorrect API key"}}');
  });
  const answer = await turn(proxy);
  assert.equal(answer.status, 400);
  assert.match(answer.headers['content-type'] ?? '', /^text\/plain/);
  upstream.respond = (_request, response) => {
    response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end();
  };
  assert.match((await turn(proxy)).body, /redirect/);
  upstream.respond = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Hello</title>');
  };
  assert.match((await turn(proxy)).body, /Sim answered with a web page/);
  upstream.respond = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"error":{"message":"Nope","code":"server_error"}}');
  };
  assert.match((await turn(proxy)).body, /Nope/);
});

test('our own sealed reasoning never reaches the far end', async (t) => {
  const { proxy, upstream } = await setUp(t, send(whole));
  const sealed = sealReasoning('deepseek', 'deepseek-x', { reasoning_content: 'private' });
  const input = [
    { type: 'message', role: 'user', content: 'hi' },
    { type: 'reasoning', id: 'rs_1', summary: [], content: null, encrypted_content: sealed },
    { type: 'reasoning', id: 'rs_2', summary: [], content: null, encrypted_content: 'gAAAA' },
  ];
  assert.equal((await turn(proxy, { input })).status, 200);
  const sent = JSON.parse(upstream.requests[0]?.body.toString() ?? '');
  assert.equal(sent.model, 'm');
  assert.ok(!JSON.stringify(sent).includes('private'));
  assert.ok(JSON.stringify(sent).includes('gAAAA'));
});

test('a client that reads slowly holds the upstream', async (t) => {
  const piece = `event: x\ndata: {"type":"x","pad":"${'y'.repeat(16_000)}"}\n\n`;
  const total = 2_000;
  let written = 0;
  const { proxy } = await setUp(t, async (_request, response) => {
    response.writeHead(200, eventStream);
    for (written = 0; written < total; written++) {
      if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve));
    }
    response.end(completed);
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
  assert.ok(written * piece.length < 16_000_000, `${written} of ${total} pieces were written`);
  stream.resume();
  await stream.ended;
  assert.equal(stream.text(), piece.repeat(total) + completed);
});
