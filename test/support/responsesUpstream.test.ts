import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { at, isRecord, type JsonRecord, listOf } from './json.ts';
import { responsesWire } from './responsesUpstream.ts';
import { testScope } from './scope.ts';
import { call, cut, failure, finish, reasoning, stopShort, text, usage } from './script.ts';
import type { FakeProvider } from './wire.ts';

const user = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello' }] };
const good = { model: 'sim-1', input: [user] };
const shell = {
  type: 'function',
  name: 'shell',
  description: 'Runs a command',
  parameters: { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] },
  strict: false,
};
const asked = (id: string, change: object = {}) => ({
  type: 'function_call',
  call_id: id,
  name: 'shell',
  arguments: '{"cmd":"ls"}',
  ...change,
});
const answered = (id: string, output: unknown = 'a.txt') => ({
  type: 'function_call_output',
  call_id: id,
  output,
});
const spoken = { role: 'assistant', content: [{ type: 'output_text', text: 'Well.' }] };
const withItems = (...items: readonly object[]) => ({ ...good, input: items });
const withTool = (change: object, more: object = {}) => ({
  ...good,
  tools: [{ ...shell, ...change }],
  ...more,
});
const image = (change: object) =>
  withItems({
    role: 'user',
    content: [{ type: 'input_image', image_url: 'https://a.example/b.png', ...change }],
  });

/** What it must refuse, by the words of its answer. */
const withSearch = (more: object) => ({ ...good, tools: [{ type: 'web_search', ...more }] });

