import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TurnError } from '../../src/turn/error.ts';
import type { TurnEvent } from '../../src/turn/event.ts';
import type { Turn } from '../../src/turn/turn.ts';
import { editor } from '../support/vscode.ts';
import * as fake from '../support/vscodeModels.ts';

const { readChat } = await import('../../src/vscode/chat/chatTurn.ts');
const { AnswerParts } = await import('../../src/vscode/chat/answerParts.ts');
const { chatError, chatResponse, countTokens } = await import(
  '../../src/vscode/chat/chatResponse.ts'
);
const { chatInformation, information } = await import('../../src/vscode/chat/chatInformation.ts');
const { management } = await import('../../src/vscode/management.ts');
const { ChatProvider } = await import('../../src/vscode/chat/chatProvider.ts');
const { WindowEvents } = await import('../../src/vscode/windowEvents.ts');
const { isGroupCall } = await import('../../src/vscode/untyped.ts');

type Messages = Parameters<typeof readChat>[1];

const text = (value: string): fake.LanguageModelTextPart => new fake.LanguageModelTextPart(value);

/** The fake editor's classes stand for the real ones, as they do for the code under test. */
function isMessages(value: readonly object[]): value is Messages & readonly object[] {
  return value.every((message) => 'role' in message && 'content' in message);
}

function read(messages: readonly object[], options: Parameters<typeof readChat>[2]) {
  assert.ok(isMessages(messages));
  return readChat('sim/m', messages, options);
}

const auto = { toolMode: 1 };

test('what the chat sends becomes a turn: instructions, images, calls, results and thoughts', () => {
  const { turn } = read(
    [
      { role: 3, content: [text('Be brief.')] },
      {
        role: 1,
        content: [
          text('Look'),
          fake.LanguageModelDataPart.image(Buffer.from([0, 0, 0]), 'image/png'),
          new fake.LanguageModelDataPart(Buffer.from('ephemeral'), 'cache_control'),
        ],
      },
      {
        role: 2,
        content: [
          new fake.LanguageModelThinkingPart(['Hm', '.'], 't', { opencodex: 'sealed' }),
          text('I look.'),
          new fake.LanguageModelToolCallPart('c1', 'ls', { a: 1 }),
        ],
      },
      { role: 1, content: [new fake.LanguageModelToolResultPart('c1', [text('x')])] },
    ],
    auto,
  );
  assert.deepEqual(turn.messages, [
    { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Look' },
        { type: 'image', url: 'data:image/png;base64,AAAA', detail: undefined },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'Hm.', carry: 'sealed' },
        { type: 'text', text: 'I look.' },
        { type: 'tool_call', callId: 'c1', name: 'ls', arguments: '{"a":1}' },
      ],
    },
    { role: 'tool', callId: 'c1', name: 'ls', content: [{ type: 'text', text: 'x' }] },
  ]);
  assert.equal(turn.model, 'sim/m');
});

test('tools keep their names for the chat, whatever the provider takes', () => {
  const hi: readonly object[] = [{ role: 1, content: [text('hi')] }];
  const long = `1${'x'.repeat(80)}`;
  const tools = [
    { name: 'ls', description: 'Lists.', inputSchema: { type: 'object', properties: {} } },
    { name: long, description: 'Long.', inputSchema: undefined },
  ];
  const { turn, tools: names } = read(hi, { tools, toolMode: 2 });
  assert.deepEqual(turn.toolChoice, { type: 'required' });
  for (const { name } of turn.tools) assert.match(name, /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/);
  assert.deepEqual([...names.values()], ['ls', long]);
  assert.deepEqual(turn.tools[1]?.parameters, { type: 'object', properties: {} });
});

function partsOf(events: readonly TurnEvent[], names = new Map<string, string>()) {
  const parts: unknown[] = [];
  const answer = new AnswerParts(names, (part) => void parts.push(part));
  return { parts, answer, write: () => answer.write(events) };
}

test('the first text goes at once, the next ones are gathered', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { parts, answer } = partsOf([]);
  const say = (piece: string) => answer.write([{ type: 'text.delta', text: piece }]);
  say('a');
  assert.deepEqual(parts, [text('a')]);
  for (const piece of ['b', 'c', 'd']) say(piece);
  assert.equal(parts.length, 1);
  t.mock.timers.tick(32);
  assert.deepEqual(parts, [text('a'), text('bcd')]);
});

test('a call is whole, has the name that the chat knows, and comes behind the text before it', () => {
  const { parts, write } = partsOf(
    [
      { type: 'text.delta', text: 'a' },
      { type: 'text.delta', text: 'b' },
      { type: 'call.start', callId: 'c1', name: 'short' },
      { type: 'call.delta', arguments: '{"x":' },
      { type: 'call.delta', arguments: '1}' },
      { type: 'call.end' },
    ],
    new Map([['short', 'the long name']]),
  );
  write();
  const made = new fake.LanguageModelToolCallPart('c1', 'the long name', { x: 1 });
  assert.deepEqual(parts, [text('a'), text('b'), made]);
});

