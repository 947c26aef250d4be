import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openaiChat } from '../../../src/adapters/openaiChat/adapter.ts';
import type { ChatQuirks } from '../../../src/adapters/openaiChat/quirks.ts';
import type { ModelTraits } from '../../../src/adapters/target.ts';
import type { JsonObject, Turn } from '../../../src/turn/turn.ts';
import { at, listOf } from '../../support/json.ts';
import { chatTarget } from '../target.ts';
import { bodyOf, conversation, look, shell, turn } from './turns.ts';

/** The given fields of the body; a field that is not there is `undefined`. */
function fields(
  keys: readonly string[],
  part: Partial<Turn>,
  quirks: ChatQuirks = {},
  traits: Partial<ModelTraits> = {},
): Readonly<Record<string, unknown>> {
  const body = bodyOf(turn(part), chatTarget(quirks, traits));
  return Object.fromEntries(keys.flatMap((key) => (key in body ? [[key, body[key]]] : [])));
}

test('a plain turn has nothing that a host might not know', () => {
  const request = openaiChat.encode(turn(), chatTarget());
  assert.equal(request.url, 'https://api.acme.test/v1/chat/completions');
  assert.deepEqual(request.headers, {
    'content-type': 'application/json',
    accept: 'text/event-stream',
  });
  assert.deepEqual(JSON.parse(request.body), {
    model: 'acme-large',
    messages: [{ role: 'user', content: 'Hi' }],
    stream: true,
    stream_options: { include_usage: true },
  });
});

test('a turn without a stream asks for none', () => {
  const request = openaiChat.encode(turn({ stream: false }), chatTarget());
  assert.equal(request.headers['accept'], 'application/json');
  assert.equal(at(JSON.parse(request.body), 'stream'), false);
  assert.equal(at(JSON.parse(request.body), 'stream_options'), undefined);
});

test('streamUsage, path and tokenField are the host’s', () => {
  const target = chatTarget({
    streamUsage: false,
    path: '/v2/chat',
    tokenField: 'max_completion_tokens',
  });
  const request = openaiChat.encode(turn({ maxOutputTokens: 100 }), target);
  assert.equal(request.url, 'https://api.acme.test/v1/v2/chat');
  const body: unknown = JSON.parse(request.body);
  assert.equal(at(body, 'stream_options'), undefined);
  assert.equal(at(body, 'max_completion_tokens'), 100);
  assert.equal(at(body, 'max_tokens'), undefined);
});

test('the output limit is the client’s, else the host’s, never more than the model has', () => {
  const limit = (part: Partial<Turn>, quirks: ChatQuirks, most?: number): unknown =>
    fields(['max_tokens'], part, quirks, { maxOutputTokens: most })['max_tokens'];
  assert.equal(limit({}, {}, 500), undefined);
  assert.equal(limit({ maxOutputTokens: 900 }, {}), 900);
  assert.equal(limit({ maxOutputTokens: 900 }, {}, 500), 500);
  assert.equal(limit({}, { defaultMaxTokens: 400 }, 500), 400);
  assert.equal(limit({ maxOutputTokens: 900 }, { defaultMaxTokens: 400 }), 900);
});

test('sampling is sent unless the host refuses it', () => {
  const part = { temperature: 0.2, topP: 0.9 };
  const keys = ['temperature', 'top_p'];
  assert.deepEqual(fields(keys, part), { temperature: 0.2, top_p: 0.9 });
  assert.deepEqual(fields(keys, part, { sampling: false }), {});
});

test('OpenAI’s own fields go only to hosts that take them', () => {
  const part = { cacheKey: 'session', serviceTier: 'priority', verbosity: 'low' };
  const keys = ['prompt_cache_key', 'service_tier', 'verbosity', 'store'];
  assert.deepEqual(fields(keys, part), {});
  assert.deepEqual(fields(keys, part, { promptCacheKey: true }), { prompt_cache_key: 'session' });
  assert.deepEqual(fields(keys, part, { openaiFields: true }), {
    prompt_cache_key: 'session',
    service_tier: 'priority',
    verbosity: 'low',
    store: false,
  });
});

