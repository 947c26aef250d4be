import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openaiResponses } from '../../../src/adapters/openaiResponses/adapter.ts';
import type { Target } from '../../../src/adapters/target.ts';
import type { TurnEvent } from '../../../src/turn/event.ts';
import { byteByByte, insideCharacters, randomCuts } from '../../support/cuts.ts';
import { coverage, type Recording, recordingsOf } from '../../support/recordings.ts';
import { decodeAll, type Outcome, outcomeOf } from '../../support/turnEvents.ts';
import { type Reading, readStream, readWhole } from './reading.ts';

const recordings = recordingsOf('responses');
const ran: Recording[] = [];
after(() => console.log(coverage(ran)));

const target: Target = {
  provider: 'acme',
  label: 'Acme',
  wire: 'openai-responses',
  baseUrl: 'https://acme.test/v1',
  model: 'acme-1',
  traits: {
    contextWindow: undefined,
    maxOutputTokens: undefined,
    reasoning: undefined,
    efforts: undefined,
    vision: undefined,
  },
  quirks: {},
};

function decode(recording: Recording, chunks: Iterable<Uint8Array>): readonly TurnEvent[] {
  const kind = recording.kind === 'stream' ? 'sse' : 'json';
  return decodeAll(openaiResponses.decoder(target, kind), chunks);
}

/** A decoder's outcome in the form of the independent reading. */
function reading({ text, reasoning, calls, usage, error, finish }: Outcome): Reading {
  return {
    text,
    reasoning,
    calls: calls.map((call) => ({ ...call, id: call.id ?? '' })),
    usage: usage && {
      input: usage.inputTokens,
      output: usage.outputTokens,
      cached: usage.cachedTokens,
      reasoning: usage.reasoningTokens,
    },
    end: error === undefined ? (finish ?? '') : 'error',
  };
}

function expectedKind(status: number, body: string): string {
  if (status === 401) return 'auth';
  if (body.includes('billing')) return 'billing';
  return body.includes('context_length_exceeded') ? 'context_overflow' : 'rejected';
}

for (const recording of recordings) {
  const bytes = recording.bytes();
  if (recording.status !== 200) {
    test(`${recording.id} is an error`, () => {
      const body = new TextDecoder().decode(bytes);
      const error = openaiResponses.error({ status: recording.status, headers: {}, body }, target);
      assert.equal(error.status, recording.status);
      assert.equal(error.kind, expectedKind(recording.status, body));
      assert.match(error.message, /Acme.*\(4\d\d: .{10,}\)/);
      ran.push(recording);
    });
    continue;
  }
  test(`${recording.id} reads the same however it is cut`, () => {
    const whole = decode(recording, [bytes]);
    const truth = recording.kind === 'stream' ? readStream(bytes) : readWhole(bytes);
    assert.deepEqual(reading(outcomeOf(whole)), truth);
    assert.deepEqual(decode(recording, byteByByte(bytes)), whole);
    assert.deepEqual(decode(recording, insideCharacters(bytes)), whole);
    for (let seed = 1; seed <= 3; seed++) {
      assert.deepEqual(decode(recording, randomCuts(bytes, seed * 7919, 40 ** seed)), whole);
    }
    ran.push(recording);
  });
}

if (recordings.length === 0) test('the recordings are not here', { skip: true }, () => undefined);
