import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decoder } from '../../../src/adapters/adapter.ts';
import { openaiResponses } from '../../../src/adapters/openaiResponses/adapter.ts';
import type { ResponsesQuirks } from '../../../src/adapters/openaiResponses/quirks.ts';
import type { Target } from '../../../src/adapters/target.ts';
import type { TurnEvent } from '../../../src/turn/event.ts';
import type { Turn } from '../../../src/turn/turn.ts';

function target(quirks: ResponsesQuirks = {}, vision = true): Target {
  return {
    provider: 'grok',
    label: 'Grok',
    wire: 'openai-responses',
    baseUrl: 'https://grok.test/v1',
    model: 'grok-9',
    traits: {
      contextWindow: undefined,
      maxOutputTokens: undefined,
      reasoning: undefined,
      efforts: undefined,
      vision,
    },
    quirks: { responses: quirks },
  };
}

const turn: Turn = {
  model: 'grok-9',
  messages: [
    { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
    { role: 'user', content: [{ type: 'text', text: 'List the files.' }] },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'hm', carry: { id: 'rs_1', encrypted_content: 'blob==' } },
        { type: 'tool_call', callId: 'c1', name: 'exec', arguments: '{"cmd":"ls"}' },
        { type: 'text', text: 'Looking.' },
        { type: 'tool_call', callId: 'c2', name: 'exec', arguments: '{"cmd":"pwd"}' },
      ],
    },
    { role: 'tool', callId: 'c1', name: 'exec', content: [{ type: 'text', text: 'a.txt' }] },
    {
      role: 'tool',
      callId: 'c2',
      name: 'exec',
      content: [
        { type: 'text', text: 'seen' },
        { type: 'image', url: 'data:image/png;base64,AA==', detail: 'high' },
      ],
    },
    { role: 'system', content: [{ type: 'text', text: 'Now in German.' }] },
    { role: 'user', content: [{ type: 'text', text: 'Go on.' }] },
  ],
  tools: [
    {
      name: 'exec',
      description: 'Runs a command.',
      parameters: { type: 'object', properties: { cmd: { type: 'string' } } },
      strict: false,
    },
  ],
  toolChoice: { type: 'tool', name: 'exec' },
  parallelToolCalls: true,
  reasoning: { effort: 'xhigh', summary: 'auto' },
  output: { type: 'text' },
  verbosity: 'low',
  maxOutputTokens: undefined,
  temperature: undefined,
  topP: undefined,
  cacheKey: 'session-1',
  serviceTier: undefined,
  stream: true,
};

function encoded(to: Target): Record<string, unknown> {
  return JSON.parse(openaiResponses.encode(turn, to).body);
}

test('a turn becomes a stateless request with functions only', () => {
  const { url } = openaiResponses.encode(turn, target());
  const body = encoded(target());
  assert.equal(url, 'https://grok.test/v1/responses');
  assert.deepEqual(body, {
    model: 'grok-9',
    instructions: 'Be brief.',
    input: [
      {
        type: 'message',
        role: 'user',
        content: [{ type: 'input_text', text: 'List the files.' }],
      },
      { type: 'reasoning', id: 'rs_1', encrypted_content: 'blob==' },
      {
        type: 'message',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Looking.', annotations: [] }],
      },
      { type: 'function_call', call_id: 'c1', name: 'exec', arguments: '{"cmd":"ls"}' },
      { type: 'function_call', call_id: 'c2', name: 'exec', arguments: '{"cmd":"pwd"}' },
      { type: 'function_call_output', call_id: 'c1', output: 'a.txt' },
      {
        type: 'function_call_output',
        call_id: 'c2',
        output: [
          { type: 'input_text', text: 'seen' },
          { type: 'input_image', image_url: 'data:image/png;base64,AA==', detail: 'high' },
        ],
      },
      {
        type: 'message',
        role: 'system',
        content: [{ type: 'input_text', text: 'Now in German.' }],
      },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Go on.' }] },
    ],
    stream: true,
    store: false,
    tools: [{ type: 'function', ...turn.tools[0] }],
    tool_choice: { type: 'function', name: 'exec' },
    parallel_tool_calls: true,
    reasoning: { effort: 'high', summary: 'auto' },
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: 'session-1',
  });
});

