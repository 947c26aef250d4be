import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anthropicWire, startAnthropic } from './anthropicUpstream.ts';
import { at, isRecord, listOf } from './json.ts';
import { testScope } from './scope.ts';
import { cut, finish, reasoning, type Step, stopShort, text, usage } from './script.ts';
import type { FakeProvider } from './wire.ts';

const user = { role: 'user', content: [{ type: 'text', text: 'Hello' }] };
const good = {
  model: 'acme-1',
  max_tokens: 1000,
  system: [{ type: 'text', text: 'Be brief.' }],
  messages: [user],
};
const shell = {
  name: 'shell',
  description: 'Runs a command',
  input_schema: { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] },
};

const withModel = (model: string, more: object = {}): object => ({ ...good, model, ...more });
const withMessages = (...messages: readonly object[]): object => ({
  ...good,
  tools: [shell],
  messages,
});
const withTools = (tool: object, more: object = {}): object => ({
  ...good,
  tools: [tool],
  ...more,
});
const withSchema = (schema: unknown): object => withTools({ name: 'f', input_schema: schema });
const withFormat = (schema: object): object =>
  withModel('claude-opus-5', { output_config: { format: { type: 'json_schema', schema } } });
const saying = (...content: readonly object[]): object => withMessages({ role: 'user', content });
const use = (id: string, name = 'shell'): object => ({
  type: 'tool_use',
  id,
  name,
  input: { cmd: 'ls' },
});
const result = (id: string, content: unknown = 'ok'): object => ({
  type: 'tool_result',
  tool_use_id: id,
  content,
});
const asked = (...blocks: readonly object[]): object => ({ role: 'assistant', content: blocks });
const answered = (...blocks: readonly object[]): object => ({ role: 'user', content: blocks });
const words = (more: object = {}): object => ({ type: 'text', text: 'Go on.', ...more });
const marked = { cache_control: { type: 'ephemeral' } };
const system = { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] };

const webSearch = { type: 'web_search_20250305', name: 'web_search' };
const searched = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} };
const page = {
  type: 'web_search_result',
  url: 'https://a.test',
  title: 'A',
  encrypted_content: 'YQ==',
  page_age: null,
};
const foundPages = (content: unknown, id = 'srvtoolu_1'): object => ({
  type: 'web_search_tool_result',
  tool_use_id: id,
  content,
});
const withSearch = (more: object): object => withTools({ ...webSearch, ...more });
const replaying = (...blocks: readonly object[]): object => ({
  ...good,
  tools: [webSearch],
  messages: [user, asked(...blocks, words()), user],
});