test('extraBody is merged into the body, and into objects of it, last', () => {
  const target = {
    ...chatTarget({ reasoningRequest: 'thinking' }),
    quirks: {
      chat: { reasoningRequest: 'thinking' as const },
      extraBody: { thinking: { budget: 5 }, stream: false, provider: { order: ['x'] } },
    },
  };
  const body = bodyOf(turn({ reasoning: { effort: 'high', summary: undefined } }), target);
  assert.deepEqual(body['thinking'], { type: 'enabled', budget: 5 });
  assert.deepEqual(body['provider'], { order: ['x'] });
  assert.equal(body['stream'], false);
});

const tools = [shell, look];

test('tools stand in the client’s order, with strict only where the host takes it', () => {
  const declared = fields(['tools'], { tools })['tools'];
  assert.deepEqual(declared, [
    {
      type: 'function',
      function: { name: 'shell', description: 'Runs a command.', parameters: shell.parameters },
    },
    { type: 'function', function: { name: 'look', parameters: look.parameters } },
  ]);
  const strict = fields(['tools'], { tools }, { strictTools: true })['tools'];
  assert.deepEqual(
    listOf(strict).map((tool) => at(tool, 'function', 'strict')),
    [false, true],
  );
});

test('without tools nothing is said about them', () => {
  const keys = ['tools', 'tool_choice', 'parallel_tool_calls'];
  const part = { toolChoice: { type: 'none' }, parallelToolCalls: true } as const;
  assert.deepEqual(fields(keys, part), {});
  assert.deepEqual(fields(keys, part, { parallelToolCalls: 'never' }), {});
});

test('parallel_tool_calls is what the client asks, nothing, or always false', () => {
  const sent = (asked: boolean | undefined, rule: ChatQuirks['parallelToolCalls']): unknown =>
    fields(
      ['parallel_tool_calls'],
      { tools, parallelToolCalls: asked },
      { parallelToolCalls: rule },
    )['parallel_tool_calls'];
  assert.deepEqual(
    [sent(true, 'asked'), sent(false, 'asked'), sent(undefined, 'asked')],
    [true, false, undefined],
  );
  assert.deepEqual([sent(true, 'omit'), sent(false, 'omit')], [undefined, undefined]);
  assert.deepEqual([sent(true, 'never'), sent(undefined, 'never')], [false, false]);
});

const choices: readonly [Turn['toolChoice'], ChatQuirks, unknown, readonly string[]][] = [
  [{ type: 'auto' }, {}, undefined, ['shell', 'look']],
  [{ type: 'none' }, {}, 'none', ['shell', 'look']],
  [{ type: 'required' }, {}, 'required', ['shell', 'look']],
  [{ type: 'required' }, { toolChoiceRequired: 'any' }, 'any', ['shell', 'look']],
  [
    { type: 'tool', name: 'look' },
    {},
    { type: 'function', function: { name: 'look' } },
    ['shell', 'look'],
  ],
  [{ type: 'tool', name: 'look' }, { toolChoice: 'words' }, 'required', ['look']],
  [{ type: 'none' }, { toolChoice: 'words' }, 'none', ['shell', 'look']],
  [{ type: 'tool', name: 'look' }, { toolChoice: 'auto' }, undefined, ['shell', 'look']],
  [{ type: 'required' }, { toolChoice: 'auto' }, undefined, ['shell', 'look']],
  [{ type: 'none' }, { toolChoice: 'auto' }, undefined, []],
];
for (const [toolChoice, quirks, sent, names] of choices) {
  test(`tool choice ${JSON.stringify(toolChoice)} with ${JSON.stringify(quirks)}`, () => {
    const body = bodyOf(turn({ tools, toolChoice }), chatTarget(quirks));
    assert.deepEqual(body['tool_choice'], sent);
    assert.deepEqual(
      listOf(body['tools']).map((tool) => at(tool, 'function', 'name')),
      names,
    );
  });
}