const refused: Readonly<Record<string, readonly [body: unknown, words: RegExp]>> = {
  'an unknown field': [{ ...good, messages: [] }, /Unknown parameter: 'messages'/],
  'Codex’s own field': [{ ...good, client_metadata: {} }, /Unknown parameter: 'client_metadata'/],
  'an earlier response': [{ ...good, previous_response_id: 'resp_1' }, /not stored/],
  'a stored conversation': [{ ...good, conversation: 'conv_1' }, /not stored/],
  'work in the background': [{ ...good, background: true }, /not stored/],
  'a wish to store': [{ ...good, store: true }, /'store' must be false/],
  'no model': [{ input: [user] }, /'model'/],
  'an unknown model': [{ ...good, model: 'other' }, /does not exist/],
  'no input': [{ model: 'sim-1' }, /Missing required parameter: 'input'/],
  'empty input': [withItems(), /empty array/],
  'empty text as input': [{ ...good, input: '' }, /must not be empty/],
  'empty instructions': [{ ...good, instructions: '' }, /must not be empty/],

  'an unknown role': [withItems({ role: 'tool', content: 'x' }), /Invalid value: 'tool'/],
  'an unknown field of a message': [
    withItems({ ...user, phase: 'commentary' }),
    /Unknown parameter.*phase/,
  ],
  'a message without content': [withItems({ role: 'user' }), /Invalid type.*content/],
  'an empty message': [withItems({ role: 'user', content: ' ' }), /must not be empty/],
  'a message without parts': [withItems({ role: 'user', content: [] }), /empty array/],
  'a part of the other side': [
    withItems({ role: 'user', content: [{ type: 'output_text', text: 'x' }] }),
    /Invalid value: 'output_text'/,
  ],
  'what the assistant was told': [
    withItems({ role: 'assistant', content: [{ type: 'input_text', text: 'x' }] }, user),
    /Invalid value: 'input_text'/,
  ],
  'a Chat Completions part': [
    withItems({ role: 'user', content: [{ type: 'text', text: 'x' }] }),
    /Invalid value: 'text'/,
  ],
  'an image in an instruction': [
    withItems(
      { role: 'system', content: [{ type: 'input_image', image_url: 'https://a.example/b.png' }] },
      user,
    ),
    /Invalid value: 'input_image'/,
  ],
  'an image that is no image': [
    image({ image_url: 'data:text/plain;base64,QQ==' }),
    /unsupported image/,
  ],
  'an image detail that only OpenAI has': [image({ detail: 'original' }), /'original'/],
  'the assistant in the last place': [withItems(user, spoken), /last message/],

  'a custom call': [
    withItems({ type: 'custom_tool_call', call_id: 'c', name: 'apply_patch', input: 'x' }),
    /Item type 'custom_tool_call' is not supported/,
  ],
  'the result of a custom call': [
    withItems({ type: 'custom_tool_call_output', call_id: 'c', output: 'x' }),
    /'custom_tool_call_output' is not supported/,
  ],
  'tools in the input': [
    withItems({ type: 'additional_tools', tools: [] }, user),
    /'additional_tools' is not supported/,
  ],
  'a compaction': [
    withItems(user, { type: 'compaction_trigger' }),
    /'compaction_trigger' is not supported/,
  ],
  'a call with a namespace': [
    withItems(user, asked('c', { namespace: 'mcp' }), answered('c')),
    /Unknown parameter.*namespace/,
  ],
  'a call with a bad name': [
    withItems(user, asked('c', { name: 'mcp.echo' }), answered('c')),
    /does not match pattern/,
  ],
  'arguments that are no JSON': [
    withItems(user, asked('c', { arguments: '{"cmd":' }), answered('c')),
    /not the JSON of an object/,
  ],
  'a call id of 65 characters': [
    withItems(user, asked('c'.repeat(65)), answered('c'.repeat(65))),
    /length of 1 to 64/,
  ],
  'a call without result': [withItems(user, asked('c')), /No tool output found/],
  'a call whose result is missing': [withItems(user, asked('c'), user), /No tool output found/],
  'a result without call': [withItems(user, answered('c')), /No tool call found/],
  'a result twice': [
    withItems(user, asked('c'), answered('c'), answered('c')),
    /No tool call found/,
  ],
  'a message between call and result': [
    withItems(user, asked('c'), spoken, answered('c')),
    /No tool output found right behind function call c/,
  ],
  'a call between another and its result': [
    withItems(user, asked('a'), asked('b'), answered('a'), asked('c'), answered('b')),
    /right behind function call b/,
  ],
  'a call id twice': [
    withItems(user, asked('c'), answered('c'), asked('c'), answered('c')),
    /Duplicate call_id c/,
  ],
  'a result that is an object': [withItems(user, asked('c'), answered('c', {})), /Invalid type/],

  'a blob of another host': [
    withItems(user, { type: 'reasoning', summary: [], encrypted_content: 'gAAAA' }, spoken, user),
    /could not be verified/,
  ],
  'reasoning without a blob': [
    withItems(user, { type: 'reasoning', id: 'rs_1', summary: [] }, spoken, user),
    /could not be verified/,
  ],

  'a custom tool': [
    { ...good, tools: [{ type: 'custom', name: 'apply_patch' }] },
    /Tool type 'custom' is not supported/,
  ],
  'a namespace': [
    { ...good, tools: [{ type: 'namespace', name: 'mcp', tools: [] }] },
    /'namespace' is not supported/,
  ],
  'a tool search': [{ ...good, tools: [{ type: 'tool_search' }] }, /'tool_search' is not/],
  'the web search of Codex': [
    withSearch({ external_web_access: true }),
    /Unknown parameter.*external_web_access/,
  ],
  'a web search with two lists of domains': [
    withSearch({ filters: { allowed_domains: ['a.test'], excluded_domains: ['b.test'] } }),
    /cannot be set together/,
  ],
  'a web search with six domains': [
    withSearch({ filters: { allowed_domains: Array.from('abcdef', (name) => `${name}.test`) } }),
    /at most 5/,
  ],
  'a web search with OpenAI’s list of blocked domains': [
    withSearch({ filters: { blocked_domains: ['a.test'] } }),
    /Unknown parameter.*blocked_domains/,
  ],
  'a Chat Completions tool': [
    { ...good, tools: [{ type: 'function', function: shell }] },
    /Unknown parameter.*function/,
  ],
  'an empty list of tools': [{ ...good, tools: [] }, /Invalid 'tools'/],
  'a tool with a bad name': [withTool({ name: 'a.b' }), /does not match pattern/],
  'two tools of one name': [{ ...good, tools: [shell, shell] }, /Duplicate function name/],
  'parameters of another type': [withTool({ parameters: { type: 'string' } }), /'type: "object"'/],
  'parameters that are no schema': [
    withTool({ parameters: { type: 'object', properties: { a: { type: 'text' } } } }),
    /not a valid JSON Schema/,
  ],
  'a choice of a tool that is not there': [
    withTool({}, { tool_choice: { type: 'function', name: 'other' } }),
    /not found in 'tools'/,
  ],
  'a choice without tools': [{ ...good, tool_choice: 'auto' }, /only allowed when 'tools'/],
  'parallel calls without tools': [{ ...good, parallel_tool_calls: true }, /only allowed when/],

  'an effort that it does not know': [{ ...good, reasoning: { effort: 'xhigh' } }, /'xhigh'/],
  'an unknown field of reasoning': [{ ...good, reasoning: { context: 'auto' } }, /context/],
  'something else to include': [{ ...good, include: ['file_search_call.results'] }, /include|file/],
  verbosity: [{ ...good, text: { verbosity: 'low' } }, /Unknown parameter.*verbosity/],
  'a format without a name': [
    { ...good, text: { format: { type: 'json_schema', schema: {} } } },
    /text\.format\.name/,
  ],
  'a format as Chat Completions nests it': [
    { ...good, text: { format: { type: 'json_schema', json_schema: {} } } },
    /Unknown parameter.*json_schema/,
  ],
  'json_object without the word': [
    { ...good, text: { format: { type: 'json_object' } } },
    /must contain the word 'json'/,
  ],
  'a temperature out of range': [{ ...good, temperature: 3 }, /temperature/],
};

