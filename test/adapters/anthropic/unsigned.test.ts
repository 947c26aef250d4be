import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anthropic } from '../../../src/adapters/anthropic/adapter.ts';
import type { Target } from '../../../src/adapters/target.ts';
import { decodeAll } from '../../support/turnEvents.ts';
import { claude } from '../target.ts';
import { assistant, call, result, thought, turnOf, user } from '../turns.ts';

/** Thinking as hosts give it that only speak Messages. */
const block = { type: 'thinking', thinking: 'Hm.', signature: '' };
const answer = JSON.stringify({
  id: 'm',
  type: 'message',
  role: 'assistant',
  content: [block, { type: 'text', text: 'Hi.' }],
  stop_reason: 'end_turn',
});

/** Whether thinking without a signature is kept, and whether it goes back. */
function keeps(target: Target): readonly [boolean, boolean] {
  const events = decodeAll(anthropic.decoder(target, 'json'), [new TextEncoder().encode(answer)]);
  const messages = [user('q'), assistant(thought('Hm.', [block]), call('a')), result('a', 'ok')];
  const sent = anthropic.encode(turnOf({ messages }), target).body;
  return [JSON.stringify(events).includes('"carry"'), sent.includes('"thinking":"Hm."')];
}

test('thinking without a signature goes back to the models of others, which do not sign', () => {
  assert.deepEqual(keeps(claude('MiniMax-M3')), [true, true]);
  assert.deepEqual(keeps(claude('MiniMax-M3', { signatures: 'required' })), [false, false]);
});

test('thinking without a signature never goes to Claude, unless its host is known to take it', () => {
  assert.deepEqual(keeps(claude('claude-sonnet-4.5')), [false, false]);
  assert.deepEqual(keeps(claude('claude-sonnet-4.5', { signatures: 'optional' })), [true, true]);
});