const reasoningKeys = [
  'reasoning_effort',
  'reasoning',
  'thinking',
  'reasoning_split',
  'enable_thinking',
  'chat_template_kwargs',
];
const reasoning: readonly [
  effort: string | undefined,
  quirks: ChatQuirks,
  traits: Partial<ModelTraits>,
  sent: object,
][] = [
  ['high', {}, {}, { reasoning_effort: 'high' }],
  ['xhigh', {}, {}, { reasoning_effort: 'high' }],
  ['minimal', {}, {}, { reasoning_effort: 'low' }],
  ['none', {}, { efforts: ['none', 'high'] }, { reasoning_effort: 'none' }],
  ['medium', { efforts: ['low', 'high', 'max'] }, {}, { reasoning_effort: 'high' }],
  ['max', { efforts: ['low'] }, { efforts: ['low', 'xhigh'] }, { reasoning_effort: 'xhigh' }],
  ['high', {}, { efforts: ['none', 'default'] }, { reasoning_effort: 'default' }],
  ['none', {}, { efforts: ['none', 'default'] }, { reasoning_effort: 'none' }],
  [undefined, {}, {}, {}],
  ['high', {}, { reasoning: false }, {}],
  ['high', { reasoningRequest: 'none' }, {}, {}],
  ['high', {}, { efforts: [] }, {}],
  ['low', { reasoningRequest: 'reasoning_object' }, {}, { reasoning: { effort: 'low' } }],
  ['none', { reasoningRequest: 'reasoning_object' }, {}, { reasoning: { enabled: false } }],
  [
    'none',
    { reasoningRequest: 'reasoning_object' },
    { efforts: ['none', 'low'] },
    { reasoning: { effort: 'none' } },
  ],
  [
    'high',
    { reasoningRequest: 'reasoning_object' },
    { efforts: [] },
    { reasoning: { enabled: true } },
  ],
  ['high', { reasoningRequest: 'thinking' }, {}, { thinking: { type: 'enabled' } }],
  [
    'medium',
    { reasoningRequest: 'thinking', efforts: ['high', 'max'] },
    {},
    { thinking: { type: 'enabled' }, reasoning_effort: 'high' },
  ],
  [
    'none',
    { reasoningRequest: 'thinking', efforts: ['high', 'max'] },
    {},
    { thinking: { type: 'disabled' } },
  ],
  [undefined, { reasoningRequest: 'thinking' }, {}, {}],
  [
    undefined,
    { reasoningRequest: 'thinking', thinkingFields: { clear_thinking: false } },
    {},
    { thinking: { type: 'enabled', clear_thinking: false } },
  ],
  [
    'high',
    { reasoningRequest: 'thinking_adaptive' },
    {},
    { thinking: { type: 'adaptive' }, reasoning_split: true },
  ],
  [
    'none',
    { reasoningRequest: 'thinking_adaptive' },
    {},
    { thinking: { type: 'disabled' }, reasoning_split: true },
  ],
  [undefined, { reasoningRequest: 'thinking_adaptive' }, {}, { reasoning_split: true }],
  ['low', { reasoningRequest: 'enable_thinking' }, {}, { enable_thinking: true }],
  ['none', { reasoningRequest: 'enable_thinking' }, {}, { enable_thinking: false }],
  [
    'max',
    { reasoningRequest: 'enable_thinking' },
    { efforts: ['low', 'medium', 'xhigh'] },
    { enable_thinking: true, reasoning_effort: 'xhigh' },
  ],
  [
    'low',
    { reasoningRequest: 'chat_template_kwargs' },
    {},
    { chat_template_kwargs: { enable_thinking: true } },
  ],
  [undefined, { reasoningRequest: 'chat_template_kwargs' }, {}, {}],
];
for (const [effort, quirks, traits, sent] of reasoning) {
  const host = JSON.stringify({ ...quirks, ...traits });
  test(`effort ${effort} for ${host} is ${JSON.stringify(sent)}`, () => {
    const part = { reasoning: { effort, summary: 'auto' } };
    assert.deepEqual(fields(reasoningKeys, part, quirks, traits), sent);
  });
}

const schema: JsonObject = { type: 'object', properties: { answer: { type: 'string' } } };
const output: Turn['output'] = { type: 'json_schema', name: 'answer', schema, strict: true };
const prompt: Turn['messages'] = [
  { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
  { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
];

test('a JSON Schema is asked for in the host’s own form', () => {
  assert.deepEqual(fields(['response_format'], { output }), {
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'answer', schema, strict: true },
    },
  });
});

