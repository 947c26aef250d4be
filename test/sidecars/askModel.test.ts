import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askModel } from '../../src/sidecars/askModel.ts';
import { chatTarget } from '../adapters/target.ts';

test('an answer that no decoder can take fails with a sentence', async () => {
  const nested = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
  const body = `{"choices":[{"message":{"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":${nested}}}]},"finish_reason":"tool_calls"}]}`;
  const question = {
    target: chatTarget(),
    headers: {},
    instructions: 'Describe it.',
    content: [{ type: 'text', text: 'This.' }],
    effort: undefined,
    timeoutMs: 1000,
    signal: new AbortController().signal,
  } as const;
  const answer = await askModel(question, async () => ({
    ok: true,
    status: 200,
    headers: {},
    body,
  }));
  assert.ok(!answer.ok);
  assert.match(answer.reason, /^Acme: the answer cannot be used \(.+\)\.$/);
});
