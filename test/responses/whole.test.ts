import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wholeResponse } from '../../src/responses/whole.ts';
import { turnError } from '../../src/turn/error.ts';
import type { TurnEvent } from '../../src/turn/event.ts';
import { assertValidResponse } from '../support/responsesSchema.ts';
import { decoded, functionTool } from './samples.ts';

const stop: TurnEvent = { type: 'finish', reason: 'stop' };
const events: TurnEvent[] = [
  { type: 'reasoning.start', kind: 'summary' },
  { type: 'reasoning.delta', text: 'hm' },
  { type: 'reasoning.end' },
  { type: 'text.delta', text: 'hello' },
  { type: 'call.start', callId: 'call_abc123', name: 'run' },
  { type: 'call.delta', arguments: '{}' },
  { type: 'call.end' },
  {
    type: 'usage',
    usage: {
      inputTokens: 1,
      outputTokens: 2,
      cachedTokens: 0,
      cacheWriteTokens: 0,
      reasoningTokens: 0,
    },
  },
];

function whole(body: object, given: readonly TurnEvent[] = [...events, stop]) {
  const result = wholeResponse(decoded({ input: 'q', ...body }).reply, given);
  assert.ok(result.ok, result.ok ? '' : result.error.message);
  assertValidResponse(result.response);
  return { ...result, response: result.response };
}

describe('wholeResponse', () => {
  it('holds all items, usage and what the request asked for', () => {
    const { response, usage, status } = whole({
      instructions: 'Be brief.',
      tools: [functionTool('run')],
      tool_choice: { type: 'function', name: 'run' },
      parallel_tool_calls: false,
      reasoning: { effort: 'high', summary: 'auto' },
      text: { verbosity: 'low', format: { type: 'json_object' } },
      max_output_tokens: 5,
      temperature: 0,
      top_p: 0.5,
      prompt_cache_key: 'k',
      service_tier: 'flex',
      metadata: { a: 'b' },
    });
    const output = response['output'];
    assert.ok(Array.isArray(output));
    assert.deepEqual(
      output.map((item) => item.type),
      ['reasoning', 'message', 'function_call'],
    );
    assert.equal(usage?.outputTokens, 2);
    assert.equal(status, 'completed');
    const {
      instructions,
      tools,
      tool_choice,
      parallel_tool_calls,
      reasoning,
      text,
      max_output_tokens,
      temperature,
      top_p,
      prompt_cache_key,
      service_tier,
      metadata,
      model,
      store,
    } = response;
    assert.deepEqual(
      {
        instructions,
        tools,
        tool_choice,
        parallel_tool_calls,
        reasoning,
        text,
        max_output_tokens,
        temperature,
        top_p,
        prompt_cache_key,
        service_tier,
        metadata,
        model,
        store,
      },
      {
        instructions: 'Be brief.',
        tools: [functionTool('run')],
        tool_choice: { type: 'function', name: 'run' },
        parallel_tool_calls: false,
        reasoning: { effort: 'high', summary: 'auto' },
        text: { format: { type: 'json_object' }, verbosity: 'low' },
        max_output_tokens: 5,
        temperature: 0,
        top_p: 0.5,
        prompt_cache_key: 'k',
        service_tier: 'flex',
        metadata: { a: 'b' },
        model: 'acme/large',
        store: false,
      },
    );
  });

  it('is valid for any request', () => {
    for (const body of [
      {},
      { tools: [{ type: 'function', name: 'f' }] },
      {
        tools: [
          { type: 'custom', name: 'c' },
          { type: 'web_search' },
          { type: 'from_the_future' },
          { type: 'tool_search', execution: 'client' },
        ],
      },
      { tools: [{ type: 'namespace', name: 'n', description: 'd', tools: [functionTool('f')] }] },
      { reasoning: { effort: 'turbo', summary: 'poem' } },
      { reasoning: { effort: 'max' } },
      {
        text: {
          verbosity: 'shouting',
          format: { type: 'json_schema', name: 'x', schema: { type: 'object' }, strict: true },
        },
      },
      { service_tier: 'platinum', tool_choice: 'whatever', metadata: { a: 1 } },
    ])
      whole(body);
  });

  it('of a truncated answer is incomplete', () => {
    const { response, status } = whole({}, [...events, { type: 'finish', reason: 'length' }]);
    assert.equal(status, 'incomplete');
    assert.deepEqual(response['incomplete_details'], { reason: 'max_output_tokens' });
  });

  it('is an error where the provider failed or never finished', () => {
    const error = turnError('upstream', 'Acme: no.');
    assert.deepEqual(
      wholeResponse(decoded({ input: 'q' }).reply, [...events, { type: 'error', error }]),
      { ok: false, error },
    );
    const cut = wholeResponse(decoded({ input: 'q' }).reply, events);
    assert.equal(cut.ok ? '' : cut.error.kind, 'cut');
  });
});
