import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chatWire } from './chatUpstream.ts';
import { at, listOf } from './json.ts';
import { testScope } from './scope.ts';
import { call, cut, reasoning, stopShort, text, usage } from './script.ts';
import type { FakeProvider } from './wire.ts';

const good = {
  model: 'sim-1',
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
  ],
};

const shell = {
  type: 'function',
  function: {
    name: 'shell',
    description: 'Runs a command',
    parameters: { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] },
  },
};

const asked = (...ids: readonly string[]) => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map((id) => ({
    id,
    type: 'function',
    function: { name: 'shell', arguments: '{"cmd":"ls"}' },
  })),
});
const answered = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'a.txt' });
const user = { role: 'user', content: 'Go' };
const withTools = (tool: object, more: object = {}) => ({ ...good, tools: [tool], ...more });
const withMessages = (...messages: readonly object[]) => ({ ...good, messages });
const withParameters = (parameters: unknown) =>
  withTools({ type: 'function', function: { name: 'f', parameters } });
const callOf = (change: object) => {
  const [first] = asked('call_1').tool_calls;
  return withMessages(
    user,
    { role: 'assistant', content: null, tool_calls: [{ ...first, ...change }] },
    answered('call_1'),
  );
};

/** What it must refuse, by the words of its answer. */
const withSearch = (parameters: object) => ({
  ...good,
  tools: [{ type: 'openrouter:web_search', parameters }],
});

