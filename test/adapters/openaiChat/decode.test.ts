import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openaiChat } from '../../../src/adapters/openaiChat/adapter.ts';
import { chatQuirksSchema } from '../../../src/adapters/openaiChat/quirks.ts';
import type { TurnEvent } from '../../../src/turn/event.ts';
import { byteByByte, insideCharacters, randomCuts } from '../../support/cuts.ts';
import { at, isRecord, listOf, textAt } from '../../support/json.ts';
import { decodeAll, type Outcome, outcomeOf } from '../../support/turnEvents.ts';
import { chatTarget } from '../target.ts';

const folder = new URL('../../fixtures/openai-chat/', import.meta.url);
const index: unknown = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8'));

/** Only what the fixture speaks of. */
function shown(outcome: Outcome, expected: Readonly<Record<string, unknown>>) {
  const calls = outcome.calls.map(({ id, ...call }) => (id === undefined ? call : { ...call, id }));
  const all: Readonly<Record<string, unknown>> = {
    ...outcome,
    calls,
    error: outcome.error?.kind,
  };
  return Object.fromEntries(Object.keys(expected).map((key) => [key, all[key]]));
}

for (const fixture of listOf(index)) {
  const file = textAt(fixture, 'file');
  const bytes = readFileSync(new URL(file, folder));
  const quirks = chatQuirksSchema.parse(at(fixture, 'quirks') ?? {});
  const expected = at(fixture, 'expect');
  const kind = file.endsWith('.sse') ? 'sse' : 'json';
  const decode = (chunks: Iterable<Uint8Array>): readonly TurnEvent[] =>
    decodeAll(openaiChat.decoder(chatTarget(quirks), kind), chunks);

  test(`${file}: ${textAt(fixture, 'why')}`, () => {
    assert.ok(isRecord(expected));
    const whole = decode([bytes]);
    const outcome = outcomeOf(whole);
    assert.deepEqual(shown(outcome, expected), expected);
    assert.equal(outcome.error === undefined, 'finish' in expected, outcome.error?.message);
    assert.deepEqual(decode(byteByByte(bytes)), whole);
    assert.deepEqual(decode(insideCharacters(bytes)), whole);
    for (let seed = 1; seed <= 5; seed++) {
      assert.deepEqual(decode(randomCuts(bytes, seed * 104_729, 30 * seed)), whole);
    }
  });
}

test('an answer can be framed otherwise than its content type says', () => {
  const text =
    'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n';
  const body = '{"choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}]}';
  for (const [kind, answer] of [
    ['json', text],
    ['sse', body],
  ] as const) {
    const events = decodeAll(openaiChat.decoder(chatTarget(), kind), [Buffer.from(answer)]);
    assert.equal(outcomeOf(events).text, 'Hi');
  }
});

test('an empty answer is a cut one', () => {
  for (const kind of ['sse', 'json'] as const) {
    const [event] = decodeAll(openaiChat.decoder(chatTarget(), kind), []);
    assert.equal(event?.type, 'error');
    assert.equal(event.error.kind, 'cut');
  }
});

test('text and arguments are given as they come, not at the end', () => {
  const decoder = openaiChat.decoder(chatTarget(), 'sse');
  const push = (delta: object): readonly TurnEvent[] =>
    decoder.push(Buffer.from(`data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`));
  assert.deepEqual(push({ content: 'Hi' }), [
    { type: 'text.start' },
    { type: 'text.delta', text: 'Hi' },
  ]);
  const call = { index: 0, id: 'c1', function: { name: 'f', arguments: '{"a"' } };
  assert.deepEqual(push({ tool_calls: [call] }), [
    { type: 'text.end' },
    { type: 'call.start', callId: 'c1', name: 'f' },
    { type: 'call.delta', arguments: '{"a"' },
  ]);
  assert.deepEqual(push({ tool_calls: [{ index: 0, function: { arguments: ':1}' } }] }), [
    { type: 'call.delta', arguments: ':1}' },
  ]);
});

test('nothing follows the end', () => {
  const decoder = openaiChat.decoder(chatTarget(), 'sse');
  const chunk = Buffer.from(
    'data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
  );
  assert.equal(decoder.push(chunk).at(-1)?.type, 'finish');
  assert.deepEqual(decoder.push(chunk), []);
  assert.deepEqual(decoder.end(), []);
});

test('after the finish, the usage chunk ends the answer while the connection stays open', () => {
  const decoder = openaiChat.decoder(chatTarget(), 'sse');
  const finish = '{"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}';
  const usage = '{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}';
  assert.equal(decoder.push(Buffer.from(`data: ${finish}\n\n`)).at(-1)?.type, 'text.delta');
  assert.equal(decoder.push(Buffer.from(`data: ${usage}\n\n`)).at(-1)?.type, 'finish');
});

test('an event without an end is given up at 64 MiB', () => {
  const decoder = openaiChat.decoder(chatTarget(), 'sse');
  const piece = Buffer.from(`data: ${'x'.repeat(8 << 20)}`);
  const events: TurnEvent[] = [];
  for (let sent = 0; sent <= 64 && events.length === 0; sent += 8)
    events.push(...decoder.push(piece));
  assert.equal(events[0]?.type, 'error');
  assert.deepEqual(decoder.end(), []);
});
