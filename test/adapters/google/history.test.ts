import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { google } from '../../../src/adapters/google/adapter.ts';
import type { Target } from '../../../src/adapters/target.ts';
import { decodeRequest } from '../../../src/responses/request.ts';
import { type HistoryEntry, pairHistory } from '../../../src/turn/pairing.ts';
import type { Turn } from '../../../src/turn/turn.ts';
import { random } from '../../support/cuts.ts';
import { geminiModels } from '../../support/geminiModels.ts';
import { checkAddress, checkRequest } from '../../support/geminiRules.ts';
import { at, isRecord, listOf } from '../../support/json.ts';
import { gemini } from '../target.ts';
import { png, shell, text, turnOf } from '../turns.ts';
import { signedCall, signedText } from './turns.ts';

/** Every model that the vendor's rules describe, each strict in its own way. */
const targets = Object.keys(geminiModels).map((model) => gemini(model));

/** Encodes a turn, has the vendor's rules accept it, and counts its calls. */
function acceptedCalls(turn: Turn, target: Target): number {
  const request = google.encode(turn, target);
  const body: unknown = JSON.parse(request.body);
  const { name, stream } = checkAddress(new URL(request.url), [target.model]);
  checkRequest(body, name, stream);
  assert.equal(google.encode(structuredClone(turn), target).body, request.body);
  let count = 0;
  for (const content of listOf(body['contents'])) {
    const calls = listOf(at(content, 'parts')).filter((part) => isRecord(at(part, 'functionCall')));
    const [first, ...others] = calls;
    count += calls.length;
    if (target.model.startsWith('gemini-3') && first !== undefined) {
      assert.equal(typeof at(first, 'thoughtSignature'), 'string');
    }
    for (const other of others) assert.notEqual(at(other, 'thoughtSignature'), excuse);
  }
  return count;
}

const excuse = 'skip_thought_signature_validator';

function randomHistory(seed: number): HistoryEntry[] {
  const next = random(seed);
  const pick = <T>(...options: readonly [T, ...T[]]): T =>
    options[Math.floor(next() * options.length)] ?? options[0];
  const id = (): string => pick('call_1', 'call_2', 'c'.repeat(50), 'toolu|x:0', '');
  const words = text(`text ${seed}`);
  const call = (name: string): HistoryEntry => ({
    type: 'assistant',
    part: { type: 'tool_call', callId: id(), name, arguments: pick('{}', '{"a":[1]}') },
  });
  const entry = (): HistoryEntry =>
    pick<HistoryEntry>(
      { type: 'system', content: [words] },
      { type: 'user', content: [words, words] },
      { type: 'user', content: [png] },
      { type: 'assistant', part: words },
      { type: 'assistant', part: signedCall(`S${seed}`) },
      { type: 'assistant', part: signedText(`S${seed}`, pick(0, 3, 99)) },
      { type: 'assistant', part: { type: 'reasoning', text: 'hm', carry: { field: 'reasoning' } } },
      call('exec_command'),
      call('look'),
      { type: 'result', callId: id(), content: [words] },
      { type: 'result', callId: id(), content: [png, words] },
      { type: 'result', callId: undefined, content: [] },
    );
  const length = 1 + Math.floor(next() * 25);
  return [{ type: 'user', content: [words] }, ...Array.from({ length }, entry)];
}

test('random histories keep every call with its response, for every model', () => {
  let calls = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const messages = pairHistory(randomHistory(seed * 2_654_435));
    const expected = messages.flatMap((message) =>
      message.role === 'assistant'
        ? message.content.filter((part) => part.type === 'tool_call')
        : [],
    ).length;
    const tools = [shell, { ...shell, name: 'look' }];
    for (const target of targets) {
      assert.equal(acceptedCalls(turnOf({ messages, tools }), target), expected, `seed ${seed}`);
    }
    calls += expected;
  }
  assert.ok(calls > 800, `only ${calls}`);
});

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const captures = join(
  resolve(repository, process.env['OPENCODEX_SHARED'] ?? '../shared'),
  'reference/codex-captures',
);

test('real requests of Codex become requests that the API takes', (t) => {
  if (!existsSync(captures)) return t.skip('captures: 0');
  let count = 0;
  for (const file of readdirSync(captures).filter((name) => name.endsWith('.json'))) {
    const capture: unknown = JSON.parse(readFileSync(join(captures, file), 'utf8'));
    const body = at(capture, 'body');
    if (at(body, 'input') === undefined) continue;
    for (const model of ['gemma-3-27b-it', 'gemini-2.5-pro', 'gemini-3.8-flash']) {
      const target = gemini(model);
      const decoded = decodeRequest(Buffer.from(JSON.stringify(body)), {
        requestedModel: `acme/${target.model}`,
        provider: 'acme',
        model: target.model,
        rewriteIdentity: true,
      });
      if (decoded.ok) acceptedCalls(decoded.turn, target);
      else assert.equal(decoded.error.kind, 'bad_request');
    }
    count++;
  }
  assert.ok(count > 200, `only ${count}`);
  console.log(`captures: ${count}`);
});