const refused: Readonly<Record<string, readonly [body: unknown, words: RegExp]>> = {
  'an unknown top-level field': [{ ...good, instructions: 'x' }, /Unrecognized .* instructions/],
  'an unknown model': [{ ...good, model: 'other' }, /does not exist/],
  'no model': [{ messages: good.messages }, /'model'/],
  'no messages': [withMessages(), /too short - 'messages'/],
  'messages that are no list': [{ ...good, messages: 'Hello' }, /'messages'/],

  'an unknown role': [withMessages({ role: 'critic', content: 'x' }), /Invalid value: 'critic'/],
  'an unknown field of a message': [
    withMessages({ role: 'user', content: 'x', phase: 'commentary' }),
    /Unknown parameter.*phase/,
  ],
  'an empty message': [withMessages({ role: 'user', content: '' }), /must not be empty/],
  'an empty text part': [
    withMessages({ role: 'user', content: [{ type: 'text', text: '' }] }),
    /must not be empty/,
  ],
  'a message without parts': [withMessages({ role: 'user', content: [] }), /empty array/],
  'a message without content': [withMessages({ role: 'user', content: null }), /got null/],
  'a name with odd characters': [
    withMessages({ role: 'user', content: 'x', name: 'a b' }),
    /does not match pattern/,
  ],
  'a Responses content part': [
    withMessages({ role: 'user', content: [{ type: 'input_text', text: 'x' }] }),
    /Invalid content type 'input_text'/,
  ],
  'an image in a system message': [
    withMessages({
      role: 'system',
      content: [{ type: 'image_url', image_url: { url: 'https://a.example/b.png' } }],
    }),
    /Invalid content type 'image_url'.*'system'/,
  ],
  'an image in a tool message': [
    withMessages(user, asked('call_1'), {
      ...answered('call_1'),
      content: [{ type: 'image_url', image_url: { url: 'https://a.example/b.png' } }],
    }),
    /Invalid content type 'image_url'.*'tool'/,
  ],
  'an image that is no image': [
    withMessages({
      role: 'user',
      content: [{ type: 'image_url', image_url: { url: 'data:text/plain;base64,QQ==' } }],
    }),
    /unsupported image/,
  ],
  'an image detail that only Responses has': [
    withMessages({
      role: 'user',
      content: [
        { type: 'image_url', image_url: { url: 'https://a.example/b.png', detail: 'original' } },
      ],
    }),
    /Invalid value: 'original'/,
  ],
  'an assistant message at the end': [
    withMessages(user, { role: 'assistant', content: 'Well' }),
    /Expected last role/,
  ],

  'a result without a call': [withMessages(user, answered('call_1')), /must be a response/],
  'a call without a result': [
    withMessages(user, asked('call_1'), user),
    /did not have response messages: call_1/,
  ],
  'a call without a result at the end': [
    withMessages(user, asked('call_1')),
    /did not have response messages: call_1/,
  ],
  'one of two results missing': [
    withMessages(user, asked('call_1', 'call_2'), answered('call_2'), user),
    /did not have response messages: call_1/,
  ],
  'text between call and result': [
    withMessages(user, asked('call_1'), user, answered('call_1')),
    /did not have response messages: call_1/,
  ],
  'a result twice': [
    withMessages(user, asked('call_1'), answered('call_1'), answered('call_1')),
    /answered already/,
  ],
  'a result far behind its call': [
    withMessages(user, asked('call_1'), answered('call_1'), user, answered('call_1')),
    /answered already/,
  ],
  'a call id twice': [
    withMessages(user, asked('call_1'), answered('call_1'), asked('call_1'), answered('call_1')),
    /Duplicate value/,
  ],
  'an empty list of calls': [
    withMessages(user, { role: 'assistant', content: 'x', tool_calls: [] }, user),
    /empty array/,
  ],
  'a call id of 41 characters': [callOf({ id: 'c'.repeat(41) }), /length of 1 to 40/],
  'a call without a type': [callOf({ type: undefined }), /type/],
  'a call with a namespace': [callOf({ namespace: 'mcp' }), /Unknown parameter.*namespace/],
  'arguments as an object': [
    callOf({ function: { name: 'shell', arguments: { cmd: 'ls' } } }),
    /expected a string/,
  ],
  'arguments that are not JSON': [
    callOf({ function: { name: 'shell', arguments: '{"cmd":' } }),
    /JSON text of an object/,
  ],
  'a called name with a dot': [
    callOf({ function: { name: 'mcp.shell', arguments: '{}' } }),
    /does not match pattern/,
  ],

  'a web search with an unknown parameter': [withSearch({ count: 3 }), /Unknown parameter/],
  'a web search with two lists of domains': [
    withSearch({ engine: 'exa', allowed_domains: ['a.test'], excluded_domains: ['b.test'] }),
    /cannot be used with/,
  ],
  'domains for an engine that may not keep to them': [
    withSearch({ engine: 'native', excluded_domains: ['b.test'] }),
    /only some engines/,
  ],
  'a context size that is none': [withSearch({ search_context_size: 'huge' }), /Invalid option/],
  'a location that is not approximate': [
    withSearch({ user_location: { city: 'Bonn' } }),
    /expected "approximate"/,
  ],
  'an empty list of tools': [{ ...good, tools: [] }, /too short - 'tools'/],
  '129 tools': [
    {
      ...good,
      tools: Array.from({ length: 129 }, (_, index) => ({
        type: 'function',
        function: { name: `f${index}` },
      })),
    },
    /array too long/,
  ],
  'a custom tool': [
    withTools({ type: 'custom', custom: { name: 'x' } }),
    /Invalid value: 'custom'/,
  ],
  'a tool in the Responses form': [
    withTools({ type: 'function', name: 'shell', parameters: {} }),
    /Unknown parameter/,
  ],
  'a tool name with a dot': [
    withTools({ type: 'function', function: { name: 'a.b' } }),
    /does not match pattern/,
  ],
  'a tool name of 65 characters': [
    withTools({ type: 'function', function: { name: 'a'.repeat(65) } }),
    /at most 64/,
  ],
  'a tool name twice': [{ ...good, tools: [shell, shell] }, /Duplicate function name/],
  'an unknown field of a tool': [
    withTools({ type: 'function', function: { name: 'f', defer_loading: true } }),
    /Unknown parameter.*defer_loading/,
  ],
  'a strict that is no boolean': [
    withTools({ type: 'function', function: { name: 'f', strict: 'yes' } }),
    /expected a boolean/,
  ],
  'a schema that is no object': [withParameters('none'), /not an object/],
  'a schema without a type': [withParameters({ properties: {} }), /got 'type: "None"'/],
  'a schema whose root is a string': [withParameters({ type: 'string' }), /type: "object"/],
  'a schema without properties': [withParameters({ type: 'object' }), /missing properties/],
  'a schema that is a union': [
    withParameters({ type: 'object', properties: {}, oneOf: [{ required: ['a'] }] }),
    /at the top level/,
  ],
  'a schema with an unknown type': [
    withParameters({ type: 'object', properties: { a: { type: 'text' } } }),
    /not a valid JSON Schema/,
  ],
  'an array without items': [
    withParameters({ type: 'object', properties: { a: { type: 'array' } } }),
    /\('properties', 'a'\), array schema missing items/,
  ],
  'a reference that leads nowhere': [
    withParameters({ type: 'object', properties: { a: { $ref: '#/$defs/A' } } }),
    /was not found/,
  ],

  'tool_choice without tools': [{ ...good, tool_choice: 'auto' }, /only allowed when 'tools'/],
  'parallel_tool_calls without tools': [
    { ...good, parallel_tool_calls: true },
    /only allowed when 'tools'/,
  ],
  'an unknown tool_choice': [withTools(shell, { tool_choice: 'any' }), /Invalid value: 'any'/],
  'a tool_choice in the Responses form': [
    withTools(shell, { tool_choice: { type: 'function', name: 'shell' } }),
    /Unknown parameter/,
  ],
  'a choice of a tool that is not offered': [
    withTools(shell, { tool_choice: { type: 'function', function: { name: 'other' } } }),
    /not found in 'tools'/,
  ],

  'stream_options without a stream': [
    { ...good, stream_options: { include_usage: true } },
    /only allowed when 'stream'/,
  ],
  'an unknown stream option': [
    { ...good, stream: true, stream_options: { usage: true } },
    /Unknown parameter/,
  ],
  'a stream option that is no boolean': [
    { ...good, stream: true, stream_options: { include_usage: 'yes' } },
    /expected a boolean/,
  ],
  'a stream that is no boolean': [{ ...good, stream: 'true' }, /expected a boolean/],
  'two token limits': [{ ...good, max_tokens: 5, max_completion_tokens: 5 }, /at the same time/],
  'a token limit of nought': [{ ...good, max_tokens: 0 }, /Invalid 'max_tokens'/],
  'a temperature of 3': [{ ...good, temperature: 3 }, /Invalid 'temperature'/],
  'an unknown effort': [{ ...good, reasoning_effort: 'ultra' }, /does not support 'ultra'/],
  'an unknown verbosity': [{ ...good, verbosity: 'loud' }, /does not support 'loud'/],
  'an unknown response format': [{ ...good, response_format: { type: 'xml' } }, /'xml'/],
  'a response format in the Responses form': [
    { ...good, response_format: { type: 'json_schema', name: 'x', schema: {} } },
    /Unknown parameter/,
  ],
  'a response format without a schema': [
    { ...good, response_format: { type: 'json_schema', json_schema: { name: 'x' } } },
    /Missing required parameter/,
  ],
  'json_object without the word': [
    { ...good, response_format: { type: 'json_object' } },
    /must contain the word 'json'/,
  ],
};

