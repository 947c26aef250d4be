import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { google } from '../../../src/adapters/google/adapter.ts';
import type { Target } from '../../../src/adapters/target.ts';
import { decodeRequest } from '../../../src/responses/request.ts';
import { ResponseStream } from '../../../src/responses/stream.ts';
import {
  type GeminiReading,
  readGeminiStream,
  readGeminiWhole,
} from '../../support/geminiRecordings.ts';
import { at, isRecord, type JsonRecord, listOf, textAt } from '../../support/json.ts';
import { recordingsOf } from '../../support/recordings.ts';
import { decodeAll } from '../../support/turnEvents.ts';
import { gemini } from '../target.ts';

/** Without ids and excuses: what comes back is then only what came. */
const plain = gemini('gemini-2.5-flash');

const question = { type: 'message', role: 'user', content: 'Hello' };

function decoded(input: readonly unknown[], names: readonly string[], target: Target) {
  const tools = names.map((name) => ({ type: 'function', name, parameters: {}, strict: false }));
  const body = new TextEncoder().encode(JSON.stringify({ model: 'x', input, tools, stream: true }));
  const { provider, model } = target;
  const request = decodeRequest(body, {
    requestedModel: `${provider}/${model}`,
    provider,
    model,
    rewriteIdentity: false,
  });
  assert.ok(request.ok, JSON.stringify(request));
  return request;
}

/** The items that Codex keeps of an answer. */
function itemsOf(
  bytes: Uint8Array,
  kind: 'sse' | 'json',
  names: readonly string[],
  target: Target,
) {
  const stream = new ResponseStream(decoded([question], names, target).reply);
  const sse = stream.write(decodeAll(google.decoder(target, kind), [bytes]));
  assert.equal(stream.status, 'completed', sse.slice(-500));
  return sse
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line): unknown => JSON.parse(line.slice('data:'.length)))
    .filter((event) => at(event, 'type') === 'response.output_item.done')
    .map((event) => at(event, 'item'))
    .filter(isRecord);
}

/** The model's content in the next request to `target`. */
function sentBack(items: readonly JsonRecord[], names: readonly string[], target: Target) {
  const results = items
    .filter((item) => item['type'] === 'function_call')
    .map((item) => ({
      type: 'function_call_output',
      call_id: textAt(item, 'call_id'),
      output: 'ok',
    }));
  const input = [question, ...items, ...results, { ...question, content: 'Go on' }];
  const { turn } = decoded(input, names, target);
  const body: unknown = JSON.parse(google.encode(turn, target).body);
  return listOf(at(body, 'contents', 1, 'parts'));
}

const namesOf = (reading: GeminiReading): readonly string[] => [
  ...new Set(reading.calls.map((call) => call.name)),
];

describe('what a model answered, sent back to it', () => {
  const folder = new URL('../../fixtures/google/', import.meta.url);
  for (const name of [
    ...['text.sse', 'signed-text.sse', 'signed-in-the-middle.sse', 'thoughts-and-call.sse'],
    ...['thought-then-call.sse', 'parallel-calls.sse', 'text-after-call.sse', 'bare-signature.sse'],
    ...['signed-thought.sse', 'whole.json', 'whole-signed-text.json'],
  ]) {
    test(`has each signature on the part on which it came: ${name}`, () => {
      const bytes = readFileSync(new URL(name, folder));
      const isStream = name.endsWith('.sse');
      const reading = isStream ? readGeminiStream(bytes) : readGeminiWhole(bytes);
      const names = namesOf(reading);
      const items = itemsOf(bytes, isStream ? 'sse' : 'json', names, plain);
      assert.deepEqual(sentBack(items, names, plain), reading.replay);
    });
  }

  for (const recording of recordingsOf('gemini')) {
    const bytes = recording.bytes();
    const isStream = recording.kind === 'stream';
    const reading = isStream ? readGeminiStream(bytes) : readGeminiWhole(bytes);
    if (reading.end !== 'stop') continue;
    test(`has each signature on the part on which it came: ${recording.id}`, () => {
      const names = namesOf(reading);
      const items = itemsOf(bytes, isStream ? 'sse' : 'json', names, plain);
      assert.deepEqual(sentBack(items, names, plain), reading.replay);
    });
  }

  const bytes = readFileSync(new URL('parallel-calls.sse', folder));
  const names = ['exec_command', 'list_goals'];
  const signatures = (target: Target): readonly unknown[] =>
    sentBack(itemsOf(bytes, 'sse', names, gemini('gemini-3.8-flash')), names, target).map((part) =>
      at(part, 'thoughtSignature'),
    );

  test('has its signatures also for another snapshot of the same model', () => {
    assert.deepEqual(signatures(gemini('gemini-3.8-flash-20261001')), [
      'Sig1',
      undefined,
      undefined,
    ]);
  });

  test('is excused in place of signed for another model or another provider', () => {
    const excused = ['skip_thought_signature_validator', undefined, undefined];
    assert.deepEqual(signatures(gemini('gemini-3.1-pro-preview')), excused);
    assert.deepEqual(signatures({ ...gemini('gemini-3.8-flash'), provider: 'other' }), excused);
    assert.deepEqual(signatures(plain), [undefined, undefined, undefined]);
  });
});