test('results stand beside their calls where the host wants them there', () => {
  const { input } = encoded(target({ resultsBesideCalls: true }));
  assert.ok(Array.isArray(input));
  assert.deepEqual(
    input.map((item: { type: string }) => item.type),
    [
      'message',
      'reasoning',
      'message',
      'function_call',
      'function_call_output',
      'function_call',
      'function_call_output',
      'message',
      'message',
    ],
  );
});

test('a model without eyes gets a sentence for an image', () => {
  const text = JSON.stringify(encoded(target({}, false)));
  assert.doesNotMatch(text, /base64/);
  assert.match(text, /cannot see images/);
});

test('a path of its own is taken as it is', () => {
  const { url } = openaiResponses.encode(turn, target({ path: '/beta/responses' }));
  assert.equal(url, 'https://grok.test/v1/beta/responses');
});

function sse(events: readonly object[]): Uint8Array {
  return new TextEncoder().encode(
    events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''),
  );
}

function decode(bytes: Uint8Array, size: number): TurnEvent[] {
  const decoder: Decoder = openaiResponses.decoder(target(), 'sse');
  const events: TurnEvent[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    events.push(...decoder.push(bytes.subarray(at, at + size)));
  }
  events.push(...decoder.end());
  return events;
}

const reasoningItem = {
  type: 'reasoning',
  id: 'rs_9',
  status: 'completed',
  summary: [
    { type: 'summary_text', text: 'First.' },
    { type: 'summary_text', text: 'Second.' },
  ],
  encrypted_content: 'opaque',
};
const callItem = {
  type: 'function_call',
  id: 'fc_9',
  call_id: 'call_9',
  name: 'exec',
  arguments: '{"cmd":"ls"}',
  status: 'completed',
};
const messageItem = {
  type: 'message',
  id: 'msg_9',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: 'Grüße 👋', annotations: [] }],
};
const usage = {
  input_tokens: 20,
  input_tokens_details: { cached_tokens: 5 },
  output_tokens: 8,
  output_tokens_details: { reasoning_tokens: 3 },
  total_tokens: 28,
};
const completed = {
  type: 'response.completed',
  response: {
    id: 'resp_9',
    status: 'completed',
    output: [reasoningItem, messageItem, callItem],
    usage,
  },
};
const whole: readonly TurnEvent[] = [
  { type: 'reasoning.start', kind: 'summary' },
  { type: 'reasoning.delta', text: 'First.' },
  { type: 'reasoning.part' },
  { type: 'reasoning.delta', text: 'Second.' },
  {
    type: 'reasoning.end',
    carry: { id: 'rs_9', summary: reasoningItem.summary, encrypted_content: 'opaque' },
  },
  { type: 'text.start' },
  { type: 'text.delta', text: 'Grüße ' },
  { type: 'text.delta', text: '👋' },
  { type: 'text.end' },
  { type: 'call.start', callId: 'call_9', name: 'exec' },
  { type: 'call.delta', arguments: '{"cmd":"ls"}' },
  { type: 'call.end' },
  {
    type: 'usage',
    usage: {
      inputTokens: 20,
      outputTokens: 8,
      cachedTokens: 5,
      cacheWriteTokens: 0,
      reasoningTokens: 3,
    },
  },
  { type: 'finish', reason: 'stop' },
];

const stream = [
  { type: 'response.created', response: { id: 'resp_9', status: 'in_progress' } },
  { type: 'response.output_item.added', output_index: 0, item: { type: 'reasoning', id: 'rs_9' } },
  {
    type: 'response.reasoning_summary_text.delta',
    output_index: 0,
    summary_index: 0,
    delta: 'First.',
  },
  {
    type: 'response.reasoning_summary_text.delta',
    output_index: 0,
    summary_index: 1,
    delta: 'Second.',
  },
  { type: 'response.output_item.done', output_index: 0, item: reasoningItem },
  { type: 'response.output_item.added', output_index: 1, item: { type: 'message', id: 'msg_9' } },
  { type: 'response.output_text.delta', output_index: 1, delta: 'Grüße ' },
  { type: 'response.output_text.delta', output_index: 1, delta: '👋' },
  { type: 'response.output_item.done', output_index: 1, item: messageItem },
  { type: 'response.output_item.added', output_index: 2, item: { ...callItem, arguments: '' } },
  { type: 'response.function_call_arguments.delta', output_index: 2, delta: '{"cmd":"ls"}' },
  { type: 'response.output_item.done', output_index: 2, item: callItem },
  completed,
];

