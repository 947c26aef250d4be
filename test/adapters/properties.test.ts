import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Target } from '../../src/adapters/target.ts';
import { translate } from '../../src/adapters/translate.ts';
import { sealReasoning } from '../../src/responses/reasoning.ts';
import type { Json } from '../../src/turn/turn.ts';
import { Random } from '../responses/random.ts';
import { at, isRecord, listOf } from '../support/json.ts';
import { ReasoningLedger } from '../support/responsesLedger.ts';
import { refusalOf } from '../support/responsesRules.ts';
import { called, fn, returned, said } from '../support/session.ts';
import { chatTarget, claude, gemini, responsesTarget } from './target.ts';

/** What a wire looks like from outside: read here without `src/`. */
interface WireView {
  readonly name: string;
  readonly target: Target;
  /** Reasoning as its provider gives it. */
  readonly carry: Json;
  /** Where instructions and tools stand, which every request of a session repeats. */
  readonly fixed: readonly string[];
  readonly conversation: string;
  /** Ids (or names, where there are none) of calls and of results, and what others say between. */
  steps(body: unknown): readonly (readonly ['call' | 'result' | 'other', string])[];
}

type Mark = readonly ['call' | 'result' | 'other', string];
const other: Mark = ['other', ''];

function chatSteps(body: unknown): readonly Mark[] {
  return listOf(at(body, 'messages')).flatMap((message): Mark[] => {
    if (at(message, 'role') === 'tool') return [['result', String(at(message, 'tool_call_id'))]];
    const calls = listOf(at(message, 'tool_calls')).map(
      (call): Mark => ['call', String(at(call, 'id'))],
    );
    return [other, ...calls];
  });
}

function claudeSteps(body: unknown): readonly Mark[] {
  return listOf(at(body, 'messages')).flatMap((message) =>
    listOf(at(message, 'content')).flatMap((block): Mark[] => {
      if (at(block, 'type') === 'tool_use') return [['call', String(at(block, 'id'))]];
      if (at(block, 'type') === 'tool_result')
        return [['result', String(at(block, 'tool_use_id'))]];
      // Between calls of one message the model may have thought.
      return at(message, 'role') === 'assistant' ? [] : [other];
    }),
  );
}

function geminiSteps(body: unknown): readonly Mark[] {
  const key = (of: unknown): string => String(at(of, 'id') ?? at(of, 'name'));
  return listOf(at(body, 'contents')).flatMap((content) =>
    listOf(at(content, 'parts')).flatMap((part): Mark[] => {
      const call = at(part, 'functionCall');
      const response = at(part, 'functionResponse');
      if (isRecord(call)) return [['call', key(call)]];
      if (isRecord(response)) return [['result', key(response)]];
      return at(content, 'role') === 'model' ? [] : [other];
    }),
  );
}

function responsesSteps(body: unknown): readonly Mark[] {
  return listOf(at(body, 'input')).map((item): Mark => {
    const id = String(at(item, 'call_id'));
    if (at(item, 'type') === 'function_call') return ['call', id];
    return at(item, 'type') === 'function_call_output' ? ['result', id] : other;
  });
}

const chat = {
  carry: { field: 'reasoning_content' },
  fixed: ['tools'],
  conversation: 'messages',
  steps: chatSteps,
};
const anthropic = { fixed: ['system', 'tools'], conversation: 'messages', steps: claudeSteps };
const thinking = [{ type: 'thinking', thinking: 'Hm.', signature: 'Eq==' }];
const google = {
  carry: { part: 'call', signature: 'Sig=' },
  fixed: ['systemInstruction', 'tools'],
  conversation: 'contents',
  steps: geminiSteps,
};
const responses = {
  fixed: ['instructions', 'tools'],
  conversation: 'input',
  steps: responsesSteps,
};

const ledger = new ReasoningLedger();
const { type: _, ...item } = ledger.think('acme-large', 'Hm.', true);
const issued: Json = JSON.parse(JSON.stringify(item));

