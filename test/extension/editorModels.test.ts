import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnswerLine, readLine } from '../../src/adapters/editorModels/answer.ts';
import type { EditorRequest } from '../../src/adapters/editorModels/request.ts';
import type { OfferedModels } from '../../src/link/api/editorModelsApi.ts';
import type { ApiCall, ApiReply } from '../../src/link/api.ts';
import { gate, until } from '../support/until.ts';
import { editor } from '../support/vscode.ts';
import * as fake from '../support/vscodeModels.ts';

const { EditorModels } = await import('../../src/vscode/editorModels/editorModels.ts');
const { allowEditorModels } = await import('../../src/vscode/allowEditorModels.ts');
const { management } = await import('../../src/vscode/management.ts');

const { LanguageModelTextPart, LanguageModelToolCallPart } = fake;

interface Played {
  readonly model: fake.FakeModel;
  readonly asked: fake.AskedModel[];
}

type Play = (asked: fake.AskedModel) => AsyncIterable<unknown>;

function played(vendor: string, id: string, play: Play = () => says([])): Played {
  const asked: fake.AskedModel[] = [];
  const model: fake.FakeModel = {
    ...{ vendor, id, name: `The ${id}`, maxInputTokens: 1_000 },
    sendRequest: async (messages, options, token) => {
      asked.push({ messages, options, token });
      return { stream: play({ messages, options, token }) };
    },
  };
  return { model, asked };
}

async function* says(parts: readonly unknown[]): AsyncGenerator<unknown> {
  yield* parts;
}

const request: EditorRequest = {
  model: 'smart',
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'Be brief.' }] },
    {
      role: 'assistant',
      content: [{ type: 'call', callId: 'c1', name: 'ls', input: { a: 1 } }],
    },
    {
      role: 'user',
      content: [
        {
          ...{ type: 'result', callId: 'c1' },
          content: [{ type: 'image', mimeType: 'image/png', data: 'AAAA' }],
        },
      ],
    },
  ],
  tools: [{ name: 'ls', description: 'Lists.', inputSchema: { type: 'object' } }],
  mustCall: false,
};

/** A window whose proxy has this turn for it. */
function setUp(t: test.TestContext, models: readonly fake.FakeModel[], allowed = true) {
  editor.reset();
  editor.settings.set('opencodex.editorModels.enabled', allowed);
  fake.editorLanguageModels.models = [...models];
  const offers: OfferedModels[] = [];
  const posts: { readonly text: string; readonly over: boolean }[] = [];
  const proxy = { wanted: true };
  const api = async ({ method, body }: ApiCall): Promise<ApiReply> => {
    if (method === 'GET') return { status: 200, body: { body: JSON.stringify(request) } };
    posts.push(JSON.parse(JSON.stringify(body)));
    return { status: 200, body: { wanted: proxy.wanted } };
  };
  const window = new EditorModels({
    ask: management(api),
    offer: (offered) => void offers.push(offered),
  });
  t.after(() => window.dispose());
  const lines = (): readonly (AnswerLine | undefined)[] =>
    posts
      .map(({ text }) => text)
      .join('')
      .split('\n')
      .filter((line) => line !== '')
      .map(readLine);
  return { window, offers, posts, proxy, lines };
}

test('every model of the editor is offered but our own and a choice between others', async (t) => {
  const { window, offers } = setUp(t, [
    played('copilot', 'auto').model,
    played('copilot', 'smart').model,
    played('opencodex', 'sim/m').model,
    played('one', 'same').model,
    played('two', 'same').model,
  ]);
  await window.refresh();
  assert.deepEqual(
    offers.at(-1)?.map(({ name }) => name),
    ['smart', 'one/same', 'two/same'],
  );
  assert.deepEqual(offers.at(-1)?.[0], {
    ...{ name: 'smart', label: 'The smart', contextWindow: 1_000 },
  });
});

test('a look that fails leaves those in force that were found before', async (t) => {
  const { window, offers } = setUp(t, [played('copilot', 'smart').model]);
  await window.refresh();
  const failing = t.mock.method(fake.lm, 'selectChatModels', async () => {
    throw new Error('The editor is closing.');
  });
  await window.refresh();
  assert.equal(failing.mock.callCount(), 1);
  assert.equal(offers.length, 1);
});