const refused: Readonly<Record<string, readonly [body: object, message: RegExp]>> = {
  'a web search under another name': [
    withSearch({ name: 'search' }),
    /Input should be 'web_search'/,
  ],
  'a web search with an unknown field': [withSearch({ count: 3 }), /Extra inputs/],
  'a web search of an unknown version': [
    withSearch({ type: 'web_search_20240101' }),
    /input_schema: Field required|Extra inputs/,
  ],
  'a web search with two lists of domains': [
    withSearch({ allowed_domains: ['a.test'], blocked_domains: ['b.test'] }),
    /Only one of/,
  ],
  'a domain with a scheme': [withSearch({ allowed_domains: ['https://a.test'] }), /Invalid domain/],
  'a domain with a wildcard': [withSearch({ blocked_domains: ['*.a.test'] }), /Invalid domain/],
  'an empty list of domains': [withSearch({ allowed_domains: [] }), /at least 1 item/],
  'no searches at all': [withSearch({ max_uses: 0 }), /greater than or equal to 1/],
  'an exact location': [withSearch({ user_location: { type: 'exact' } }), /'approximate'/],
  'a web search beside a function of its name': [
    withTools(
      { ...shell, name: 'web_search' },
      { tools: [webSearch, { ...shell, name: 'web_search' }] },
    ),
    /Tool names must be unique/,
  ],
  'a search without its result': [replaying(searched), /without a corresponding/],
  'a result without its search': [replaying(foundPages([page])), /unexpected `tool_use_id`/],
  'a result without what only the server can read': [
    replaying(searched, foundPages([{ ...page, encrypted_content: undefined }])),
    /encrypted_content: /,
  ],
  'a result in words of the client': [
    replaying(searched, foundPages([{ type: 'text', text: 'x' }])),
    /Extra inputs/,
  ],
  'a search of the user': [saying(searched), /Input should be/],
  'a search whose id is a call’s': [
    replaying({ ...searched, id: 'toolu_1' }, foundPages([page], 'toolu_1')),
    /srvtoolu_/,
  ],
  'no max_tokens': [{ ...good, max_tokens: undefined }, /max_tokens: Field required/],
  'max_tokens of nought': [{ ...good, max_tokens: 0 }, /greater than or equal to 1/],
  'max_tokens above what the model can': [
    withModel('claude-haiku-4-5', { max_tokens: 64_001 }),
    /64001 > 64000, which is the maximum/,
  ],
  'an unknown model': [{ ...good, model: 'claude-9' }, /model: claude-9/],
  'an unknown field': [{ ...good, prompt_cache_key: 'x' }, /prompt_cache_key: Extra inputs/],
  'a stream that is no boolean': [{ ...good, stream: 'yes' }, /stream: .*boolean/],
  'no messages': [{ ...good, messages: [] }, /at least one message/],
  'messages that are no list': [{ ...good, messages: {} }, /messages: .*list/],
  'an unknown role': [withMessages({ role: 'developer', content: 'Hi' }), /messages.0.role/],
  'a system message where the model takes none': [withMessages(user, system), /messages.1.role/],
  'a system message in front': [
    withModel('claude-opus-5', { messages: [system, user] }),
    /first message must use the "user" role/,
  ],
  'a system message behind the assistant': [
    withModel('claude-opus-5', { messages: [user, asked(words()), system] }),
    /must follow a 'user' message/,
  ],
  'a system message before the user': [
    withModel('claude-opus-5', { messages: [user, system, user] }),
    /must precede an 'assistant' message/,
  ],
  'an assistant in front': [withMessages(asked(words()), user), /must use the "user" role/],
  'a prefill on a new model': [
    withModel('claude-opus-4-8', { messages: [user, asked(words())] }),
    /does not support assistant message prefill/,
  ],
  'an unknown field of a message': [withMessages({ ...user, name: 'me' }), /name: Extra inputs/],
  'empty content': [withMessages({ role: 'user', content: [] }), /non-empty content/],
  'an empty text': [saying({ type: 'text', text: '' }), /must be non-empty/],
  'a text of white space': [saying({ type: 'text', text: ' \n' }), /non-whitespace text/],
  'an empty system text': [{ ...good, system: [{ type: 'text', text: '' }] }, /must be non-empty/],
  'an unknown block': [saying({ type: 'input_text', text: 'Hi' }), /content.0.type/],
  'an unknown field of a block': [saying(words({ id: 'x' })), /content.0.id: Extra inputs/],
  'a tool_use of the user': [saying(use('toolu_1')), /content.0.type/],

  'an image of an unknown type': [
    saying({ type: 'image', source: { type: 'base64', media_type: 'image/bmp', data: 'AAAA' } }),
    /media_type/,
  ],
  'an image that is no base64': [
    saying({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'data:x' } }),
    /invalid base64/,
  ],
  'an image by plain http': [
    saying({ type: 'image', source: { type: 'url', url: 'http://example.com/a.png' } }),
    /HTTPS/,
  ],

  'a call without its result': [
    withMessages(user, asked(use('toolu_1')), user),
    /without `tool_result` blocks/,
  ],
  'a call at the end': [withMessages(user, asked(use('toolu_1'))), /prefill|without `tool_result`/],
  'a result without its call': [
    withMessages(answered(result('toolu_1'))),
    /unexpected `tool_use_id`/,
  ],
  'a result one message late': [
    withMessages(user, asked(use('toolu_1')), asked(words()), answered(result('toolu_1'))),
    /without `tool_result` blocks/,
  ],
  'half of the results': [
    withMessages(user, asked(use('toolu_1'), use('toolu_2')), answered(result('toolu_1'))),
    /toolu_2/,
  ],
  'a result behind words': [
    withMessages(user, asked(use('toolu_1')), answered(words(), result('toolu_1'))),
    /without `tool_result` blocks immediately after: toolu_1/,
  ],
  'two results of one call': [
    withMessages(user, asked(use('toolu_1')), answered(result('toolu_1'), result('toolu_1'))),
    /single result/,
  ],
  'two calls of one id': [
    withMessages(
      user,
      asked(use('toolu_1')),
      answered(result('toolu_1')),
      asked(use('toolu_1')),
      answered(result('toolu_1')),
    ),
    /must be unique/,
  ],
  'words behind a call': [
    withMessages(user, asked(use('toolu_1'), words()), answered(result('toolu_1'))),
    /text must not stand behind/,
  ],
  'a call id with other characters': [
    withMessages(user, asked(use('call|1')), answered(result('call|1'))),
    /String should match pattern/,
  ],
  'a call id of 65 characters': [
    withMessages(user, asked(use('a'.repeat(65))), answered(result('a'.repeat(65)))),
    /String should match pattern/,
  ],
  'a call whose name is too long': [
    withMessages(user, asked(use('toolu_1', 'a'.repeat(65))), answered(result('toolu_1'))),
    /tool_use.name/,
  ],
  'a call whose input is a string': [
    withMessages(
      user,
      asked({ type: 'tool_use', id: 'toolu_1', name: 'shell', input: '{}' }),
      answered(result('toolu_1')),
    ),
    /input: .*dictionary/,
  ],
  'an empty text in a result': [
    withMessages(
      user,
      asked(use('toolu_1')),
      answered(result('toolu_1', [{ type: 'text', text: '' }])),
    ),
    /must be non-empty/,
  ],
  'a thinking block in a result': [
    withMessages(user, asked(use('toolu_1')), answered(result('toolu_1', [{ type: 'thinking' }]))),
    /content.0.content.0.type|tool_result.content.0/,
  ],
  'an image in a failed result': [
    withMessages(
      user,
      asked(use('toolu_1')),
      answered({
        ...result('toolu_1', [
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
        ]),
        is_error: true,
      }),
    ),
    /tool_result.content.0/,
  ],
  'calls without tool definitions': [
    { ...good, messages: [user, asked(use('toolu_1')), answered(result('toolu_1'))] },
    /must define tools/,
  ],

  'a tool without a schema': [withTools({ name: 'f' }), /input_schema: Field required/],
  'a tool name that is too long': [
    withTools({ ...shell, name: 'a'.repeat(65) }),
    /name: String should match pattern/,
  ],
  'a tool name with a dot': [withTools({ ...shell, name: 'a.b' }), /name: String should match/],
  'a tool name twice': [{ ...good, tools: [shell, shell] }, /must be unique/],
  'an unknown field of a tool': [
    withTools({ ...shell, parameters: {} }),
    /parameters: Extra inputs/,
  ],
  'a tool in the form of Chat Completions': [
    withTools({ type: 'function', function: shell }),
    /function: Extra inputs/,
  ],
  'a schema without a type': [withSchema({ properties: {} }), /input_schema.type/],
  'a schema whose root is a string': [withSchema({ type: 'string' }), /Input should be 'object'/],
  'a schema with oneOf at the root': [
    withSchema({ type: 'object', oneOf: [{ required: ['a'] }] }),
    /does not support oneOf, allOf, or anyOf/,
  ],
  'a schema with anyOf at the root': [
    withSchema({ type: 'object', anyOf: [{}] }),
    /at the top level/,
  ],
  'a schema with allOf at the root': [
    withSchema({ type: 'object', allOf: [{}] }),
    /at the top level/,
  ],
  'a property name with brackets': [
    withSchema({ type: 'object', properties: { 'filter[id]': {} } }),
    /Property keys should match/,
  ],
  'a property name of 65 characters': [
    withSchema({ type: 'object', properties: { ['a'.repeat(65)]: {} } }),
    /Property keys should match/,
  ],
  'an unknown type in a schema': [
    withSchema({ type: 'object', properties: { a: { type: 'any' } } }),
    /must match JSON Schema draft 2020-12/,
  ],
  'a tuple of an older draft': [
    withSchema({ type: 'object', properties: { a: { type: 'array', items: [{}] } } }),
    /must match JSON Schema draft 2020-12/,
  ],
  'a limit of an older draft': [
    withSchema({ type: 'object', properties: { a: { minimum: 1, exclusiveMinimum: true } } }),
    /must match JSON Schema draft 2020-12/,
  ],
  'the name of an older draft': [
    withSchema({ $schema: 'http://json-schema.org/draft-04/schema#', type: 'object' }),
    /must match JSON Schema draft 2020-12/,
  ],
  'a reference that leads nowhere': [
    withSchema({ type: 'object', properties: { a: { $ref: '#/$defs/A' } } }),
    /must match JSON Schema draft 2020-12/,
  ],

  'tool_choice without tools': [
    { ...good, tool_choice: { type: 'auto' } },
    /while providing `tools`/,
  ],
  'tool_choice as a word': [withTools(shell, { tool_choice: 'auto' }), /tool_choice.type/],
  'a choice of an unknown tool': [
    withTools(shell, { tool_choice: { type: 'tool', name: 'f' } }),
    /Tool 'f' not found/,
  ],
  'parallel calls switched off without a choice': [
    withTools(shell, { tool_choice: { type: 'none', disable_parallel_tool_use: true } }),
    /disable_parallel_tool_use: Extra inputs/,
  ],
  'a forced call while it thinks with a budget': [
    withTools(shell, {
      tool_choice: { type: 'any' },
      max_tokens: 5000,
      thinking: { type: 'enabled', budget_tokens: 2000 },
    }),
    /Thinking may not be enabled/,
  ],
  'a forced call of a model that takes none': [
    withTools(shell, { model: 'claude-opus-5-5', tool_choice: { type: 'any' } }),
    /Forced tool use is not supported/,
  ],

  'a budget that is not below max_tokens': [
    { ...good, max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 2000 } },
    /must be greater than `thinking.budget_tokens`/,
  ],
  'a budget below 1024': [
    { ...good, thinking: { type: 'enabled', budget_tokens: 500 } },
    /greater than or equal to 1024/,
  ],
  'no budget': [{ ...good, thinking: { type: 'enabled' } }, /budget_tokens: Field required/],
  'a budget on a new model': [
    withModel('claude-opus-4-8', {
      max_tokens: 5000,
      thinking: { type: 'enabled', budget_tokens: 2000 },
    }),
    /"thinking.type.enabled" is not supported/,
  ],
  'adaptive thinking on an old model': [
    withModel('claude-haiku-4-5', { thinking: { type: 'adaptive' } }),
    /adaptive thinking is not supported/,
  ],
  'thinking switched off where it cannot be': [
    withModel('claude-fable-5', { thinking: { type: 'disabled' } }),
    /"thinking.type.disabled" is not supported/,
  ],
  'thinking switched off with effort max': [
    withModel('claude-opus-5', {
      thinking: { type: 'disabled' },
      output_config: { effort: 'max' },
    }),
    /not supported with effort/,
  ],
  'a display that does not exist': [
    withModel('claude-opus-5', { thinking: { type: 'adaptive', display: 'full' } }),
    /thinking.display/,
  ],
  'a display of thinking between tools': [
    withModel('claude-sonnet-5-5', { thinking: { type: 'between_tools', display: 'summarized' } }),
    /display: Extra inputs/,
  ],
  'block_binding without its beta': [
    withModel('claude-opus-5-5', {
      thinking: { type: 'adaptive', block_binding: { prefix_mismatch_behavior: 'drop_block' } },
    }),
    /block_binding: Extra inputs/,
  ],
  'an unknown effort': [
    withModel('claude-opus-5', { output_config: { effort: 'minimal' } }),
    /output_config.effort/,
  ],
  'effort xhigh where it does not exist': [
    withModel('claude-opus-4-6', { output_config: { effort: 'xhigh' } }),
    /output_config.effort/,
  ],
  'effort on a model without it': [
    withModel('claude-haiku-4-5', { output_config: { effort: 'low' } }),
    /does not support the effort parameter/,
  ],

  'a temperature while it thinks': [
    {
      ...good,
      max_tokens: 5000,
      thinking: { type: 'enabled', budget_tokens: 2000 },
      temperature: 0.5,
    },
    /may only be set to 1 when thinking/,
  ],
  'a temperature on a new model': [
    withModel('claude-opus-4-8', { temperature: 1 }),
    /not supported for this model/,
  ],
  'a temperature of 2': [{ ...good, temperature: 2 }, /less than or equal to 1/],
  'temperature and top_p': [{ ...good, temperature: 1, top_p: 1 }, /cannot both be specified/],

  'five marks of the cache': [
    {
      ...good,
      system: [{ type: 'text', text: 'Be brief.', ...marked }],
      messages: [
        { role: 'user', content: [words(marked), words(marked), words(marked), words(marked)] },
      ],
    },
    /maximum of 4 blocks with cache_control may be provided. Found 5/,
  ],
  'a mark of another kind': [
    saying(words({ cache_control: { type: 'persistent' } })),
    /cache_control.type/,
  ],
  'a mark with another life': [
    saying(words({ cache_control: { type: 'ephemeral', ttl: '2h' } })),
    /cache_control.ttl/,
  ],

  'an open output schema': [
    withFormat({ type: 'object', properties: {} }),
    /must be explicitly set to false/,
  ],
  'a limit in an output schema': [
    withFormat({ type: 'string', minLength: 1 }),
    /'minLength' is not supported/,
  ],
  'too many optional properties in an output schema': [
    withFormat({
      type: 'object',
      properties: Object.fromEntries(
        Array.from({ length: 25 }, (_, n) => [`p${n}`, { type: 'string' }]),
      ),
      additionalProperties: false,
    }),
    /too many optional parameters/,
  ],
  'an output schema on a host that takes none': [
    { ...good, output_config: { format: { type: 'json_schema', schema: { type: 'string' } } } },
    /does not support output format/,
  ],
  'thinking that it never gave out': [
    withMessages(
      user,
      asked({ type: 'thinking', thinking: 'Hm.', signature: 'made up' }, words()),
      user,
    ),
    /Invalid `signature`/,
  ],
  'redacted thinking that it never gave out': [
    withMessages(user, asked({ type: 'redacted_thinking', data: 'made up' }, words()), user),
    /Invalid `signature`/,
  ],
  'a message that ends with thinking': [
    withMessages(user, asked({ type: 'thinking', thinking: 'Hm.', signature: 'x' }), user),
    /final block in an assistant message cannot be `thinking`/,
  ],
};