const wires: readonly WireView[] = [
  { ...chat, name: 'Chat', target: chatTarget({ reasoningReplay: 'field_always' }) },
  {
    ...chat,
    name: 'Mistral-like Chat',
    target: chatTarget({ toolCallIds: 'alnum9', assistantAfterTool: true }),
  },
  { ...chat, name: 'leading Chat', target: chatTarget({ systemPlace: 'leading' }) },
  { ...anthropic, carry: thinking, name: 'Anthropic', target: claude() },
  { ...anthropic, carry: thinking, name: 'older Claude', target: claude('claude-haiku-4-5') },
  { ...google, name: 'Gemini', target: gemini() },
  { ...google, name: 'older Gemini', target: gemini('gemini-2.5-flash') },
  { ...responses, carry: issued, name: 'Responses', target: responsesTarget() },
];

function sent(body: object, target: Target): { readonly text: string; readonly body: unknown } {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const translation = translate(bytes, `acme/${target.model}`, target);
  assert.ok(translation.ok, translation.ok ? '' : translation.error.message);
  const text = new TextDecoder().decode(translation.request.body);
  return { text, body: JSON.parse(text) };
}

const patchTool = {
  type: 'custom',
  name: 'apply_patch',
  description: 'P',
  format: { type: 'text' },
};
const tools = [
  fn('run', { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] }),
  patchTool,
  {
    type: 'namespace',
    name: 'mcp__srv',
    description: 'S',
    tools: [fn('echo'), fn('x'.repeat(90))],
  },
  { type: 'tool_search', execution: 'client', description: 'Finds', parameters: {} },
];
const found = (name: string): object => ({
  type: 'namespace',
  name: 'mcp__late',
  description: 'Late',
  tools: [fn(name)],
});

function anyItem(random: Random, { target, carry }: WireView): object {
  const id = random.pick(['a', 'b', 'call_1|fc', 'x'.repeat(90), '']);
  const words = random.pick(['Go on.', 'Häm 漢 😀', ' ', '"}\\']);
  const seal = (provider: string): string => sealReasoning(provider, target.model, carry);
  switch (random.below(9)) {
    case 0:
      return said('user', words);
    case 1:
      return said('assistant', words);
    case 2:
      return said('developer', words);
    case 3:
      return {
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: 'Hm.' }],
        encrypted_content: random.pick(['gAAAA', seal('acme'), seal('other'), null]),
      };
    case 4:
    case 5:
      return called(id, random.pick(['run', 'gone']), random.pick(['{"cmd":"ls"}', 'broken', '']));
    case 6:
      return { type: 'custom_tool_call', call_id: id, name: 'apply_patch', input: words };
    default:
      return returned(id, words);
  }
}

