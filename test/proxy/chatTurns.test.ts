import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TurnEvent } from '../../src/turn/event.ts';
import type { Message, Turn } from '../../src/turn/turn.ts';
import { anthropicWire } from '../support/anthropicUpstream.ts';
import { chatWire } from '../support/chatUpstream.ts';
import { plainTurn } from '../support/plainTurn.ts';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { call, http, reasoning, text, usage, waitFor } from '../support/script.ts';
import { gate, until } from '../support/until.ts';
import { chatStream, eventStream, startUpstream } from '../support/upstream.ts';
import type { Wire } from '../support/wire.ts';
import { chatEntry } from './client.ts';
import { follow } from './follow.ts';

function turnFor(model: string, messages: readonly Message[]): Turn {
  return {
    ...plainTurn,
    model,
    messages,
    tools: [
      {
        name: 'weather',
        description: 'Tells the weather.',
        parameters: { type: 'object', properties: { city: { type: 'string' } } },
        strict: false,
      },
    ],
  };
}

const hello: Message = { role: 'user', content: [{ type: 'text', text: 'Hello' }] };

async function setUp(t: test.TestContext, wire: Wire = chatWire) {
  const scope = testScope(t);
  const provider = await wire.start(scope, { models: ['m'] });
  const proxy = await startProxy(scope, {
    providers: { sim: { ...provider.entry, label: 'Sim' } },
  });
  return { scope, provider, proxy };
}

function textOf(events: readonly TurnEvent[]): string {
  return events.map((event) => (event.type === 'text.delta' ? event.text : '')).join('');
}

test('a turn of the chat runs without HTTP, and is recorded and counted', async (t) => {
  const { provider, proxy } = await setUp(t);
  provider.play([
    text('Hi there.'),
    call('weather', { city: 'Rome' }),
    usage({ input: 9, output: 4 }),
  ]);
  const events: TurnEvent[] = [];
  const running = proxy.proxy.chat(turnFor('sim/m', [hello]), (more) => void events.push(...more));
  const end = await running.end;
  assert.ok(end.ok);
  assert.equal(end.usage?.inputTokens, 9);
  assert.equal(textOf(events), 'Hi there.');
  const began = events.find((event) => event.type === 'call.start');
  assert.equal(began?.name, 'weather');
  assert.deepEqual(provider.refusals, []);
  const [record] = proxy.proxy.snapshot().requests;
  assert.equal(record?.model, 'sim/m');
  assert.equal(record.status, 'completed');
  assert.equal(record.outputTokens, 4);
  const reply = await proxy.proxy.api({ method: 'GET', path: '/api/usage?days=1' });
  assert.equal(JSON.parse(JSON.stringify(reply.body)).rows[0].model, 'sim/m');
});

test('turns that end well keep their connection for the next', async (t) => {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, (_request, response) =>
    response.writeHead(200, eventStream).end(chatStream({ content: 'Hi.' })),
  );
  const proxy = await startProxy(scope, { providers: { sim: chatEntry(upstream.url) } });
  const turns = 8;
  for (let turn = 0; turn < turns; turn += 1) {
    assert.ok((await proxy.proxy.chat(turnFor('sim/m', [hello]), () => {}).end).ok);
  }
  // One that begins before the end of the last answer has been read needs another.
  assert.ok(upstream.connections < turns, `${upstream.connections}`);
});

test('a failure that passes is tried again, and one that lasts is told with its kind', async (t) => {
  const { provider, proxy } = await setUp(t);
  const busy = { status: 503, headers: {}, body: '{"error":{"message":"busy"}}' };
  provider.play(busy, [text('Now.')]);
  const events: TurnEvent[] = [];
  const again = proxy.proxy.chat(turnFor('sim/m', [hello]), (more) => void events.push(...more));
  assert.ok((await again.end).ok);
  assert.equal(textOf(events), 'Now.');
  provider.play({ status: 403, headers: {}, body: '{"error":{"message":"not you"}}' });
  const end = await proxy.proxy.chat(turnFor('sim/m', [hello]), () => {}).end;
  assert.ok(!end.ok);
  assert.equal(end.error.kind, 'permission');
  assert.match(end.error.message, /Sim/);
  const [record] = proxy.proxy.snapshot().requests;
  assert.equal(record?.status, 'failed');
});