const fallbacks: readonly [ChatQuirks, Partial<Turn>, unknown][] = [
  [{ responseFormat: 'json_object' }, {}, { type: 'json_object' }],
  [{ responseFormat: 'none' }, {}, undefined],
  [{ responseFormatExcludesTools: true }, { tools }, undefined],
];
for (const [quirks, part, format] of fallbacks) {
  test(`with ${JSON.stringify(quirks)} a JSON Schema becomes an instruction, always the same`, () => {
    const sent = turn({ ...part, output, messages: prompt });
    const body = bodyOf(sent, chatTarget(quirks));
    assert.deepEqual(body['response_format'], format);
    const instruction = String(at(body, 'messages', 0, 'content'));
    assert.match(instruction, /^Be brief\.\n\n.*JSON Schema/s);
    assert.ok(instruction.endsWith(JSON.stringify(schema)));
    assert.deepEqual(bodyOf(sent, chatTarget(quirks)), body);
    const bare = bodyOf(turn({ ...part, output }), chatTarget(quirks));
    assert.equal(at(bare, 'messages', 0, 'role'), 'system');
  });
}

test('a schema together with tools stays in response_format where the host takes both', () => {
  const { response_format: format } = fields(['response_format'], { output, tools });
  assert.equal(at(format, 'type'), 'json_schema');
});

test('json_object is sent, or asked for in words', () => {
  const sent = (quirks: ChatQuirks): readonly unknown[] => {
    const body = bodyOf(
      turn({ output: { type: 'json_object' }, messages: prompt }),
      chatTarget(quirks),
    );
    return [
      at(body, 'response_format', 'type'),
      at(body, 'messages', 0, 'content') === 'Be brief.',
    ];
  };
  assert.deepEqual(sent({}), ['json_object', true]);
  assert.deepEqual(sent({ responseFormat: 'json_object' }), ['json_object', true]);
  assert.deepEqual(sent({ responseFormat: 'json_schema_only' }), [undefined, false]);
  assert.deepEqual(sent({ responseFormat: 'none' }), [undefined, false]);
});

test('schemas are rewritten for the host, in tools and in the output format', () => {
  const union: JsonObject = { type: 'object', anyOf: [schema, { type: 'object', properties: {} }] };
  const part: Partial<Turn> = {
    tools: [{ ...shell, parameters: union }],
    output: { type: 'json_schema', name: 'answer', schema: union, strict: false },
  };
  const body = bodyOf(turn(part), chatTarget({ toolSchema: 'objectRoot' }));
  const flat = { type: 'object', properties: { answer: { type: 'string' } } };
  assert.deepEqual(at(body, 'tools', 0, 'function', 'parameters'), flat);
  assert.deepEqual(at(body, 'response_format', 'json_schema', 'schema'), flat);
  const full = bodyOf(turn(part), chatTarget({ toolSchema: 'full' }));
  assert.deepEqual(at(full, 'tools', 0, 'function', 'parameters'), union);
  const usual = bodyOf(turn(part), chatTarget());
  assert.deepEqual(at(usual, 'tools', 0, 'function', 'parameters'), flat);
  assert.deepEqual(at(usual, 'response_format', 'json_schema', 'schema'), union);
});

test('the same turn always gives the same bytes', () => {
  const sent = turn({
    messages: conversation,
    tools,
    output,
    reasoning: { effort: 'high', summary: 'auto' },
  });
  const target = chatTarget({
    toolCallIds: 'alnum9',
    toolSchema: 'moonshot',
    responseFormat: 'none',
  });
  const first = openaiChat.encode(sent, target).body;
  assert.equal(openaiChat.encode(structuredClone(sent), structuredClone(target)).body, first);
});

test('a longer history begins with the bytes of the shorter one', () => {
  const start = (count: number): string => {
    const body = openaiChat.encode(
      turn({ messages: conversation.slice(0, count) }),
      chatTarget(),
    ).body;
    return body.slice(0, body.lastIndexOf(']}') === -1 ? 0 : body.indexOf('],"stream"'));
  };
  assert.ok(start(conversation.length).startsWith(start(3)));
  assert.ok(start(3).length > 100);
});
