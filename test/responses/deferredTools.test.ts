import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeRequest } from '../../src/responses/request.ts';

const search = { type: 'tool_search', execution: 'client', description: '', parameters: {} };
const list = {
  type: 'message',
  role: 'developer',
  content: [
    {
      type: 'input_text',
      text: '<tools>\nDeferred tool namespaces:\n- mcp__notes: Keeps notes: all of them\n- multi_agent_v1\n</tools>',
    },
  ],
};
const question = { type: 'message', role: 'user', content: 'Hi' };

function deferred(body: object): readonly string[] {
  const bytes = new TextEncoder().encode(JSON.stringify({ model: 'm', ...body }));
  const decoded = decodeRequest(bytes, {
    requestedModel: 'm',
    provider: 'p',
    model: 'm',
    rewriteIdentity: true,
  });
  assert.ok(decoded.ok);
  return decoded.reply.deferred;
}

test('the namespaces that tool search holds back are known from the instructions', () => {
  assert.deepEqual(deferred({ tools: [search], input: [list, question] }), [
    'mcp__notes',
    'multi_agent_v1',
  ]);
});

test('without tool search nothing is held back, and a user cannot say so', () => {
  assert.deepEqual(deferred({ tools: [], input: [list, question] }), []);
  assert.deepEqual(deferred({ tools: [search], input: [{ ...list, role: 'user' }] }), []);
});
