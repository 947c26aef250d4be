import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventTail } from '../../../src/adapters/openaiResponses/eventTail.ts';
import { errorInStream, outcomeOfStream } from '../../../src/adapters/openaiResponses/outcome.ts';

const encoder = new TextEncoder();

const usage = {
  input_tokens: 7,
  input_tokens_details: { cached_tokens: 4 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 2 },
  total_tokens: 12,
};
const completed = {
  type: 'response.completed',
  response: { id: 'r', status: 'completed', usage, note: 'ü €\n\n' },
};

function streamOf(events: readonly (object | string)[], newline = '\n'): string {
  return events
    .map((event) =>
      typeof event === 'string'
        ? `${event}${newline}${newline}`
        : `event: ${'type' in event ? event.type : ''}${newline}data: ${JSON.stringify(event)}${newline}${newline}`,
    )
    .join('');
}

const events = [
  { type: 'response.created', response: { id: 'r' } },
  { type: 'response.output_text.delta', delta: 'a "response.completed" b' },
  completed,
];

function read(chunks: readonly Uint8Array[]) {
  const tail = new EventTail();
  for (const chunk of chunks) tail.push(chunk);
  return tail;
}

function* everyCut(bytes: Uint8Array): Generator<readonly Uint8Array[]> {
  for (let at = 0; at <= bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)];
  yield Array.from(bytes, (_byte, i) => bytes.subarray(i, i + 1));
}

const expected = {
  status: 'completed',
  error: undefined,
  usage: {
    inputTokens: 7,
    outputTokens: 5,
    cachedTokens: 4,
    cacheWriteTokens: 0,
    reasoningTokens: 2,
  },
};

for (const [name, newline] of [
  ['LF', '\n'],
  ['CRLF', '\r\n'],
  ['CR', '\r'],
] as const) {
  for (const [what, after] of [
    ['nothing', []],
    ['[DONE]', ['data: [DONE]']],
  ] as const) {
    test(`the outcome is found however the stream is cut (${name}, ${what} after it)`, () => {
      const bytes = encoder.encode(streamOf([...events, ...after], newline));
      for (const chunks of everyCut(bytes)) {
        const tail = read(chunks);
        assert.equal(tail.between, true);
        assert.deepEqual(outcomeOfStream(tail.newest()), expected);
      }
    });
  }
}

test('a stream that lacks its last event, or the end of it, has no outcome', () => {
  const whole = streamOf(events);
  const head = streamOf(events.slice(0, 2));
  for (let end = head.length; end < whole.length - 3; end++) {
    const tail = read([encoder.encode(whole.slice(0, end))]);
    assert.equal(outcomeOfStream(tail.newest()), undefined, whole.slice(head.length, end));
  }
});

test('text that quotes a last event is not one', () => {
  const delta = { type: 'response.output_text.delta', delta: streamOf([completed]) };
  const tail = read([encoder.encode(streamOf([delta]))]);
  assert.equal(outcomeOfStream(tail.newest()), undefined);
});

test('it is between two events exactly after each blank line', () => {
  const text = 'event: a\ndata: 1\n\ndata: 2\r\n\r\n: note\r\rdata: 3\n\r\ndata: 4\n';
  const blank = /(?:\n\n|\r\n\r\n|\r\r|\n\r\n)$/;
  const tail = new EventTail();
  assert.equal(tail.between, true);
  for (let i = 0; i < text.length; i++) {
    tail.push(encoder.encode(text[i]));
    const before = text.slice(0, i + 1);
    // After `\n\r` a blank line is complete as well, whether or not a `\n` belongs to it.
    assert.equal(tail.between, blank.test(before) || before.endsWith('\n\r'), before);
  }
});

test('failed, incomplete and error events are told apart', () => {
  const failed = {
    type: 'response.failed',
    response: { status: 'failed', error: { message: 'm' } },
  };
  const incomplete = { type: 'response.incomplete', response: { status: 'incomplete' } };
  const error = { type: 'error', error: { message: 'out of luck' } };
  const outcome = (event: object) =>
    outcomeOfStream(read([encoder.encode(streamOf([event]))]).newest());
  assert.deepEqual(outcome(failed), { status: 'failed', usage: undefined, error: 'm' });
  assert.deepEqual(outcome(incomplete), {
    status: 'incomplete',
    usage: undefined,
    error: undefined,
  });
  assert.equal(outcome(error), undefined);
  assert.equal(errorInStream(read([encoder.encode(streamOf([error]))]).newest()), 'out of luck');
});

test('only the last events are kept', () => {
  const tail = new EventTail();
  const chunk = encoder.encode(streamOf([{ type: 'x', pad: 'y'.repeat(1000) }]));
  for (let i = 0; i < 1000; i++) tail.push(chunk);
  assert.equal([...tail.newest()].length, 2);
});
