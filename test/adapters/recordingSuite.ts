import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Adapter } from '../../src/adapters/adapter.ts';
import type { Target } from '../../src/adapters/target.ts';
import type { TurnError } from '../../src/turn/error.ts';
import type { TurnEvent } from '../../src/turn/event.ts';
import { byteByByte, insideCharacters, randomCuts } from '../support/cuts.ts';
import { coverage, type Recording, recordingsOf } from '../support/recordings.ts';
import { decodeAll, type Outcome, outcomeOf } from '../support/turnEvents.ts';

/** How the recordings of one wire format are read. */
export interface RecordedWire {
  /** The wire's name in the corpus. */
  readonly name: string;
  readonly adapter: Adapter;
  readonly target: Target;
  /** What an answer says, read without `src/`. */
  truth(recording: Recording, bytes: Uint8Array): unknown;
  /** The decoder's outcome in the same form. */
  reading(outcome: Outcome): unknown;
  /** What a recorded error has to become. */
  checkError(error: TurnError, body: string): void;
}

/** Each recording is a test: it is read right, and the same however it is cut. */
export function testRecordings(wire: RecordedWire): void {
  const { adapter, target } = wire;
  const recordings = recordingsOf(wire.name);
  const ran: Recording[] = [];
  after(() => console.log(coverage(ran)));

  function decode({ kind }: Recording, chunks: Iterable<Uint8Array>): readonly TurnEvent[] {
    return decodeAll(adapter.decoder(target, kind === 'stream' ? 'sse' : 'json'), chunks);
  }

  for (const recording of recordings) {
    const bytes = recording.bytes();
    const { id, status } = recording;
    if (status !== 200) {
      test(`${id} is an error`, () => {
        const body = new TextDecoder().decode(bytes);
        const error = adapter.error({ status, headers: {}, body }, target);
        assert.equal(error.status, status);
        wire.checkError(error, body);
        ran.push(recording);
      });
      continue;
    }
    test(`${id} reads the same however it is cut`, () => {
      const whole = decode(recording, [bytes]);
      assert.deepEqual(wire.reading(outcomeOf(whole)), wire.truth(recording, bytes));
      assert.deepEqual(decode(recording, byteByByte(bytes)), whole);
      assert.deepEqual(decode(recording, insideCharacters(bytes)), whole);
      for (let seed = 1; seed <= 3; seed++) {
        assert.deepEqual(decode(recording, randomCuts(bytes, seed * 7919, 40 ** seed)), whole);
      }
      ran.push(recording);
    });
  }

  if (recordings.length === 0) test('the recordings are not here', { skip: true }, () => undefined);
}