for (const wire of wires) {
  describe(`over ${wire.name}`, () => {
    test('any history keeps each call with its one result, and always gives the same bytes', () => {
      let calls = 0;
      for (let seed = 1; seed <= 200; seed += 1) {
        const random = new Random(seed);
        const input = Array.from({ length: 1 + random.below(25) }, () => anyItem(random, wire));
        const body = { model: 'm', input: [said('user', 'q'), ...input], tools, stream: true };
        const first = sent(body, wire.target);
        assert.equal(sent(body, wire.target).text, first.text, `seed ${seed}`);
        const open: string[] = [];
        for (const [kind, id] of wire.steps(first.body)) {
          if (kind === 'result') assert.equal(open.shift(), id, `seed ${seed}`);
          else if (kind === 'call') open.push(id);
          else assert.ok(open.length === 0, `seed ${seed}: a call without its result`);
          calls += kind === 'call' ? 1 : 0;
        }
        assert.deepEqual(open, [], `seed ${seed}`);
        const asked = input.filter((one) => 'name' in one).length;
        const told = wire.steps(first.body).filter(([kind]) => kind === 'call').length;
        assert.equal(told, asked, `seed ${seed}: ${told} of ${asked} calls`);
        if (wire.target.wire !== 'openai-responses') continue;
        const dialect = { models: ['acme-large'], efforts: ['low', 'medium', 'high'] };
        assert.equal(refusalOf(first.body, dialect, ledger), undefined, `seed ${seed}`);
      }
      assert.ok(calls > 500, `only ${calls}`);
    });

    test('a conversation that grows repeats every byte of before', () => {
      for (let seed = 1; seed <= 20; seed += 1) {
        const bodies = growing(new Random(seed), wire).map((input) =>
          unmarked(sent({ model: 'm', input, tools, stream: true }, wire.target).body),
        );
        for (const [index, body] of bodies.entries()) {
          const before = bodies[index - 1];
          if (before === undefined) continue;
          for (const key of wire.fixed) assertGrown(at(before, key), at(body, key));
          assertGrown(at(before, wire.conversation), at(body, wire.conversation));
        }
      }
    });

    test('thoughts of another model of the same provider do not come back', () => {
      const { target, carry } = wire;
      const history = (model: string): object => ({
        model: 'm',
        tools,
        input: [
          said('user', 'Go'),
          {
            type: 'reasoning',
            summary: [],
            encrypted_content: sealReasoning('acme', model, carry),
          },
          called('a'),
          returned('a', 'ok'),
        ],
      });
      const marks = /Eq==|Sig=|"reasoning"/.test(JSON.stringify(carry)) || wire.carry === issued;
      const own = sent(history(target.model), target).text;
      const snapshot = sent(history(`${target.model}-20261001`), target).text;
      const others = sent(history('another-model'), target).text;
      assert.equal(snapshot, own, 'a snapshot is of the same family');
      if (marks) {
        assert.match(own, /Eq==|Sig=|encrypted_content":/);
        assert.notEqual(others, own);
      }
      assert.doesNotMatch(others, /Eq==|Sig=|encrypted_content":/);
    });
  });
}

/** One session, request by request, as Codex sends it. */
function growing(random: Random, { target, carry }: WireView): readonly (readonly object[])[] {
  const input: object[] = [said('developer', 'Base prompt.'), said('user', 'q')];
  const requests = [[...input]];
  for (let n = 0; n < 6; n += 1) {
    if (random.chance(60))
      input.push({
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: `Thought ${n}.` }],
        encrypted_content: sealReasoning('acme', target.model, carry),
      });
    if (random.chance(40)) input.push(said('assistant', `Saying ${n}.`));
    if (random.chance(20)) {
      input.push(
        {
          type: 'tool_search_call',
          call_id: `s${n}`,
          execution: 'client',
          arguments: { query: 'q' },
        },
        { type: 'tool_search_output', call_id: `s${n}`, tools: [found(`note_${n}`)] },
      );
    } else {
      input.push(called(`a${n}`, 'run', `{"cmd":"${n}"}`), called(`b${n}`, 'run'));
      input.push(returned(`a${n}`, `out ${n}`), returned(`b${n}`, ''));
    }
    requests.push([...input]);
    if (random.chance(40)) {
      input.push(said('assistant', `Done ${n}.`), said('user', `And ${n}?`));
      if (random.chance(30)) input.push(said('developer', `<model_switch> ${n}`));
      requests.push([...input]);
    }
  }
  return requests;
}

/** Without the marks of Anthropic's cache, which move with the end of the conversation. */
function unmarked(body: unknown): unknown {
  return JSON.parse(
    JSON.stringify(body, (key, value) => (key === 'cache_control' ? undefined : value)),
  );
}

/** The earlier value is the beginning of the later one, byte for byte; only its closing brackets may move. */
function assertGrown(before: unknown, after: unknown): void {
  const start = (JSON.stringify(before) ?? '').replace(/[\]}]*$/, '');
  assert.equal((JSON.stringify(after) ?? '').slice(0, start.length), start);
}
