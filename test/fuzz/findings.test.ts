import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adapterFor } from '../../src/adapters/registry.ts';
import { parseConfig } from '../../src/config/text.ts';
import { dropSealed } from '../../src/responses/reasoning.ts';
import { ResponseStream } from '../../src/responses/stream.ts';
import { chatTarget, gemini } from '../adapters/target.ts';
import { decoded, functionTool } from '../responses/samples.ts';
import { assertValidEvents } from '../support/responsesSchema.ts';

// What the fuzzers found, each in its smallest form.

test('an item that looks whole and is no JSON stays as it is', () => {
  const body = new TextEncoder().encode('{"model":"m","input":[{"a":1"b":"ocx1.x"}]}');
  assert.equal(dropSealed(body), body);
});

test('a status that is no text and no number is no status', () => {
  const target = chatTarget();
  const body = JSON.stringify({ error: { message: 'No.', code: { toString: 2, valueOf: 3 } } });
  const error = adapterFor(target.wire).error({ status: 400, headers: {}, body }, target);
  assert.match(error.message, /No\./);
});

test('half a character in a name, an id or an error does not cost the event', () => {
  const { reply } = decoded({ input: 'q', tools: [functionTool('run')] });
  const stream = new ResponseStream(reply);
  const target = chatTarget();
  const error = adapterFor(target.wire).error(
    { status: 500, headers: {}, body: '{"error":{"message":"broken \\ud800"}}' },
    target,
  );
  const events = assertValidEvents(
    stream.write([
      { type: 'call.start', callId: 'call_of_\ud800_somebody', name: 'run\ud800' },
      { type: 'call.delta', arguments: '{}' },
      { type: 'call.end' },
      { type: 'error', error },
    ]),
  );
  assert.equal(events.at(-1)?.['type'], 'response.failed');
});

test('the words of a provider are quoted at a length that can be read, without keys', () => {
  const target = gemini();
  const finishMessage = `Blocked sk-canary-0123456789abcdef ${'because '.repeat(2_000)}`;
  const answer = JSON.stringify({ candidates: [{ finishReason: 'OTHER', finishMessage }] });
  const decoder = adapterFor(target.wire).decoder(target, 'sse');
  const events = [
    ...decoder.push(new TextEncoder().encode(`data: ${answer}\n\n`)),
    ...decoder.end(),
  ];
  const last = events.at(-1);
  assert.ok(last?.type === 'error');
  assert.ok(last.error.message.length < 2_000, `${last.error.message.length}`);
  assert.ok(!last.error.message.includes('canary'), last.error.message);
});

test('a field or a value of any length makes a message that can be read', () => {
  const long = 'x'.repeat(5_000);
  for (const value of [{ providers: { [long]: 1 } }, { providers: { a: { adapter: long } } }]) {
    const parsed = parseConfig('/config.json', JSON.stringify(value));
    assert.ok(!parsed.ok && parsed.error.message.length < 600, 'a long message');
  }
});