const taken: Readonly<Record<string, object>> = {
  'a plain request': good,
  'a web search with all it documents': withSearch({
    max_uses: 3,
    allowed_domains: ['a.test', 'b.test/docs'],
    user_location: { type: 'approximate', city: 'Bonn', country: 'DE', timezone: 'Europe/Berlin' },
  }),
  'a web search of the past, whole': replaying(searched, foundPages([page])),
  'a web search of the past that failed': replaying(
    searched,
    foundPages({ type: 'web_search_tool_result_error', error_code: 'unavailable' }),
  ),
  'an answer that was paused in its searches': {
    ...good,
    tools: [webSearch],
    messages: [user, asked(searched, foundPages([page]))],
  },
  'content as a string': withMessages({ role: 'user', content: 'Hello' }),
  'a round of parallel calls': withMessages(
    user,
    asked(words(), use('toolu_1'), use('toolu_2')),
    answered(result('toolu_1'), result('toolu_2', [words()]), words()),
    asked(words()),
    user,
  ),
  'all four marks': {
    ...withMessages({ role: 'user', content: [words(marked)] }, asked(words()), {
      role: 'user',
      content: [words(marked)],
    }),
    tools: [{ ...shell, ...marked }],
    system: [{ type: 'text', text: 'Be brief.', ...marked }],
  },
  'an image in a result': withMessages(
    user,
    asked(use('toolu_1')),
    answered(
      result('toolu_1', [
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
      ]),
    ),
  ),
  'instructions in the middle': withModel('claude-opus-5', {
    messages: [user, system, asked(words()), user, system],
  }),
  'a nested union and a reference': withSchema({
    type: 'object',
    properties: { a: { anyOf: [{ type: 'string' }, { $ref: '#/$defs/A' }] } },
    $defs: { A: { type: 'array', prefixItems: [{ type: 'integer' }] } },
  }),
  'an output schema': withFormat({
    type: 'object',
    properties: { a: { type: ['string', 'null'] } },
    required: ['a'],
    additionalProperties: false,
  }),
};