test('thoughts and counts are parts where the editor knows them', () => {
  const usage = {
    inputTokens: 10,
    outputTokens: 4,
    cachedTokens: 3,
    cacheWriteTokens: 0,
    reasoningTokens: 2,
  };
  const { parts, write } = partsOf([
    { type: 'reasoning.start', kind: 'summary' },
    { type: 'reasoning.delta', text: 'Hm.' },
    { type: 'reasoning.end', carry: 'sealed' },
    { type: 'text.delta', text: 'a' },
    { type: 'usage', usage },
  ]);
  write();
  const [thought, sealed] = parts;
  assert.ok(thought instanceof fake.LanguageModelThinkingPart);
  assert.equal(thought.value, 'Hm.');
  assert.ok(sealed instanceof fake.LanguageModelThinkingPart);
  assert.deepEqual(sealed.metadata, { opencodex: 'sealed' });
  const counted = parts.at(-1);
  assert.ok(counted instanceof fake.LanguageModelDataPart);
  assert.equal(counted.mimeType, 'usage');
  assert.equal(JSON.parse(new TextDecoder().decode(counted.data)).total_tokens, 14);
});

test('errors have the form that the chat understands', () => {
  const error = (kind: TurnError['kind']): TurnError => ({
    ...{ kind, message: 'Sim: no.' },
    ...{ status: undefined, retryAfterSeconds: undefined },
  });
  const codes = {
    auth: 'NoPermissions',
    rate_limit: 'Blocked',
    unknown_model: 'NotFound',
  } as const;
  for (const kind of ['auth', 'rate_limit', 'unknown_model'] as const) {
    const made: Error = chatError(error(kind));
    assert.equal(Reflect.get(made, 'code'), codes[kind]);
    assert.equal(made.message, 'Sim: no.');
  }
  assert.equal(Reflect.get(chatError(error('upstream')), 'code'), undefined);
});

test('cancelling ends the turn, and nothing is said after it', async () => {
  const token = new fake.FakeToken();
  const said: unknown[] = [];
  let asked: Turn | undefined;
  const messages: readonly object[] = [{ role: 1, content: [text('hi')] }];
  assert.ok(isMessages(messages));
  const answered = chatResponse(
    async (turn, events, signal) => {
      asked = turn;
      events([{ type: 'text.delta', text: 'a' }]);
      events([{ type: 'text.delta', text: 'b' }]);
      const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
      token.cancel();
      await aborted;
      return { ok: true, usage: undefined };
    },
    {
      model: 'sim/m',
      messages,
      options: auto,
      progress: { report: (part) => void said.push(part) },
      token,
    },
  );
  await assert.rejects(answered, fake.CancellationError);
  assert.equal(asked?.model, 'sim/m');
  assert.deepEqual(said, [text('a')]);
});

const model = {
  id: 'sim/m',
  provider: 'sim',
  label: 'Sim',
  model: 'm',
  enabled: true,
  current: false,
};

test('what the chat is told of a model fits its window', () => {
  const small = information({ ...model, contextWindow: 8_000, maxOutputTokens: 8_000 });
  assert.deepEqual([small.maxInputTokens, small.maxOutputTokens], [4_000, 4_000]);
  const large = information({
    ...model,
    contextWindow: 200_000,
    maxOutputTokens: 64_000,
    vision: true,
  });
  assert.deepEqual([large.maxInputTokens, large.maxOutputTokens], [136_000, 64_000]);
  assert.equal(large.capabilities.imageInput, true);
  assert.equal(large.capabilities.toolCalling, true);
  const blind = information({ ...model, vision: false });
  assert.equal(blind.capabilities.imageInput, false);
  const told = information({ ...model, vision: false, imagesInWords: true });
  assert.equal(told.capabilities.imageInput, true);
});

test('the chat lists what needs no login of Codex and was not taken out of it', async () => {
  const models = [
    { ...model, id: 'sim/shown' },
    { ...model, id: 'sim/only-chat', enabled: false },
    { ...model, id: 'sim/hidden', chatHidden: true },
    { ...model, id: 'openai/gpt', chat: false },
  ];
  const ask = management(async () => ({ status: 200, body: { models, lists: [] } }));
  const [shown, onlyChat, ...others] = await chatInformation(ask);
  assert.deepEqual([shown?.id, onlyChat?.id], ['sim/shown', 'sim/only-chat']);
  assert.deepEqual(others, []);
});

test('tokens are guessed for texts of any script', () => {
  assert.equal(countTokens('How many tokens are these?'), 7);
  assert.equal(countTokens('今天天气很好'), 5);
});

test('the provider is there as long as the setting says so, and groups have no models of their own', async () => {
  editor.reset();
  const { providers } = fake.editorLanguageModels;
  const { workspace } = await import('../support/vscodeModule.ts');
  const provider = new ChatProvider({
    events: new WindowEvents(),
    ask: () => assert.fail('nothing is asked of a proxy that does not run'),
    run: () => assert.fail('no turn'),
  });
  assert.ok(providers.has('opencodex'));
  assert.deepEqual(await provider.provideLanguageModelChatInformation({ silent: true }), []);
  await workspace.getConfiguration('opencodex').update('chat.enabled', false);
  assert.ok(!providers.has('opencodex'));
  await workspace.getConfiguration('opencodex').update('chat.enabled', true);
  assert.ok(providers.has('opencodex'));
  provider.dispose();
  assert.ok(!providers.has('opencodex'));
  assert.ok(isGroupCall({ silent: true, configuration: {} }));
  assert.ok(!isGroupCall({ silent: true }));
});