test('an abort ends the request at the provider at once', async (t) => {
  const { provider, proxy } = await setUp(t);
  const more = gate();
  provider.play([text('a'), { step: 'gate', opened: more.opened }, text('b')]);
  const events: TurnEvent[] = [];
  const running = proxy.proxy.chat(turnFor('sim/m', [hello]), (some) => void events.push(...some));
  await until('the first text', () => textOf(events) === 'a');
  running.abort();
  const end = await running.end;
  assert.ok(!end.ok);
  assert.equal(await provider.requests[0]?.outcome, 'aborted');
  more.open();
  assert.equal(proxy.proxy.snapshot().requests[0]?.status, 'aborted');
});

test('reasoning that the provider needs back gets there, sealed on the way', async (t) => {
  const { provider, proxy } = await setUp(t, anthropicWire);
  provider.play([reasoning('Let me look.'), call('weather', { city: 'Rome' })], [text('Sunny.')]);
  const events: TurnEvent[] = [];
  const first = proxy.proxy.chat(turnFor('sim/m', [hello]), (more) => void events.push(...more));
  assert.ok((await first.end).ok);
  const ended = events.find((event) => event.type === 'reasoning.end');
  assert.equal(typeof ended?.carry, 'string');
  const began = events.find((event) => event.type === 'call.start');
  const callId = began?.callId ?? '';
  const history: Message[] = [
    hello,
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'Let me look.', carry: ended?.carry },
        { type: 'tool_call', callId, name: 'weather', arguments: '{"city":"Rome"}' },
      ],
    },
    { role: 'tool', callId, name: 'weather', content: [{ type: 'text', text: 'sun' }] },
  ];
  const second = await proxy.proxy.chat(turnFor('sim/m', history), () => {}).end;
  assert.ok(second.ok);
  assert.match(JSON.stringify(provider.requests[1]?.body), /"type":"thinking".*"signature"/);
  assert.deepEqual(provider.refusals, []);
});

/** A model that reads text only, and one that sees. */
async function withEyes(t: test.TestContext, visionSidecar: object = { model: 'eyes/m' }) {
  const scope = testScope(t);
  const provider = await chatWire.start(scope, { models: ['m'] });
  const eyes = await chatWire.start(scope, { models: ['m'] });
  const proxy = await startProxy(scope, {
    providers: { sim: { ...provider.entry, noVisionModels: ['m'] }, eyes: eyes.entry },
    visionSidecar,
  });
  scope.add(() => assert.deepEqual([...provider.refusals, ...eyes.refusals], []));
  return { scope, provider, eyes, proxy };
}

const square = 'data:image/png;base64,AAAA';
const circle = 'data:image/png;base64,BBBB';
const showing = (...urls: readonly string[]): Message => ({
  role: 'user',
  content: [
    { type: 'text', text: 'Look.' },
    ...urls.map((url) => ({ type: 'image', url, detail: undefined }) as const),
  ],
});

test('images are told in words to a model of the chat that reads text only', async (t) => {
  const { provider, eyes, proxy } = await withEyes(t);
  eyes.playAlways(({ messages }) => [
    text(messages.at(-1)?.images[0] === square ? 'A square.' : 'A circle.'),
    usage({ input: 50, output: 5 }),
  ]);
  provider.playAlways([text('Seen.')]);
  const callId = 'call_1';
  const history: Message[] = [
    showing(square),
    {
      role: 'assistant',
      content: [{ type: 'tool_call', callId, name: 'weather', arguments: '{}' }],
    },
    {
      role: 'tool',
      callId,
      name: 'weather',
      content: [{ type: 'image', url: circle, detail: undefined }],
    },
  ];
  assert.ok((await proxy.proxy.chat(turnFor('sim/m', history), () => {}).end).ok);
  const [first] = provider.requests;
  assert.match(first?.messages[0]?.text ?? '', /> A square\./);
  assert.match(first?.messages.at(-1)?.text ?? '', /> A circle\./);
  assert.deepEqual(
    first?.messages.flatMap(({ images }) => images),
    [],
  );
  // What was described once is not paid for again.
  assert.ok((await proxy.proxy.chat(turnFor('sim/m', history), () => {}).end).ok);
  assert.equal(eyes.requests.length, 2);
  const reply = await proxy.proxy.api({ method: 'GET', path: '/api/models' });
  const models: { id: string; imagesInWords?: boolean }[] = JSON.parse(
    JSON.stringify(reply.body),
  ).models;
  assert.deepEqual(
    models.map(({ id, imagesInWords }) => [id, imagesInWords]),
    [
      ['sim/m', true],
      ['eyes/m', false],
    ],
  );
  const [, record] = proxy.proxy.snapshot().requests;
  const detail = await proxy.proxy.api({ method: 'GET', path: `/api/requests/${record?.id}` });
  const { sidecars } = JSON.parse(JSON.stringify(detail.body));
  assert.deepEqual(
    sidecars.map(({ kind, by, inputTokens }: Record<string, unknown>) => [kind, by, inputTokens]),
    [
      ['vision', 'eyes/m', 50],
      ['vision', 'eyes/m', 50],
    ],
  );
});