test('without permission none is looked for', async (t) => {
  const { window, offers } = setUp(t, [], false);
  t.mock.method(fake.lm, 'selectChatModels', () => assert.fail('the models were asked for'));
  await window.refresh();
  assert.deepEqual(offers, [null]);
});

test('a model is asked in the words of the editor, and says its parts', async (t) => {
  const smart = played('copilot', 'smart', () =>
    says([
      new fake.LanguageModelThinkingPart('Hm.'),
      new LanguageModelTextPart('I look.'),
      new LanguageModelToolCallPart('c2', 'ls', { b: 2 }),
      fake.LanguageModelDataPart.json({ prompt_tokens: 30, completion_tokens: 6 }, 'usage'),
    ]),
  );
  const { window, lines, posts } = setUp(t, [smart.model]);
  await window.turn('t1', false);
  assert.deepEqual(lines(), [
    { type: 'thinking', text: 'Hm.' },
    { type: 'text', text: 'I look.' },
    { type: 'call', callId: 'c2', name: 'ls', arguments: '{"b":2}' },
    { type: 'usage', inputTokens: 30, outputTokens: 6, cachedTokens: 0, reasoningTokens: 0 },
    { type: 'end' },
  ]);
  assert.equal(posts.at(-1)?.over, true);
  const [asked] = smart.asked;
  assert.deepEqual(
    asked?.messages.map(({ role }) => role),
    [1, 2, 1],
  );
  const [result] = asked.messages[2]?.content ?? [];
  assert.ok(result instanceof fake.LanguageModelToolResultPart);
  assert.ok(result.content[0] instanceof fake.LanguageModelDataPart);
  assert.ok(asked.options.justification?.includes('Codex'));
});

test('what a provider does not count is guessed', async (t) => {
  const smart = played('copilot', 'smart', () => says([new LanguageModelTextPart('x'.repeat(38))]));
  const { window, lines } = setUp(t, [smart.model]);
  await window.turn('t1', false);
  const usage = lines().find((line) => line?.type === 'usage');
  assert.equal(usage?.outputTokens, 10);
  assert.ok(usage.inputTokens > 20);
});

test('a turn that nobody waits for is cancelled at the model', async (t) => {
  for (const how of ['note', 'answer'] as const) {
    const begun = gate();
    const smart = played('copilot', 'smart', async function* ({ token }) {
      yield new LanguageModelTextPart('a');
      begun.open();
      await new Promise((resolve) => token.onCancellationRequested(resolve));
    });
    const { window, proxy } = setUp(t, [smart.model]);
    proxy.wanted = how !== 'answer';
    const turn = window.turn('t1', false);
    await begun.opened;
    if (how === 'note') await window.turn('t1', true);
    await turn;
    assert.equal(smart.asked[0]?.token.isCancellationRequested, true, how);
  }
});

test('what a model refuses is said with its code', async (t) => {
  const smart = played('copilot', 'smart');
  const { window, lines } = setUp(t, [
    {
      ...smart.model,
      sendRequest: async () => {
        throw fake.LanguageModelError.Blocked('Used up.');
      },
    },
  ]);
  await window.turn('t1', false);
  assert.deepEqual(lines(), [{ type: 'error', code: 'Blocked', message: 'Used up.' }]);
});

test('permission that is taken back ends what runs, and a model that is gone is said', async (t) => {
  const begun = gate();
  const smart = played('copilot', 'smart', async function* ({ token }) {
    yield new LanguageModelTextPart('a');
    begun.open();
    await new Promise((resolve) => token.onCancellationRequested(resolve));
  });
  const { window, offers, lines } = setUp(t, [smart.model]);
  const turn = window.turn('t1', false);
  await begun.opened;
  editor.press = ({ buttons }) => buttons.find((button) => button === 'Turn Off');
  await allowEditorModels();
  await turn;
  await until('the offer', () => offers.at(-1) === null);
  await window.turn('t2', false);
  const last = lines().at(-1);
  assert.ok(last?.type === 'error' && last.code === 'NotFound');
});

test('Codex may use the models only after a consent that names the cost', async () => {
  editor.reset();
  await allowEditorModels();
  assert.equal(editor.settings.get('opencodex.editorModels.enabled'), undefined);
  assert.equal(editor.messages[0]?.kind, 'warning');
  editor.press = ({ buttons }) => buttons.find((button) => button === 'Allow');
  await allowEditorModels();
  assert.equal(editor.settings.get('opencodex.editorModels.enabled'), true);
});
