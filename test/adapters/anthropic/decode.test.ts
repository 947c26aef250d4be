import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { anthropic } from '../../../src/adapters/anthropic/adapter.ts';
import type { AnthropicQuirks } from '../../../src/adapters/anthropic/quirks.ts';
import type { TurnErrorKind } from '../../../src/turn/error.ts';
import type { TurnEvent } from '../../../src/turn/event.ts';
import { byteByByte, insideCharacters, randomCuts } from '../../support/cuts.ts';
import { decodeAll, type Outcome, outcomeOf } from '../../support/turnEvents.ts';
import { claude } from '../target.ts';

const folder = new URL('../../fixtures/anthropic/', import.meta.url);

/** What an answer comes to; what is not named is empty. */
interface Expected {
  readonly text?: string;
  readonly reasoning?: string;
  readonly carries?: Outcome['carries'];
  readonly calls?: readonly (readonly [id: string | undefined, name: string, args: string])[];
  readonly blocks?: readonly string[];
  readonly usage?: readonly [
    input: number,
    output: number,
    cached: number,
    written: number,
    thinking: number,
  ];
  readonly finish?: string;
  readonly error?: TurnErrorKind;
  readonly message?: RegExp;
  readonly quirks?: AnthropicQuirks;
}

const ls = '{"cmd":"ls"}';
const thinking = (words: string, signature: string) => [
  { type: 'thinking', thinking: words, signature },
];

const answers: Readonly<Record<string, Expected>> = {
  'text.sse': { text: 'Grüß Gott, 世界 🌍!', blocks: ['text'], finish: 'stop' },
  'thinking-and-call.sse': {
    text: 'Listing.',
    reasoning: 'The user wants a listing.',
    carries: [
      thinking('The user wants a listing.', 'EqoB+/sig=='),
      [{ type: 'redacted_thinking', data: 'EmwKAhgB+/data==' }],
    ],
    calls: [['toolu_1', 'exec_command', '{"cmd":"ls \\"é\\""}']],
    blocks: ['reasoning', 'reasoning', 'text', 'call'],
    usage: [137, 60, 100, 30, 25],
    finish: 'stop',
  },
  'parallel-calls.sse': {
    calls: [
      ['toolu_1', 'exec_command', '{"cmd":"pwd"}'],
      ['toolu_2', 'list_goals', '{}'],
      ['toolu_3', 'exec_command', ls],
    ],
    blocks: ['call', 'call', 'call'],
    finish: 'stop',
  },
  'omitted-thinking.sse': {
    text: 'Done.',
    carries: [thinking('', 'Sig/1+='), thinking('', 'Sig/2+=')],
    blocks: ['reasoning', 'reasoning', 'text'],
    finish: 'stop',
  },
  'signature-in-parts.sse': {
    text: 'Done.',
    reasoning: 'Begun.',
    carries: [thinking('Begun.', 'Sig/1+=')],
    blocks: ['reasoning', 'text'],
    finish: 'stop',
  },
  'server-tools.sse': {
    text: 'Let me search.It is forty-two.',
    blocks: ['text', 'text'],
    finish: 'stop',
  },
  'pause.sse': { text: 'Still at it', blocks: ['text'], finish: 'pause' },
  'refusal.sse': {
    text: 'First, you This was declined under the usage policy.',
    blocks: ['text', 'text'],
    finish: 'stop',
  },
  'refusal-unexplained.sse': {
    text: 'claude-opus-5-5 at Acme declined to go on with this request.',
    blocks: ['text'],
    finish: 'stop',
  },
  'refusal-in-call.sse': { error: 'rejected', message: /Declined\./ },
  'max-tokens.sse': { text: 'A long story', blocks: ['text'], finish: 'length' },
  'max-tokens-in-call.sse': { finish: 'length' },
  'context-exceeded.sse': { text: 'Half a', blocks: [], error: 'context_overflow' },
  'overloaded.sse': {
    text: 'Half a',
    usage: [20, 1, 0, 0, 0],
    error: 'overloaded',
    message: /^Acme is overloaded \(Overloaded\)\. /,
  },
  'cut-in-text.sse': { text: 'Half a', usage: [20, 1, 0, 0, 0], error: 'cut' },
  'cut-in-call.sse': { usage: [20, 1, 0, 0, 0], error: 'cut' },
  'cut-after-call.sse': { usage: [20, 1, 0, 0, 0], error: 'cut' },
  'cut-in-event.sse': { text: 'Half a', usage: [20, 1, 0, 0, 0], error: 'cut' },
  'broken-event.sse': {
    text: 'Half a',
    usage: [20, 1, 0, 0, 0],
    error: 'upstream',
    message: /broken event/,
  },
  'spliced.sse': { usage: [20, 1, 0, 0, 0], error: 'upstream', message: /second answer/ },
  'started-twice.sse': { text: 'Once.', blocks: ['text'], finish: 'stop' },
  'blank-text.sse': { calls: [['toolu_1', 'exec_command', ls]], blocks: ['call'], finish: 'stop' },
  'text-after-call.sse': {
    text: 'Ran it.',
    reasoning: 'And now?',
    carries: [thinking('And now?', 'Sig3')],
    calls: [
      ['toolu_1', 'exec_command', ls],
      ['toolu_2', 'exec_command', '{"cmd":"pwd"}'],
    ],
    blocks: ['call', 'text', 'reasoning', 'call'],
    finish: 'stop',
  },
  'unknown.sse': { text: 'Kept this.', blocks: ['text'], finish: 'stop' },
  'wrapped.sse': {
    calls: [
      ['toolu_1', 'query', '{"$top":5}'],
      ['toolu_2', 'query', '{"$top":6}'],
    ],
    blocks: ['call', 'call'],
    finish: 'stop',
  },
  'almost-wrapped.sse': {
    calls: [['toolu_1', 'query', '{"ocx":1}']],
    blocks: ['call'],
    finish: 'stop',
  },
  // Codex tells the model what is wrong with them.
  'bad-arguments.sse': {
    calls: [['toolu_1', 'exec_command', '{"cmd": not json']],
    blocks: ['call'],
    finish: 'stop',
  },
  'compatible.sse': {
    text: 'Listing.',
    reasoning: 'Let me see.',
    carries: [thinking('Let me see.', '')],
    calls: [['call_1', 'exec_command', ls]],
    blocks: ['reasoning', 'text', 'call'],
    usage: [0, 12, 0, 0, 0],
    finish: 'stop',
    quirks: { signatures: 'optional' },
  },
  'compatible-cut.sse': { error: 'cut' },
  'no-stop.sse': { text: 'All said.', blocks: ['text'], finish: 'stop' },
  'whole.json': {
    text: 'Listing.',
    reasoning: 'Hm …',
    carries: [thinking('Hm …', 'Sig+/==')],
    calls: [
      ['toolu_1', 'exec_command', ls],
      ['toolu_2', 'list_goals', '{}'],
    ],
    blocks: ['reasoning', 'text', 'call', 'call'],
    usage: [11, 9, 6, 0, 0],
    finish: 'stop',
  },
  'whole-half.json': { error: 'cut' },
  'whole-error.json': { error: 'overloaded', message: /Overloaded/ },
  'page.json': { error: 'upstream', message: /web page titled "Gateway".*base URL/ },
};

