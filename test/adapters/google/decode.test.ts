import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { google } from '../../../src/adapters/google/adapter.ts';
import type { TurnErrorKind } from '../../../src/turn/error.ts';
import type { TurnEvent } from '../../../src/turn/event.ts';
import { byteByByte, insideCharacters, randomCuts } from '../../support/cuts.ts';
import { decodeAll, outcomeOf } from '../../support/turnEvents.ts';
import { gemini } from '../target.ts';

const folder = new URL('../../fixtures/google/', import.meta.url);

/** What an answer comes to; what is not named is empty. */
interface Expected {
  readonly text?: string;
  readonly reasoning?: string;
  readonly carries?: readonly object[];
  readonly calls?: readonly (readonly [id: string | undefined, name: string, args: string])[];
  readonly blocks?: readonly string[];
  readonly usage?: readonly [input: number, output: number, cached: number, thoughts: number];
  readonly finish?: string;
  readonly error?: TurnErrorKind;
  readonly message?: RegExp;
}

const ls = '{"cmd":"ls"}';
const onCall = (signature: string): object => ({ part: 'call', signature });
const onText = (signature: string, length: number): object => ({ part: 'text', signature, length });

const answers: Readonly<Record<string, Expected>> = {
  'text.sse': {
    text: 'Grüß Gott, 世界 🌍!',
    blocks: ['text'],
    usage: [10, 6, 0, 0],
    finish: 'stop',
  },
  'signed-text.sse': {
    text: 'There are three.',
    carries: [onText('Ev+/text==', 0)],
    blocks: ['text', 'reasoning'],
    usage: [9, 44, 0, 40],
    finish: 'stop',
  },
  'signed-in-the-middle.sse': {
    text: 'One two three.',
    carries: [onText('Sig2', 3), onText('Sig3', 0)],
    blocks: ['text', 'reasoning', 'text', 'reasoning'],
    finish: 'stop',
  },
  'thoughts-and-call.sse': {
    text: 'Listing.',
    reasoning: '**Look**\n\nThe user wants a listing.\n\n\n**Run**\n\nI run ls.\n\n\n',
    carries: [onCall('Ev+/call==')],
    calls: [['call_883098', 'exec_command', '{"cmd":"ls \\"é\\""}']],
    blocks: ['reasoning', 'text', 'reasoning', 'call'],
    usage: [137, 46, 80, 31],
    finish: 'stop',
  },
  'thought-then-call.sse': {
    reasoning: 'I run it.',
    carries: [onCall('SigC')],
    calls: [['c1', 'exec_command', ls]],
    blocks: ['reasoning', 'call'],
    finish: 'stop',
  },
  'parallel-calls.sse': {
    carries: [onCall('Sig1')],
    calls: [
      ['a1b2c3d4', 'exec_command', '{"cmd":"pwd"}'],
      [undefined, 'list_goals', '{}'],
      ['e5f6g7h8', 'exec_command', ls],
    ],
    blocks: ['reasoning', 'call', 'call', 'call'],
    finish: 'stop',
  },
  'text-after-call.sse': {
    text: 'Ran it.',
    reasoning: 'And now?',
    carries: [onCall('Sig1'), onCall('Sig2')],
    calls: [
      ['c1', 'exec_command', ls],
      ['c2', 'exec_command', '{"cmd":"pwd"}'],
    ],
    blocks: ['reasoning', 'call', 'text', 'reasoning', 'call'],
    finish: 'stop',
  },
  'signed-thought.sse': {
    text: 'Done.',
    reasoning: 'First. Then.',
    carries: [{ part: 'thought', signature: 'SigT', length: 5 }],
    blocks: ['reasoning', 'text'],
    finish: 'stop',
  },
  'bare-signature.sse': {
    text: 'Done.',
    carries: [onText('SigB', 0)],
    blocks: ['reasoning', 'text'],
    finish: 'stop',
  },
  'blank-text.sse': {
    carries: [onText('SigX', 0)],
    calls: [[undefined, 'exec_command', ls]],
    blocks: ['call', 'reasoning'],
    finish: 'stop',
  },
  'default-api.sse': {
    calls: [
      [undefined, 'exec_command', ls],
      [undefined, 'exec_command', ls],
    ],
    blocks: ['call', 'call'],
    finish: 'stop',
  },
  'empty-arguments.sse': {
    calls: [
      [undefined, 'list_goals', '{}'],
      [undefined, 'list_goals', '{}'],
    ],
    blocks: ['call', 'call'],
    finish: 'stop',
  },
  'server-tools.sse': {
    text: 'It is forty-two.',
    blocks: ['text'],
    usage: [406, 20, 0, 12],
    finish: 'stop',
  },
  'reason-everywhere.sse': {
    text: 'Half and half.',
    blocks: ['text'],
    usage: [5, 4, 0, 0],
    finish: 'stop',
  },
  'usage-without-counts.sse': {
    text: 'Yes.',
    blocks: ['text'],
    usage: [5, 1, 0, 0],
    finish: 'stop',
  },
  'done-mark.sse': { text: 'Yes.', blocks: ['text'], finish: 'stop' },
  'no-blank-line.sse': { text: 'Yes.', blocks: ['text'], finish: 'stop' },
  'unknown.sse': { text: 'Kept this.', blocks: ['text'], finish: 'stop' },
  'second-candidate.sse': { text: 'First.', blocks: ['text'], finish: 'stop' },
  'max-tokens.sse': {
    text: 'A long story',
    blocks: ['text'],
    usage: [20, 30, 0, 0],
    finish: 'length',
  },
  'max-tokens-in-call.sse': {
    text: 'I run it.',
    blocks: ['text'],
    usage: [20, 30, 0, 0],
    finish: 'length',
  },
  'max-tokens-thinking.sse': {
    reasoning: 'Hm.',
    blocks: ['reasoning'],
    usage: [15, 2, 0, 2],
    finish: 'length',
  },
  'safety.sse': {
    text: 'First, you ',
    blocks: ['text'],
    usage: [20, 3, 0, 0],
    finish: 'content_filter',
  },
  'safety-after-call.sse': { finish: 'content_filter' },
  'blocked-prompt.sse': { usage: [9, 0, 0, 0], finish: 'content_filter' },
  'malformed-call.sse': {
    text: 'I call.',
    usage: [20, 0, 0, 0],
    error: 'upstream',
    message: /MALFORMED_FUNCTION_CALL: Malformed function call: print\(exec/,
  },
  'malformed-after-call.sse': { error: 'upstream', message: /MALFORMED_FUNCTION_CALL/ },
  'other.sse': { text: 'Half', error: 'upstream', message: /OTHER/ },
  'missing-signature.sse': { error: 'rejected', message: /MISSING_THOUGHT_SIGNATURE/ },
  'continuation.sse': {
    text: 'Part one',
    blocks: ['text'],
    usage: [20, 65_536, 0, 0],
    finish: 'pause',
  },
  'continuation-thinking.sse': {
    reasoning: 'Still thinking',
    blocks: ['reasoning'],
    finish: 'length',
  },
  'continuation-after-call.sse': { text: 'So:', blocks: ['text'], finish: 'length' },
  'empty.sse': { usage: [20, 0, 0, 0], error: 'upstream', message: /answer is empty/ },
  'empty-signed.sse': {
    reasoning: 'Hm.',
    carries: [onText('SigY', 0)],
    blocks: ['reasoning', 'reasoning'],
    usage: [20, 5, 0, 5],
    error: 'upstream',
    message: /answer is empty/,
  },
  'error-in-stream.sse': {
    text: 'Half a',
    usage: [20, 1, 0, 0],
    error: 'overloaded',
    message: /^Acme is overloaded \(503: The model is overloaded\. Please try again later\.\)\. /,
  },
  'error-by-status.sse': { text: 'Half a', error: 'rate_limit', message: /RESOURCE_EXHAUSTED/ },
  'error-in-list.sse': { text: 'Half a', error: 'upstream', message: /Internal error/ },
  'error-flat.sse': { error: 'rate_limit', message: /slow down/ },
  'error-cancelled.sse': { error: 'upstream', message: /cancelled/ },
  'cut-in-text.sse': { text: 'Half a', usage: [20, 1, 0, 0], error: 'cut' },
  'cut-at-once.sse': { error: 'cut' },
  'cut-after-call.sse': { text: 'I run it.', blocks: ['text'], usage: [20, 1, 0, 0], error: 'cut' },
  'cut-in-event.sse': { text: 'Half a', usage: [20, 1, 0, 0], error: 'cut' },
  'broken-event.sse': {
    text: 'Half a',
    usage: [20, 1, 0, 0],
    error: 'upstream',
    message: /broken event/,
  },
  'partial-arguments.sse': {
    carries: [onCall('SigP')],
    calls: [
      [
        'p1',
        'write',
        '{"path":"notes/ü.txt","lines":[{"n":1,"ok":false},{"n":2.5}],"odd name":{"x.y":"z"},"none":null,"__proto__":{"polluted":true}}',
      ],
      [undefined, 'read', '{"id":"A"}'],
    ],
    blocks: ['reasoning', 'call', 'call'],
    usage: [10, 20, 0, 0],
    finish: 'stop',
  },
  'partial-arguments-cut.sse': { error: 'cut' },
  'partial-arguments-half.sse': { error: 'cut' },
  'partial-arguments-stray.sse': { text: 'Fine.', blocks: ['text'], finish: 'stop' },
  'whole.json': {
    text: 'Listing.',
    reasoning: '**Look**\n\nA listing.',
    carries: [onCall('Ev+/call==')],
    calls: [
      ['call_883098', 'exec_command', ls],
      [undefined, 'exec_command', '{"cmd":"pwd"}'],
    ],
    blocks: ['reasoning', 'text', 'reasoning', 'call', 'call'],
    usage: [100, 43, 80, 31],
    finish: 'stop',
  },
  'whole-signed-text.json': {
    text: 'Hello!',
    carries: [onText('Ev+/text==', 6)],
    blocks: ['text', 'reasoning'],
    usage: [5, 2, 0, 0],
    finish: 'stop',
  },
  'whole-stream.json': {
    text: 'Half and half.',
    blocks: ['text'],
    usage: [5, 4, 0, 0],
    finish: 'stop',
  },
  'whole-error.json': { error: 'auth', message: /API key not valid/ },
  'whole-foreign.json': { error: 'upstream', message: /Not Found/ },
  'whole-unfinished.json': { text: 'Half a', usage: [5, 2, 0, 0], error: 'cut' },
  'whole-half.json': { error: 'cut' },
  'page.json': { error: 'upstream', message: /web page titled "Sign in"/ },
  'nothing.json': { error: 'cut' },
};

function decode(name: string, chunks: Iterable<Uint8Array>): readonly TurnEvent[] {
  return decodeAll(google.decoder(gemini(), name.endsWith('.sse') ? 'sse' : 'json'), chunks);
}

describe('an answer', () => {
  for (const [name, expected] of Object.entries(answers)) {
    const bytes = readFileSync(new URL(name, folder));
    test(`like ${name} is read, however it is cut`, () => {
      const events = decode(name, [bytes]);
      const { usage, error, ...outcome } = outcomeOf(events);
      assert.deepEqual(
        {
          ...outcome,
          calls: outcome.calls.map((call) => [call.id, call.name, call.arguments]),
          usage: usage && [
            usage.inputTokens,
            usage.outputTokens,
            usage.cachedTokens,
            usage.reasoningTokens,
          ],
          error: error?.kind,
        },
        {
          text: expected.text ?? '',
          reasoning: expected.reasoning ?? '',
          carries: expected.carries ?? [],
          calls: expected.calls ?? [],
          blocks: expected.blocks ?? [],
          usage: expected.usage,
          finish: expected.finish,
          error: expected.error,
        },
      );
      if (expected.message !== undefined) assert.match(error?.message ?? '', expected.message);
      assert.deepEqual(decode(name, byteByByte(bytes)), events);
      assert.deepEqual(decode(name, insideCharacters(bytes)), events);
      for (let seed = 1; seed <= 5; seed++) {
        assert.deepEqual(decode(name, randomCuts(bytes, seed * 7919, 9 ** seed)), events);
      }
    });
  }

  test('has a fixture for every shape that is listed, and no others', () => {
    assert.deepEqual(readdirSync(folder).sort(), Object.keys(answers).sort());
  });

  for (const reason of [
    ...['SAFETY', 'RECITATION', 'LANGUAGE', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII'],
    ...['MODEL_ARMOR', 'IMAGE_SAFETY', 'IMAGE_PROHIBITED_CONTENT', 'IMAGE_RECITATION'],
  ]) {
    test(`that ends with ${reason} was withheld`, () => {
      assert.equal(outcomeOf(ending(reason)).finish, 'content_filter');
    });
  }

  for (const reason of [
    ...['UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS', 'MALFORMED_RESPONSE', 'NO_IMAGE', 'OTHER'],
    ...['FINISH_REASON_UNSPECIFIED', 'SOMETHING_NEW'],
  ]) {
    test(`that ends with ${reason} has failed`, () => {
      const { error } = outcomeOf(ending(reason));
      assert.equal(error?.kind, 'upstream');
      assert.match(error?.message ?? '', new RegExp(reason));
    });
  }

  test('streams its words as they come, and its calls when the step is over', () => {
    const decoder = google.decoder(gemini(), 'sse');
    const give = (part: object, finishReason?: string): readonly string[] =>
      decoder.push(event(part, finishReason)).map(({ type }) => type);
    assert.deepEqual(give({ text: 'Hm.', thought: true }), ['reasoning.start', 'reasoning.delta']);
    const section = { text: '**Plan**\nGo.', thought: true };
    assert.deepEqual(give(section), ['reasoning.part', 'reasoning.delta']);
    const words = ['reasoning.end', 'text.start', 'text.delta'];
    assert.deepEqual(give({ text: 'So: ' }), words);
    assert.deepEqual(give({ text: '**bold** ' }), ['text.delta']);
    assert.deepEqual(give({ functionCall: { name: 'f' }, thoughtSignature: 'S' }), ['text.end']);
    assert.deepEqual(give({ text: 'After.' }, 'STOP'), []);
    assert.deepEqual(
      decoder.end().map(({ type }) => type),
      [
        ...['reasoning.start', 'reasoning.end', 'call.start', 'call.delta', 'call.end'],
        ...['text.start', 'text.delta', 'text.end', 'finish'],
      ],
    );
    assert.deepEqual(decoder.push(event({ text: 'Late.' })), []);
    assert.deepEqual(decoder.end(), []);
  });
});

function event(part: object, finishReason?: string): Uint8Array {
  const candidate = { content: { parts: [part] }, ...(finishReason && { finishReason }) };
  return new TextEncoder().encode(`data: ${JSON.stringify({ candidates: [candidate] })}\n\n`);
}

function ending(reason: string): readonly TurnEvent[] {
  return decodeAll(google.decoder(gemini(), 'sse'), [event({ text: 'Words.' }, reason)]);
}