test('a stream gives the same events however it is cut', () => {
  const bytes = sse(stream);
  for (const size of [1, 2, 3, 7, 100, bytes.length]) assert.deepEqual(decode(bytes, size), whole);
});

test('items that come out of turn are handed on one after the other', () => {
  const [, , , , , addedMessage, first, second, doneMessage, addedCall, args, doneCall] = stream;
  const events = decode(
    sse(
      [addedMessage, first, addedCall, args, doneCall, second, doneMessage, completed].filter(
        (event) => event !== undefined,
      ),
    ),
    1e6,
  );
  assert.deepEqual(
    events.map((event) => event.type),
    [
      'text.start',
      'text.delta',
      'text.delta',
      'text.end',
      'call.start',
      'call.delta',
      'call.end',
      'reasoning.start',
      'reasoning.delta',
      'reasoning.part',
      'reasoning.delta',
      'reasoning.end',
      'usage',
      'finish',
    ],
  );
});

test('a host that only sends the closing object is read from that', () => {
  const events = decode(sse([completed]), 1e6);
  assert.deepEqual(
    events.filter((event) => event.type !== 'text.delta'),
    whole.filter((event) => event.type !== 'text.delta'),
  );
});

test('a stream that ends early is cut, and its half call has no end', () => {
  const events = decode(sse(stream.slice(0, -2)), 1e6);
  assert.deepEqual(
    events.slice(-2).map((event) => event.type),
    ['call.delta', 'error'],
  );
  const last = events.at(-1);
  assert.ok(last?.type === 'error' && last.error.kind === 'cut');
});

test('a call inside an incomplete answer is not handed on', () => {
  const response = {
    status: 'incomplete',
    incomplete_details: { reason: 'max_output_tokens' },
    output: [{ ...callItem, arguments: '{"cmd":"l' }],
  };
  assert.deepEqual(decode(sse([{ type: 'response.incomplete', response }]), 1e6), [
    { type: 'finish', reason: 'length' },
  ]);
});

test('a failure inside the stream is the provider’s own sentence', () => {
  const response = {
    status: 'failed',
    error: { code: 'rate_limit_exceeded', message: 'Slow down, try again in 3s.' },
    output: [],
  };
  const [event, ...rest] = decode(sse([{ type: 'response.failed', response }]), 1e6);
  assert.deepEqual(rest, []);
  assert.ok(event?.type === 'error');
  assert.equal(event.error.kind, 'rate_limit');
  assert.match(event.error.message, /Slow down/);
});

test('a whole answer gives what its stream gives', () => {
  const decoder = openaiResponses.decoder(target(), 'json');
  const body = new TextEncoder().encode(JSON.stringify(completed.response));
  const events = [...decoder.push(body.subarray(0, 50)), ...decoder.push(body.subarray(50))];
  events.push(...decoder.end());
  assert.deepEqual(
    events.filter((event) => event.type !== 'text.delta'),
    whole.filter((event) => event.type !== 'text.delta'),
  );
});

test('what is not an answer at all becomes one error', () => {
  for (const text of ['', '<html>no</html>', '{"output":']) {
    const decoder = openaiResponses.decoder(target(), 'json');
    decoder.push(new TextEncoder().encode(text));
    const events = decoder.end();
    assert.deepEqual(
      events.map((event) => event.type),
      ['error'],
    );
  }
});

test('text that waits behind an item without an end is not lost', () => {
  const [, added, first, , , addedMessage, delta, , doneMessage] = stream;
  const events = decode(
    sse(
      [added, first, addedMessage, delta, doneMessage, completed].filter(
        (event) => event !== undefined,
      ),
    ),
    1e6,
  );
  const text = events.map((event) => (event.type === 'text.delta' ? event.text : '')).join('');
  assert.equal(text, 'Grüße 👋');
  assert.equal(events.at(-1)?.type, 'finish');
});

test('text that waits is handed on also where the item before it is missing at the end', () => {
  const [, added, first, , , addedMessage, delta, , doneMessage] = stream;
  const response = { status: 'completed', output: [], usage };
  const events = decode(
    sse(
      [
        added,
        first,
        addedMessage,
        delta,
        doneMessage,
        { type: 'response.completed', response },
      ].filter((event) => event !== undefined),
    ),
    1e6,
  );
  const text = events.map((event) => (event.type === 'text.delta' ? event.text : '')).join('');
  assert.equal(text, 'Grüße 👋');
});