const listing: Step = { step: 'call', id: 'toolu_a', name: 'shell', arguments: '{"cmd":"ls"}' };

const models = ['acme-1', 'claude-haiku-4-5', 'claude-opus-4-6', 'claude-opus-4-8'].concat([
  'claude-opus-5',
  'claude-fable-5',
  'claude-opus-5-5',
  'claude-sonnet-5-5',
]);

async function post(fake: FakeProvider, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${fake.entry['baseUrl']}/v1/messages`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      'x-api-key': fake.apiKey,
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

function payloads(stream: string): readonly unknown[] {
  return stream
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line): unknown => JSON.parse(line.slice('data: '.length)));
}

describe('the Messages provider of the tests', () => {
  for (const [what, [body, message]] of Object.entries(refused)) {
    test(`refuses ${what}`, async (t) => {
      const fake = await anthropicWire.start(testScope(t), { models });
      const { status, text: answer } = await post(fake, body);
      assert.match(String(at(JSON.parse(answer), 'error', 'message')), message);
      assert.equal(
        status,
        at(JSON.parse(answer), 'error', 'type') === 'not_found_error' ? 404 : 400,
      );
      assert.equal(fake.requests.length, 0);
      assert.equal(fake.refusals.length, 1);
    });
  }

  test('refuses wrong keys, versions, betas, content types and broken bodies', async (t) => {
    const fake = await anthropicWire.start(testScope(t), { models });
    assert.equal((await post(fake, good, { 'x-api-key': 'wrong' })).status, 401);
    assert.equal((await post(fake, good, { 'anthropic-version': '' })).status, 400);
    assert.match((await post(fake, good, { 'anthropic-beta': 'x' })).text, /Unexpected value/);
    assert.equal((await post(fake, good, { 'content-type': 'text/plain' })).status, 400);
    assert.equal((await post(fake, '{"model":')).status, 400);
    assert.equal(fake.posts, 5);
    assert.equal(fake.refusals.length, 5);
  });

  for (const [what, body] of Object.entries(taken)) {
    test(`takes ${what}`, async (t) => {
      const fake = await anthropicWire.start(testScope(t), { models });
      fake.play([text('Yes.')]);
      const { status, text: answer } = await post(fake, body);
      assert.deepEqual(fake.refusals, []);
      assert.equal(status, 200);
      assert.equal(at(JSON.parse(answer), 'content', 0, 'text'), 'Yes.');
    });
  }

  test('plays text, thinking, calls and usage as a stream', async (t) => {
    const fake = await anthropicWire.start(testScope(t), { models, sliceBytes: 5 });
    fake.play([
      reasoning('Let me see …'),
      text('Schön, ein Umlaut.'),
      listing,
      usage({ input: 10, cached: 4, output: 6, reasoning: 2 }),
    ]);
    const { text: stream } = await post(fake, withTools(shell, { stream: true }));
    const events = payloads(stream);
    const deltas = events.map((event) => at(event, 'delta'));
    const joined = (field: string) => deltas.map((delta) => at(delta, field) ?? '').join('');
    assert.equal(joined('text'), 'Schön, ein Umlaut.');
    assert.equal(joined('thinking'), 'Let me see …');
    assert.equal(joined('partial_json'), '{"cmd":"ls"}');
    assert.equal(joined('stop_reason'), 'tool_use');
    assert.equal(at(events.at(-2), 'usage', 'cache_read_input_tokens'), 4);
    assert.equal(await fake.requests[0]?.outcome, 'answered');
  });

  test('plays refusals and limits', async (t) => {
    const fake = await anthropicWire.start(testScope(t), { models });
    fake.play([text('Half'), finish('length')], [finish('content_filter')]);
    assert.equal(at(JSON.parse((await post(fake, good)).text), 'stop_reason'), 'max_tokens');
    const refusal: unknown = JSON.parse((await post(fake, good)).text);
    assert.equal(at(refusal, 'stop_reason'), 'refusal');
    assert.equal(at(refusal, 'stop_details', 'type'), 'refusal');
  });

  test('cuts and stops short where the script says so', async (t) => {
    const fake = await anthropicWire.start(testScope(t), { models });
    fake.play([text('Half'), cut], [text('Half'), stopShort]);
    await assert.rejects(post(fake, { ...good, stream: true }));
    const { text: stream } = await post(fake, { ...good, stream: true });
    assert.match(stream, /Half/);
    assert.doesNotMatch(stream, /message_stop/);
  });
});

describe('thinking of the Messages provider', () => {
  const budget = { max_tokens: 5000, thinking: { type: 'enabled', budget_tokens: 2000 } };

  /** One answer that thinks, redacts and calls, and its content. */
  async function thought(fake: FakeProvider, body: object): Promise<readonly object[]> {
    fake.play([reasoning('Hm.'), reasoning(''), listing], [text('Done.')]);
    const content = listOf(at(JSON.parse((await post(fake, body)).text), 'content'));
    assert.equal(content.length, 3);
    return content.filter((block) => isRecord(block));
  }

  const next = (content: readonly object[], more: object): object => ({
    ...withMessages(user, asked(...content), answered(result('toolu_a'))),
    ...more,
  });

  test('comes back verbatim', async (t) => {
    const fake = await startAnthropic(testScope(t), { models });
    const content = await thought(fake, { ...withMessages(user), ...budget });
    assert.equal((await post(fake, next(content, budget))).status, 200);
    assert.deepEqual(fake.refusals, []);
  });

  const changes: Readonly<Record<string, (content: readonly object[]) => readonly object[]>> = {
    'with another text': ([first, ...others]) => [{ ...first, thinking: 'Hm!' }, ...others],
    'with another signature': ([first, ...others]) => [{ ...first, signature: 'AAAA' }, ...others],
    'without the redacted block': ([first, , last]) =>
      [first, last].filter((block) => block !== undefined),
    'in another order': ([first, second, last]) =>
      [second, first, last].filter((block) => block !== undefined),
    'not at all': (content) => content.slice(2),
  };
  for (const [how, change] of Object.entries(changes)) {
    test(`is refused ${how}`, async (t) => {
      const fake = await startAnthropic(testScope(t), { models });
      const content = await thought(fake, { ...withMessages(user), ...budget });
      const { status, text: answer } = await post(fake, next(change(content), budget));
      assert.equal(status, 400);
      assert.match(answer, /Invalid `signature`|cannot be modified|Expected `thinking`/);
    });
  }

  test('of another model is refused', async (t) => {
    const fake = await startAnthropic(testScope(t), { models: ['acme-1', 'acme-2'] });
    const content = await thought(fake, { ...withMessages(user), ...budget });
    const { status } = await post(fake, { ...next(content, budget), model: 'acme-2' });
    assert.equal(status, 400);
  });

  test('is bound to everything before it, unless mismatches may be dropped', async (t) => {
    const fake = await startAnthropic(testScope(t), { models: ['claude-opus-5-5'] });
    const model = { model: 'claude-opus-5-5' };
    const content = await thought(fake, { ...withMessages(user), ...model });
    const changed = { ...model, system: [{ type: 'text', text: 'Be long.' }] };
    assert.match(
      (await post(fake, next(content, changed))).text,
      /bound to a different conversation/,
    );
    const thinking = {
      type: 'adaptive',
      block_binding: { prefix_mismatch_behavior: 'drop_block' },
    };
    const beta = { 'anthropic-beta': 'thinking-binding-controls-2026-08-01' };
    assert.equal((await post(fake, next(content, { ...changed, thinking }), beta)).status, 200);
    assert.deepEqual(fake.dropped, ['messages.1.content.0', 'messages.1.content.1']);
  });
});
