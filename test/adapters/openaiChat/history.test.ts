import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openaiChat } from '../../../src/adapters/openaiChat/adapter.ts';
import type { ChatQuirks } from '../../../src/adapters/openaiChat/quirks.ts';
import { decodeRequest } from '../../../src/responses/request.ts';
import { type HistoryEntry, pairHistory } from '../../../src/turn/pairing.ts';
import { checkRequest } from '../../support/chatRules.ts';
import { random } from '../../support/cuts.ts';
import { at, listOf, textAt } from '../../support/json.ts';
import { chatTarget } from '../target.ts';
import { look, pixel, shell, turn } from './turns.ts';

/** Hosts that OpenAI's own rules describe, each strict in its own way. */
const hosts: readonly ChatQuirks[] = [
  { toolCallIds: 'max40' },
  { toolCallIds: 'alnum9', assistantAfterTool: true, emptyContent: 'string' },
  { toolCallIds: 'max40', systemPlace: 'leading', toolSchema: 'moonshot' },
  { toolCallIds: 'max40', reasoningReplay: 'field_always', toolChoice: 'auto' },
  { openaiFields: true, tokenField: 'max_completion_tokens', toolCallIds: 'max40' },
];
const dialect = {
  models: ['acme-large'],
  efforts: ['low', 'medium', 'high'],
  assistantFields: ['reasoning_content', 'reasoning'],
};

/** Every call has one result of its id, right behind its message; counts the calls. */
function pairedCalls(body: unknown): number {
  let open: string[] = [];
  let count = 0;
  for (const message of listOf(at(body, 'messages'))) {
    if (at(message, 'role') === 'tool') {
      assert.equal(open.shift(), textAt(message, 'tool_call_id'));
      continue;
    }
    assert.deepEqual(open, []);
    open = listOf(at(message, 'tool_calls')).map((call) => textAt(call, 'id'));
    count += open.length;
  }
  assert.deepEqual(open, []);
  return count;
}

function randomHistory(seed: number): HistoryEntry[] {
  const next = random(seed);
  const pick = <T>(...options: readonly [T, ...T[]]): T =>
    options[Math.floor(next() * options.length)] ?? options[0];
  const id = (): string => pick('call_1', 'call_2', 'c'.repeat(50), 'x:0', 'a1B2c3D4e');
  const text = { type: 'text', text: `text ${seed}` } as const;
  const image = {
    type: 'image',
    url: pixel,
    detail: pick(undefined, 'original' as const),
  } as const;
  const entry = (): HistoryEntry =>
    pick<HistoryEntry>(
      { type: 'system', content: [text] },
      { type: 'user', content: [text, text] },
      { type: 'user', content: [image] },
      { type: 'assistant', part: text },
      { type: 'assistant', part: { type: 'reasoning', text: 'hm', carry: { field: 'reasoning' } } },
      {
        type: 'assistant',
        part: { type: 'tool_call', callId: id(), name: 'shell', arguments: '{}' },
      },
      {
        type: 'assistant',
        part: { type: 'tool_call', callId: id(), name: 'look', arguments: '{}' },
      },
      { type: 'result', callId: id(), content: [text] },
      { type: 'result', callId: id(), content: [image, text] },
      { type: 'result', callId: undefined, content: [] },
    );
  const length = 1 + Math.floor(next() * 25);
  return [{ type: 'user', content: [text] }, ...Array.from({ length }, entry)];
}

test('random histories keep every call with its result, for every host', () => {
  let calls = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const messages = pairHistory(randomHistory(seed * 2_654_435));
    const expected = messages.flatMap((message) =>
      message.role === 'assistant'
        ? message.content.filter((part) => part.type === 'tool_call')
        : [],
    );
    for (const quirks of hosts) {
      const sent = turn({ messages, tools: [shell, look], parallelToolCalls: true });
      const body: unknown = JSON.parse(openaiChat.encode(sent, chatTarget(quirks)).body);
      assert.equal(pairedCalls(body), expected.length);
      assert.doesNotThrow(
        () => checkRequest(body, dialect),
        `seed ${seed}, ${JSON.stringify(quirks)}`,
      );
    }
    calls += expected.length;
  }
  assert.ok(calls > 1000);
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
    const decoded = decodeRequest(Buffer.from(JSON.stringify(body)), {
      requestedModel: 'acme/acme-large',
      provider: 'acme',
      model: 'acme-large',
      rewriteIdentity: true,
    });
    if (!decoded.ok) continue;
    for (const quirks of hosts) {
      const target = chatTarget(quirks);
      const request = openaiChat.encode(decoded.turn, target);
      const sent: unknown = JSON.parse(request.body);
      pairedCalls(sent);
      assert.doesNotThrow(() => checkRequest(sent, dialect), `${file}, ${JSON.stringify(quirks)}`);
      assert.equal(openaiChat.encode(structuredClone(decoded.turn), target).body, request.body);
    }
    count++;
  }
  assert.ok(count > 200, `only ${count}`);
  console.log(`captures: ${count}`);
});