function decode(
  file: string,
  chunks: Iterable<Uint8Array>,
  quirks?: AnthropicQuirks,
): readonly TurnEvent[] {
  const kind = file.endsWith('.sse') ? 'sse' : 'json';
  return decodeAll(anthropic.decoder(claude('claude-opus-5-5', quirks), kind), chunks);
}

function check(file: string, outcome: Outcome, expected: Expected): void {
  const { usage, error } = outcome;
  const [input, output, cached, written, reasoning] = expected.usage ?? [20, 12, 0, 0, 0];
  const whole = file.endsWith('.json') && expected.usage === undefined;
  assert.deepEqual(
    { ...outcome, error: error?.kind },
    {
      text: expected.text ?? '',
      reasoning: expected.reasoning ?? '',
      carries: expected.carries ?? [],
      calls: (expected.calls ?? []).map(([id, name, args]) => ({ id, name, arguments: args })),
      blocks: expected.blocks ?? [],
      usage: whole
        ? undefined
        : {
            inputTokens: input,
            outputTokens: output,
            cachedTokens: cached,
            cacheWriteTokens: written,
            reasoningTokens: reasoning,
          },
      finish: expected.finish,
      error: expected.error,
    },
  );
  assert.equal(usage === undefined, whole);
  if (expected.message !== undefined) assert.match(error?.message ?? '', expected.message);
}

describe('an answer of the Messages API', () => {
  for (const file of readdirSync(folder)) {
    test(`${file} reads the same however it is cut`, () => {
      const expected = answers[file];
      assert.ok(expected, 'nobody says what this fixture means');
      const bytes = readFileSync(new URL(file, folder));
      const whole = decode(file, [bytes], expected.quirks);
      check(file, outcomeOf(whole), expected);
      assert.deepEqual(decode(file, byteByByte(bytes), expected.quirks), whole);
      assert.deepEqual(decode(file, insideCharacters(bytes), expected.quirks), whole);
      for (let seed = 1; seed <= 20; seed++) {
        assert.deepEqual(decode(file, randomCuts(bytes, seed * 7919, 97), expected.quirks), whole);
      }
    });
  }

  test('every prefix of a stream with calls ends without a half call', () => {
    const bytes = readFileSync(new URL('parallel-calls.sse', folder));
    const stop = bytes.indexOf('"stop_reason":"tool_use"');
    for (let length = 0; length < bytes.length; length++) {
      const { calls, error, finish } = outcomeOf(decode('x.sse', [bytes.subarray(0, length)]));
      const complete = length > bytes.indexOf('\n', stop) - 1;
      if (complete) continue;
      assert.deepEqual(calls, []);
      assert.equal(finish, undefined);
      assert.equal(error?.kind, 'cut');
    }
  });

  test('the first call streams while it is written', () => {
    const [first = new Uint8Array()] = readFileSync(
      new URL('thinking-and-call.sse', folder),
      'utf8',
    )
      .split('event: message_delta')
      .map((part) => new TextEncoder().encode(part));
    const decoder = anthropic.decoder(claude(), 'sse');
    const types = decoder.push(first).map((event) => event.type);
    assert.ok(types.includes('call.start'));
    assert.ok(types.filter((type) => type === 'call.delta').length > 1);
    assert.ok(!types.includes('call.end'), 'the step is not over');
  });

  test('nothing at all is a cut', () => {
    assert.equal(outcomeOf(decode('x.sse', [])).error?.kind, 'cut');
    assert.equal(outcomeOf(decode('x.json', [])).error?.kind, 'cut');
  });

  test('gives nothing after its end', () => {
    const bytes = readFileSync(new URL('text.sse', folder));
    const decoder = anthropic.decoder(claude(), 'sse');
    decoder.push(bytes);
    assert.deepEqual(decoder.push(bytes), []);
    assert.deepEqual(decoder.end(), []);
  });
});