const taken: Readonly<Record<string, object>> = {
  'a plain text': { ...good, input: 'Hello' },
  'a web search with filters': withSearch({ filters: { excluded_domains: ['b.test'] } }),
  'all that it documents': {
    ...withTool({}, { tool_choice: { type: 'function', name: 'shell' } }),
    instructions: 'Be brief.',
    stream: false,
    store: false,
    parallel_tool_calls: true,
    reasoning: { effort: 'high', summary: 'auto' },
    include: ['reasoning.encrypted_content'],
    text: { format: { type: 'json_schema', name: 'x', schema: {}, strict: true } },
    max_output_tokens: 100,
    temperature: 0.5,
    top_p: 0.5,
    prompt_cache_key: 'k',
  },
  'a history of calls': withItems(
    user,
    spoken,
    asked('a'),
    asked('b'),
    answered('a'),
    answered('b', [
      { type: 'input_text', text: 'A dot' },
      { type: 'input_image', image_url: 'data:image/png;base64,QQ==', detail: 'auto' },
    ]),
    asked('c'),
    answered('c'),
    { role: 'developer', content: 'Be brief.' },
    user,
  ),
};

async function post(fake: FakeProvider, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${String(fake.entry['baseUrl'])}/responses`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${fake.apiKey}`,
      'content-type': 'application/json',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

function eventsOf(stream: string): JsonRecord[] {
  return stream
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const data: unknown = JSON.parse(frame.replace(/^event: .*\ndata: /, ''));
      assert.ok(isRecord(data));
      return data;
    });
}