const taken: Readonly<Record<string, object>> = {
  'a plain request': good,
  'a web search with filters': withSearch({
    engine: 'exa',
    excluded_domains: ['b.test'],
    search_context_size: 'low',
    user_location: { type: 'approximate', country: 'DE' },
  }),
  'a round of parallel calls': withMessages(
    user,
    asked('call_1', 'call_2'),
    answered('call_2'),
    answered('call_1'),
    { role: 'assistant', content: 'Done.' },
    user,
  ),
  'tools with every documented field': withTools(shell, {
    tool_choice: { type: 'function', function: { name: 'shell' } },
    parallel_tool_calls: false,
  }),
  'an image of the user': withMessages({
    role: 'user',
    content: [
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'high' } },
    ],
  }),
  'a nested schema with references': withParameters({
    type: 'object',
    properties: {
      a: { $ref: '#/$defs/A' },
      b: { type: 'array', items: { type: ['string', 'null'] } },
    },
    $defs: { A: { type: 'string', enum: ['x'] } },
    additionalProperties: false,
  }),
  'a schema that names an older draft': withParameters({
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: {},
  }),
  'a structured output': {
    ...good,
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'x', schema: { type: 'object' } },
    },
  },
};

async function post(fake: FakeProvider, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${fake.entry['baseUrl']}/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${fake.apiKey}`,
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

describe('the chat provider of the tests', () => {
  for (const [what, [body, words]] of Object.entries(refused)) {
    test(`refuses ${what}`, async (t) => {
      const fake = await chatWire.start(testScope(t));
      const { status, text: answer } = await post(fake, body);
      assert.match(at(JSON.parse(answer), 'error', 'message')?.toString() ?? '', words);
      assert.equal(status, /does not exist/.test(answer) ? 404 : 400);
      assert.equal(fake.requests.length, 0);
      assert.equal(fake.refusals.length, 1);
    });
  }

  test('refuses a wrong key, another content type and a broken body', async (t) => {
    const fake = await chatWire.start(testScope(t));
    assert.equal((await post(fake, good, { authorization: 'Bearer wrong' })).status, 401);
    assert.equal((await post(fake, good, { 'content-type': 'text/plain' })).status, 400);
    assert.equal((await post(fake, '{"model":')).status, 400);
    assert.equal(fake.posts, 3);
    assert.equal(fake.refusals.length, 3);
  });

  for (const [what, body] of Object.entries(taken)) {
    test(`takes ${what}`, async (t) => {
      const fake = await chatWire.start(testScope(t));
      fake.play([text('Yes.')]);
      const { status, text: answer } = await post(fake, body);
      assert.deepEqual(fake.refusals, []);
      assert.equal(status, 200);
      assert.equal(at(JSON.parse(answer), 'choices', 0, 'message', 'content'), 'Yes.');
    });
  }

  test('plays text, reasoning, calls and usage as a stream', async (t) => {
    const fake = await chatWire.start(testScope(t), { sliceBytes: 5 });
    fake.play([
      reasoning('Let me see …'),
      text('Schön, ein Umlaut.'),
      call('shell', { cmd: 'ls' }),
      call('shell', '{"cmd":'),
      usage({ input: 10, cached: 4, output: 6, reasoning: 2 }),
    ]);
    const body = withTools(shell, { stream: true, stream_options: { include_usage: true } });
    const { text: stream } = await post(fake, body);
    const payloads = stream
      .split('\n\n')
      .filter((event) => event !== '')
      .map((event) => event.replace(/^data: /, ''));
    assert.equal(payloads.at(-1), '[DONE]');
    const chunks: readonly unknown[] = payloads.slice(0, -1).map((payload) => JSON.parse(payload));
    const deltas = chunks.map((chunk) => at(chunk, 'choices', 0, 'delta'));
    const joined = (field: string) => deltas.map((delta) => at(delta, field) ?? '').join('');
    assert.equal(joined('content'), 'Schön, ein Umlaut.');
    assert.equal(joined('reasoning_content'), 'Let me see …');
    const parts = deltas.flatMap((delta) => listOf(at(delta, 'tool_calls')));
    const argumentsOf = (index: number) =>
      parts
        .filter((part) => at(part, 'index') === index)
        .map((part) => at(part, 'function', 'arguments'))
        .join('');
    assert.equal(argumentsOf(0), '{"cmd":"ls"}');
    assert.equal(argumentsOf(1), '{"cmd":');
    assert.equal(at(chunks.at(-2), 'choices', 0, 'finish_reason'), 'tool_calls');
    assert.equal(at(chunks.at(-1), 'usage', 'prompt_tokens_details', 'cached_tokens'), 4);
    assert.equal(await fake.requests[0]?.outcome, 'answered');
  });

  test('cuts and stops short where the script says so', async (t) => {
    const fake = await chatWire.start(testScope(t));
    fake.play([text('Half'), cut], [text('Half'), stopShort]);
    await assert.rejects(post(fake, { ...good, stream: true }));
    const { text: stream } = await post(fake, { ...good, stream: true });
    assert.match(stream, /Half/);
    assert.doesNotMatch(stream, /DONE|finish_reason":"/);
  });
});
