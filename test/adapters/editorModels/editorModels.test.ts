import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editorModels } from '../../../src/adapters/editorModels/adapter.ts';
import { type AnswerLine, writeLine } from '../../../src/adapters/editorModels/answer.ts';
import { modelAt } from '../../../src/adapters/editorModels/encode.ts';
import { readEditorRequest } from '../../../src/adapters/editorModels/request.ts';
import type { Target } from '../../../src/adapters/target.ts';
import type { TurnEvent } from '../../../src/turn/event.ts';
import type { Turn } from '../../../src/turn/turn.ts';
import { plainTurn } from '../../support/plainTurn.ts';

const target: Target = {
  provider: 'vscode',
  label: 'VS Code',
  wire: 'editor-models',
  baseUrl: 'vscode:',
  model: 'copilot/x y',
  traits: {
    contextWindow: undefined,
    maxOutputTokens: undefined,
    reasoning: false,
    efforts: undefined,
    vision: undefined,
  },
  quirks: {},
};

const tool = (name: string) => ({
  name,
  description: `Does ${name}.`,
  parameters: { type: 'object', properties: {} },
  strict: false,
});

function encoded(turn: Partial<Turn>) {
  const { url, body } = editorModels.encode({ ...plainTurn, model: target.model, ...turn }, target);
  assert.equal(modelAt(url), target.model);
  const request = readEditorRequest(JSON.parse(body));
  assert.ok(request);
  return request;
}

test('instructions lead as a message of the user, calls and results keep their places', () => {
  const { messages } = encoded({
    messages: [
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look' },
          { type: 'image', url: 'data:image/png;base64,AAAA', detail: undefined },
          { type: 'image', url: 'https://example.com/x.png', detail: undefined },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'secret thought', carry: undefined },
          { type: 'text', text: 'I call.' },
          { type: 'tool_call', callId: 'c1', name: 'ls', arguments: '{"a":1}' },
        ],
      },
      { role: 'tool', callId: 'c1', name: 'ls', content: [{ type: 'text', text: 'x' }] },
      { role: 'user', content: [{ type: 'text', text: 'Go on' }] },
    ],
  });
  assert.deepEqual(messages, [
    { role: 'user', content: [{ type: 'text', text: 'Be brief.' }] },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Look' },
        { type: 'image', mimeType: 'image/png', data: 'AAAA' },
        {
          type: 'text',
          text: '[An image that cannot be shown: it is not part of the request.]',
        },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'I call.' },
        { type: 'call', callId: 'c1', name: 'ls', input: { a: 1 } },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'result', callId: 'c1', content: [{ type: 'text', text: 'x' }] },
        { type: 'text', text: 'Go on' },
      ],
    },
  ]);
});

test('a choice of tools becomes what the API knows', () => {
  const tools = [tool('a'), tool('b')];
  const names = (turn: Partial<Turn>) => encoded({ tools, ...turn }).tools.map(({ name }) => name);
  assert.deepEqual(names({}), ['a', 'b']);
  assert.deepEqual(names({ toolChoice: { type: 'none' } }), []);
  assert.deepEqual(names({ toolChoice: { type: 'tool', name: 'b' } }), ['b']);
  assert.equal(encoded({ tools, toolChoice: { type: 'required' } }).mustCall, true);
  assert.equal(encoded({ tools }).mustCall, false);
});

test('an answer in a form is asked for in words, and the addition is named', () => {
  const turn: Turn = { ...plainTurn, output: { type: 'json_object' } };
  const { body, additions } = editorModels.encode(turn, target);
  assert.match(body, /one JSON object/);
  assert.equal(additions[0]?.kind, 'answer_format');
});

const lines: readonly AnswerLine[] = [
  { type: 'thinking', text: 'Hm…' },
  { type: 'text', text: 'Grüß' },
  { type: 'call', callId: 'c1', name: 'ls', arguments: '{}' },
  { type: 'text', text: ' dich' },
  { type: 'usage', inputTokens: 3, outputTokens: 2, cachedTokens: 0, reasoningTokens: 0 },
  { type: 'end' },
];

function decoded(bytes: Uint8Array, size: number): readonly TurnEvent[] {
  const decoder = editorModels.decoder(target, 'json');
  const events: TurnEvent[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    events.push(...decoder.push(bytes.subarray(at, at + size)));
  }
  return [...events, ...decoder.end()];
}

test('lines become events however they are cut, and a call ends with the step', () => {
  const bytes = new TextEncoder().encode(lines.map(writeLine).join(''));
  const usage = { inputTokens: 3, outputTokens: 2, cachedTokens: 0, reasoningTokens: 0 };
  const expected: readonly TurnEvent[] = [
    { type: 'reasoning.start', kind: 'summary' },
    { type: 'reasoning.delta', text: 'Hm…' },
    { type: 'reasoning.end' },
    { type: 'text.start' },
    { type: 'text.delta', text: 'Grüß' },
    { type: 'text.delta', text: ' dich' },
    { type: 'text.end' },
    { type: 'call.start', callId: 'c1', name: 'ls' },
    { type: 'call.delta', arguments: '{}' },
    { type: 'call.end' },
    { type: 'usage', usage: { ...usage, cacheWriteTokens: 0 } },
    { type: 'finish', reason: 'stop' },
  ];
  for (const size of [1, 2, 7, bytes.length]) assert.deepEqual(decoded(bytes, size), expected);
});

test('an answer without an end is cut, and no call of it is run', () => {
  const bytes = new TextEncoder().encode(lines.slice(0, 3).map(writeLine).join(''));
  const events = decoded(bytes, bytes.length);
  const last = events.at(-1);
  assert.ok(last?.type === 'error' && last.error.kind === 'cut');
  assert.ok(!events.some(({ type }) => type === 'call.start'));
});

test('the codes of the API have their kinds', () => {
  const kinds = {
    NoPermissions: 'permission',
    Blocked: 'rate_limit',
    NotFound: 'unknown_model',
    '': 'upstream',
  };
  for (const [code, kind] of Object.entries(kinds)) {
    const line = writeLine({ type: 'error', code, message: 'No.' });
    const [event] = decoded(new TextEncoder().encode(line), 100);
    assert.ok(event?.type === 'error');
    assert.equal(event.error.kind, kind, code);
    assert.match(event.error.message, /VS Code, model copilot\/x y: No\./);
  }
});

test('a request of another version is none', () => {
  assert.equal(readEditorRequest({ model: 'x' }), undefined);
  assert.equal(readEditorRequest(null), undefined);
});