describe('the Responses provider of the tests', () => {
  for (const [what, [body, words]] of Object.entries(refused)) {
    test(`refuses ${what}`, async (t) => {
      const fake = await responsesWire.start(testScope(t));
      const { status, text: answer } = await post(fake, body);
      assert.match(String(at(JSON.parse(answer), 'error', 'message')), words);
      assert.equal(status, /does not exist/.test(answer) ? 404 : 400);
      assert.equal(fake.requests.length, 0);
      assert.equal(fake.refusals.length, 1);
    });
  }

  test('refuses a wrong key, another content type and a broken body', async (t) => {
    const fake = await responsesWire.start(testScope(t));
    assert.equal((await post(fake, good, { authorization: 'Bearer wrong' })).status, 401);
    assert.equal((await post(fake, good, { 'content-type': 'text/plain' })).status, 400);
    assert.equal((await post(fake, '{"model":')).status, 400);
    assert.equal(fake.posts, 3);
    assert.equal(fake.refusals.length, 3);
  });

  for (const [what, body] of Object.entries(taken)) {
    test(`takes ${what}`, async (t) => {
      const fake = await responsesWire.start(testScope(t));
      fake.play([text('Yes.')]);
      const { status, text: answer } = await post(fake, body);
      assert.deepEqual(fake.refusals, []);
      assert.equal(status, 200);
      assert.equal(at(JSON.parse(answer), 'output', 0, 'content', 0, 'text'), 'Yes.');
    });
  }

  test('takes its own reasoning back, unchanged, of the same model, before what it led to', async (t) => {
    const fake = await responsesWire.start(testScope(t), { models: ['sim-1', 'sim-2'] });
    fake.play([reasoning('Hm.'), text('Yes.')], [text('Still.')]);
    const first = await post(fake, { ...good, include: ['reasoning.encrypted_content'] });
    const item = at(JSON.parse(first.text), 'output', 0);
    assert.ok(isRecord(item));
    assert.equal((await post(fake, withItems(user, item, spoken, user))).status, 200);
    assert.equal(fake.requests[1]?.messages[1]?.reasoning, 'Hm.');
    const changed = { ...item, summary: [] };
    assert.equal((await post(fake, withItems(user, changed, spoken, user))).status, 400);
    assert.equal((await post(fake, withItems(user, item, user))).status, 400);
    const other = { ...withItems(user, item, spoken, user), model: 'sim-2' };
    assert.equal((await post(fake, other)).status, 400);
    assert.equal(fake.refusals.length, 3);
  });

  test('plays text, reasoning, calls and usage as a stream', async (t) => {
    const fake = await responsesWire.start(testScope(t), { sliceBytes: 5 });
    fake.play([
      reasoning('Let me see …'),
      text('Schön, ein Umlaut.'),
      call('shell', { cmd: 'ls' }),
      call('shell', '{"cmd":'),
      usage({ input: 10, cached: 4, output: 6, reasoning: 2 }),
    ]);
    const events = eventsOf((await post(fake, withTool({}, { stream: true }))).text);
    const joined = (type: string, index: number) =>
      events
        .filter((event) => event['type'] === type && event['output_index'] === index)
        .map((event) => event['delta'])
        .join('');
    assert.equal(joined('response.reasoning_summary_text.delta', 0), 'Let me see …');
    assert.equal(joined('response.output_text.delta', 1), 'Schön, ein Umlaut.');
    assert.equal(joined('response.function_call_arguments.delta', 2), '{"cmd":"ls"}');
    assert.equal(joined('response.function_call_arguments.delta', 3), '{"cmd":');
    const last = events.at(-1);
    assert.equal(last?.['type'], 'response.completed');
    assert.equal(listOf(at(last, 'response', 'output')).length, 4);
    assert.equal(at(last, 'response', 'usage', 'input_tokens_details', 'cached_tokens'), 4);
    assert.deepEqual(
      events.map((event) => event['sequence_number']),
      events.map((_, index) => index),
    );
  });

  test('fails, breaks off and runs out where the script says so', async (t) => {
    const fake = await responsesWire.start(testScope(t));
    const streamed = { ...good, stream: true };
    fake.play([text('Half'), cut], [text('Half'), stopShort], [failure('It died.')]);
    await assert.rejects(post(fake, streamed));
    const short = eventsOf((await post(fake, streamed)).text);
    assert.equal(short.at(-1)?.['type'], 'response.output_item.done');
    const failed = eventsOf((await post(fake, streamed)).text).at(-1);
    assert.equal(at(failed, 'response', 'error', 'message'), 'It died.');

    fake.play([call('shell', '{"cmd":'), finish('length')]);
    const ended = eventsOf((await post(fake, streamed)).text).at(-1);
    assert.equal(ended?.['type'], 'response.incomplete');
    assert.equal(at(ended, 'response', 'incomplete_details', 'reason'), 'max_output_tokens');
    assert.equal(at(ended, 'response', 'output', 0, 'status'), 'incomplete');
  });
});
