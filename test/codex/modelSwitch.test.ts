import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { baseInstructions } from '../../src/codex/baseInstructions.ts';
import { CodexHome } from '../support/codex.ts';
import { at, isRecord } from '../support/json.ts';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { call, reasoning, resultOf, type SeenRequest, text } from '../support/script.ts';
import type { Wire } from '../support/wire.ts';
import { wires } from './stack.ts';

/** Where a wire carries what only its maker can read. Chat Completions has none: its thoughts are text. */
const sealFields = ['signature', 'thoughtSignature', 'encrypted_content'];

/** What Google documents for calls that another made: https://ai.google.dev/gemini-api/docs/thought-signatures#faqs */
const noSeal = 'skip_thought_signature_validator';

function sealsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(sealsIn);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (!sealFields.includes(key) || typeof inner !== 'string') return sealsIn(inner);
    return inner === noSeal ? [] : [inner];
  });
}

const thoughts = (request: SeenRequest): readonly string[] =>
  request.messages.map((message) => message.reasoning.trim()).filter((words) => words !== '');

function assertUnsaid({ body }: SeenRequest, words: readonly string[]): void {
  const sent = JSON.stringify(body);
  for (const word of words) assert.ok(!sent.includes(word), word);
}

/** Codex tells of each change. Gemini takes instructions at the head only: the user says later ones. */
function assertChanges({ messages }: SeenRequest, { name }: Wire, changes: number): void {
  const told = messages.filter((message) => message.text.includes('<model_switch>'));
  assert.equal(told.length, changes);
  for (const { role, text: words } of told) {
    assert.equal(role, name === 'google' ? 'user' : 'system');
    assert.ok(words.includes(baseInstructions.trim()), words);
  }
}

/** Codex with one thread, and two providers that have a model of the same name. */
async function startPair(t: TestContext, wire: Wire, other: Wire) {
  const scope = testScope(t);
  const [a, b] = [await wire.start(scope), await other.start(scope)];
  const providers = { a: a.entry, b: b.entry };
  const { baseUrl, token } = await startProxy(scope, { defaultProvider: 'a', providers });
  const codex = new CodexHome(scope, { baseUrl, token, model: 'a/sim-1' });
  const server = await codex.appServer();
  const thread = await server.startThread();
  scope.add(() => {
    for (const { refusals, unplayed } of [a, b]) assert.deepEqual([refusals, unplayed], [[], 0]);
  });
  /** What Codex shows of a turn that ended well. */
  const ask = async (words: string, model: string): Promise<readonly unknown[]> => {
    const turn = await server.startTurn(thread, words, model);
    assert.equal(at(await turn.completed(), 'status'), 'completed');
    return turn.items('agentMessage').map((item) => at(item, 'text'));
  };
  return { a, b, ask };
}

for (const [index, wire] of wires.entries()) {
  describe(`a thread that begins over ${wire.name}`, () => {
    for (const other of [wire, wires[(index + 1) % wires.length] ?? wire]) {
      const way = other === wire ? 'another provider' : other.name;
      test(`changes to ${way} and back, and nobody is sent the thoughts of the other`, async (t) => {
        const { a, b, ask } = await startPair(t, wire, other);
        a.play(
          [reasoning('A plans.'), call('exec_command', { cmd: 'echo of-a' }, 'call_a')],
          [reasoning('A concludes.'), text('A is done.')],
        );
        assert.deepEqual(await ask('Begin', 'a/sim-1'), ['A is done.']);
        b.play(
          [reasoning('B plans.'), call('exec_command', { cmd: 'echo of-b' }, 'call_b')],
          [text('B is done.')],
        );
        assert.deepEqual(await ask('Go on', 'b/sim-1'), ['B is done.']);
        a.play((request) => {
          // Only thoughts are kept apart: what was done and said is known to both.
          assert.match(resultOf(request, 'call_b').text, /of-b/);
          return [text('A is back.')];
        });
        assert.deepEqual(await ask('Finish', 'a/sim-1'), ['A is back.']);

        const [, afterCall, back] = a.requests;
        const [, afterCallOfB] = b.requests;
        assert.ok(afterCall !== undefined && back !== undefined && afterCallOfB !== undefined);
        assert.deepEqual(thoughts(afterCall), ['A plans.']);
        assert.deepEqual(thoughts(afterCallOfB), ['B plans.']);
        assert.deepEqual(thoughts(back), ['A plans.', 'A concludes.']);

        const sealsOfA = sealsIn(back.body);
        assert.equal(sealsOfA.length, wire.name === 'openai-chat' ? 0 : 2);
        assert.deepEqual(sealsIn(afterCall.body), sealsOfA.slice(0, 1));
        for (const request of b.requests)
          assertUnsaid(request, [...sealsOfA, 'A plans', 'A concludes']);
        assertUnsaid(back, ['B plans']);
        for (const request of [...a.requests, ...b.requests]) assertUnsaid(request, ['ocx1.']);

        assertChanges(afterCallOfB, other, 1);
        assertChanges(back, wire, 2);
      });
    }
  });
}