test('a chat turn goes on although nobody could describe its image', async (t) => {
  const { provider, eyes, proxy } = await withEyes(t);
  eyes.playAlways(http(500, { error: { message: `broken ${eyes.apiKey}` } }));
  provider.play([text('I cannot see it.')]);
  assert.ok((await proxy.proxy.chat(turnFor('sim/m', [showing(square)]), () => {}).end).ok);
  assert.match(provider.requests[0]?.messages[0]?.text ?? '', /could not be described to you: /);
  const [record] = proxy.proxy.snapshot().requests;
  const detail = await proxy.proxy.api({ method: 'GET', path: `/api/requests/${record?.id}` });
  assert.match(JSON.stringify(detail.body), /"kind":"vision".*"error":/);
  assert.ok(!JSON.stringify(detail.body).includes(eyes.apiKey));
});

test('an abort of a chat turn ends the description of its image', async (t) => {
  const { provider, eyes, proxy } = await withEyes(t);
  eyes.play([waitFor(new Promise(() => {}))]);
  const running = proxy.proxy.chat(turnFor('sim/m', [showing(square)]), () => {});
  await until('the question', () => eyes.requests.length === 1);
  running.abort();
  assert.ok(!(await running.end).ok);
  assert.equal(await eyes.requests[0]?.outcome, 'aborted');
  assert.equal(provider.posts, 0);
});

test('a window that does not serve runs its own turns, and the serving one tells of them', async (t) => {
  const { scope, provider, proxy } = await setUp(t);
  const second = await follow(scope, proxy);
  assert.equal(second.state.status, 'elsewhere');
  provider.play([text('Hi.')]);
  const end = await second.chat(turnFor('sim/m', [hello]), () => {}).end;
  assert.ok(end.ok);
  await until('the record', () => proxy.proxy.snapshot().requests.length === 1);
  const [record] = proxy.proxy.snapshot().requests;
  assert.equal(record?.status, 'completed');
  assert.equal(record.model, 'sim/m');
});

test('a turn that runs when the proxy stops is told so', async (t) => {
  const { provider, proxy } = await setUp(t);
  const never = gate();
  provider.play([text('a'), { step: 'gate', opened: never.opened }]);
  const events: TurnEvent[] = [];
  const running = proxy.proxy.chat(turnFor('sim/m', [hello]), (some) => void events.push(...some));
  await until('the first text', () => textOf(events) === 'a');
  await proxy.proxy.stop(0);
  const end = await running.end;
  assert.ok(!end.ok);
  assert.match(end.error.message, /stopped/);
  never.open();
});

test("the editor's own models are not asked in a circle, nor an unknown provider", async (t) => {
  const { proxy } = await setUp(t);
  proxy.proxy.offerModels([{ name: 'x', label: 'X' }]);
  const circle = await proxy.proxy.chat(turnFor('vscode/x', [hello]), () => {}).end;
  assert.ok(!circle.ok);
  const unknown = await proxy.proxy.chat(turnFor('nobody/x', [hello]), () => {}).end;
  assert.ok(!unknown.ok);
  assert.equal(unknown.error.kind, 'unknown_model');
});
