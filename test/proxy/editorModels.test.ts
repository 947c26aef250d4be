import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnswerLine, writeLine } from '../../src/adapters/editorModels/answer.ts';
import { readEditorRequest } from '../../src/adapters/editorModels/request.ts';
import { apiCall } from '../../src/link/api.ts';
import type { EditorTurnNote } from '../../src/proxy/editorModels.ts';
import type { Proxy as LocalProxy } from '../../src/proxy/proxy.ts';
import { type RunningProxy, startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { ask, eventsOf, openTurn, textOf, turn } from './client.ts';
import { follow } from './follow.ts';

const smart = { name: 'smart', label: 'Smart', contextWindow: 64_000 };
const vscode = { model: 'vscode/smart' };

/** Plays the window: fetches each turn and says these lines. */
class FakeWindow {
  readonly notes: EditorTurnNote[] = [];
  readonly requests: ReturnType<typeof readEditorRequest>[] = [];
  readonly #lines: readonly AnswerLine[];
  readonly #over: boolean;
  proxy: LocalProxy | undefined;

  constructor(lines: readonly AnswerLine[], over = true) {
    this.#lines = lines;
    this.#over = over;
  }

  readonly hear = (note: EditorTurnNote): void => {
    this.notes.push(note);
    if (!note.over) void this.#answer(note.id);
  };

  async #answer(id: string): Promise<void> {
    const got = await this.proxy?.api(apiCall('GET /api/editor-turns/:id', { id }));
    const { body } = JSON.parse(JSON.stringify(got?.body));
    this.requests.push(readEditorRequest(JSON.parse(body)));
    for (const line of this.#lines) await this.say(id, writeLine(line), false);
    if (this.#over) await this.say(id, '', true);
  }

  async say(id: string, text: string, over: boolean): Promise<unknown> {
    const call = apiCall('POST /api/editor-turns/:id', { id, text, over });
    const reply = await this.proxy?.api(call);
    return reply?.body;
  }
}

async function setUp(t: test.TestContext, window: FakeWindow) {
  const scope = testScope(t);
  const proxy = await startProxy(scope, { providers: {} }, { onEditorTurn: window.hear });
  window.proxy = proxy.proxy;
  return { scope, proxy };
}

const spoken: readonly AnswerLine[] = [
  { type: 'thinking', text: 'Hm.' },
  { type: 'text', text: 'Hel' },
  { type: 'text', text: 'lo' },
  { type: 'usage', inputTokens: 12, outputTokens: 5, cachedTokens: 0, reasoningTokens: 0 },
  { type: 'end' },
];

async function catalogOf(proxy: RunningProxy): Promise<readonly string[]> {
  const { body } = await ask(proxy, { path: '/v1/codex/models' });
  return JSON.parse(body).models.map(({ slug }: { slug: string }) => slug);
}

test('a model of the editor answers Codex through this window, and is counted', async (t) => {
  const window = new FakeWindow(spoken);
  const { proxy } = await setUp(t, window);
  proxy.proxy.offerModels([smart]);
  const answer = await turn(proxy, { ...vscode, instructions: 'Be brief.', input: 'Hello' });
  assert.equal(answer.status, 200);
  assert.equal(textOf(answer.body), 'Hello');
  assert.equal(eventsOf(answer.body).at(-1)?.type, 'response.completed');
  const [request] = window.requests;
  assert.equal(request?.model, 'smart');
  assert.deepEqual(request.messages, [
    { role: 'user', content: [{ type: 'text', text: 'Be brief.' }] },
    { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
  ]);
  const [record] = proxy.proxy.snapshot().requests;
  assert.equal(record?.model, 'vscode/smart');
  assert.deepEqual([record.inputTokens, record.outputTokens], [12, 5]);
});

test('the models are in the catalog only while they are allowed and a window is there', async (t) => {
  const { scope, proxy } = await setUp(t, new FakeWindow(spoken));
  assert.ok(!(await catalogOf(proxy)).includes('vscode/smart'));
  proxy.proxy.offerModels([smart]);
  assert.ok((await catalogOf(proxy)).includes('vscode/smart'));
  proxy.proxy.offerModels(null);
  assert.ok(!(await catalogOf(proxy)).includes('vscode/smart'));
  const second = await follow(scope, proxy);
  second.offerModels([smart]);
  await until('the offer', async () => (await catalogOf(proxy)).includes('vscode/smart'));
  const models = await proxy.proxy.api({ method: 'GET', path: '/api/models' });
  const [listed] = JSON.parse(JSON.stringify(models.body)).models;
  assert.deepEqual([listed.id, listed.contextWindow, listed.chat], ['vscode/smart', 64_000, false]);
  await second.stop(0);
  await until('it to be gone', async () => !(await catalogOf(proxy)).includes('vscode/smart'));
});

test('without a window, without permission and without the model it is said what to do', async (t) => {
  const { proxy } = await setUp(t, new FakeWindow(spoken));
  const nobody = await turn(proxy, vscode);
  assert.equal(nobody.status, 400);
  assert.match(nobody.body, /Open a VS Code window to use VS Code's models/);
  proxy.proxy.offerModels(null);
  const refused = await turn(proxy, vscode);
  assert.match(refused.body, /Allow Codex to Use VS Code's Models/);
  proxy.proxy.offerModels([{ ...smart, name: 'other' }]);
  const gone = await turn(proxy, vscode);
  assert.match(gone.body, /no model "smart"/);
});

test('another window answers where the serving one cannot', async (t) => {
  const window = new FakeWindow([
    { type: 'call', callId: 'c1', name: 'exec_command', arguments: '{"cmd":"ls"}' },
    { type: 'end' },
  ]);
  const scope = testScope(t);
  const proxy = await startProxy(scope, { providers: {} });
  const second = await follow(scope, proxy, { onEditorTurn: window.hear });
  window.proxy = second;
  second.offerModels([smart]);
  await until('the offer', async () => (await catalogOf(proxy)).includes('vscode/smart'));
  const parameters = { type: 'object', properties: { cmd: { type: 'string' } } };
  const tools = [{ type: 'function', name: 'exec_command', parameters, strict: false }];
  const answer = await turn(proxy, { ...vscode, tools });
  const item = eventsOf(answer.body).find(({ type }) => type === 'response.output_item.done');
  assert.match(JSON.stringify(item), /"type":"function_call".*exec_command/);
  assert.equal(window.requests[0]?.tools[0]?.name, 'exec_command');
});

test('a window that answered before this one served offers its models again', async (t) => {
  const scope = testScope(t);
  const first = await startProxy(scope, { providers: {} });
  const second = await follow(scope, first);
  const third = await follow(scope, first);
  third.offerModels([smart]);
  await until('the offer', async () => (await catalogOf(first)).includes('vscode/smart'));
  await first.proxy.stop(0);
  await until('the next to serve', () =>
    [second, third].some(({ state }) => state.status === 'listening'),
  );
  await until('the offer again', async () => (await catalogOf(first)).includes('vscode/smart'));
});

test('a Codex that goes away ends the answer, also in another window', async (t) => {
  for (const other of [false, true]) {
    const window = new FakeWindow([{ type: 'text', text: 'Hel' }], false);
    const { scope, proxy } = await setUp(t, window);
    if (other) {
      const second = await follow(scope, proxy, { onEditorTurn: window.hear });
      window.proxy = second;
      second.offerModels([smart]);
      await until('the offer', async () => (await catalogOf(proxy)).includes('vscode/smart'));
    } else {
      proxy.proxy.offerModels([smart]);
    }
    const stream = await openTurn(proxy, vscode);
    await until('the text', () => textOf(stream.text()).includes('Hel'));
    stream.close();
    await until('the window to hear of it', () => window.notes.at(-1)?.over === true);
    const id = window.notes.at(-1)?.id ?? '';
    assert.deepEqual(await window.say(id, 'more', false), { wanted: false });
  }
});

test('a window that closes in the middle of its answer is told to Codex', async (t) => {
  const window = new FakeWindow([{ type: 'text', text: 'Hel' }], false);
  const scope = testScope(t);
  const proxy = await startProxy(scope, { providers: {} });
  const second = await follow(scope, proxy, { onEditorTurn: window.hear });
  window.proxy = second;
  second.offerModels([smart]);
  await until('the offer', async () => (await catalogOf(proxy)).includes('vscode/smart'));
  const stream = await openTurn(proxy, vscode);
  await until('the text', () => textOf(stream.text()).includes('Hel'));
  await second.stop(0);
  await until('the failure', () => stream.text().includes('response.failed'));
  assert.match(stream.text(), /window that gave the answer was closed/);
});

test('what a model refuses is told with its kind', async (t) => {
  const window = new FakeWindow([{ type: 'error', code: 'NoPermissions', message: 'Sign in.' }]);
  const { proxy } = await setUp(t, window);
  proxy.proxy.offerModels([smart]);
  const answer = await turn(proxy, vscode);
  assert.match(answer.body, /VS Code, model smart: Sign in\./);
});
