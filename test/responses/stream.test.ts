import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openReasoning, openSummary } from '../../src/responses/reasoning.ts';
import type { ReplyContext } from '../../src/responses/reply.ts';
import { ResponseStream } from '../../src/responses/stream.ts';
import { turnError } from '../../src/turn/error.ts';
import type { TurnEvent } from '../../src/turn/event.ts';
import { isRecord, type JsonRecord } from '../support/json.ts';
import { assertValidEvents } from '../support/responsesSchema.ts';
import { decoded, functionTool } from './samples.ts';

const { reply } = decoded({
  input: 'q',
  stream: true,
  tools: [
    functionTool('run'),
    { type: 'namespace', name: 'mcp__srv', description: '', tools: [functionTool('echo')] },
    { type: 'custom', name: 'apply_patch', description: '', format: { type: 'text' } },
    { type: 'tool_search', execution: 'client', description: '', parameters: {} },
  ],
});

function streamed(events: readonly TurnEvent[], context: ReplyContext = reply) {
  const stream = new ResponseStream(context);
  let sse = stream.open();
  for (const event of events) sse += stream.write([event]);
  const all = assertValidEvents(sse);
  const last = all.at(-1);
  const response = isRecord(last?.['response']) ? last['response'] : {};
  const output = Array.isArray(response['output']) ? response['output'].filter(isRecord) : [];
  return { stream, all, response, output, types: all.map((event) => String(event['type'])) };
}

const text = (...deltas: string[]): TurnEvent[] => [
  { type: 'text.start' },
  ...deltas.map((delta): TurnEvent => ({ type: 'text.delta', text: delta })),
  { type: 'text.end' },
];
const reasoning = (kind: 'summary' | 'raw', ...deltas: string[]): TurnEvent[] => [
  { type: 'reasoning.start', kind },
  ...deltas.map((delta): TurnEvent => ({ type: 'reasoning.delta', text: delta })),
  { type: 'reasoning.end' },
];
const called = (name: string, ...deltas: string[]): TurnEvent[] => [
  { type: 'call.start', callId: `call_${name}_1234567`, name },
  ...deltas.map((delta): TurnEvent => ({ type: 'call.delta', arguments: delta })),
  { type: 'call.end' },
];
const stop: TurnEvent = { type: 'finish', reason: 'stop' };
const usage: TurnEvent = {
  type: 'usage',
  usage: {
    inputTokens: 10,
    outputTokens: 5,
    cachedTokens: 4,
    cacheWriteTokens: 1,
    reasoningTokens: 2,
  },
};
const without = (item: JsonRecord | undefined, ...keys: string[]) =>
  Object.fromEntries(Object.entries(item ?? {}).filter(([key]) => !keys.includes(key)));

describe('ResponseStream: text', () => {
  it('writes the whole grammar of a message', () => {
    const { types, all, output, response, stream } = streamed([
      ...text('Hel', 'lo "you"\n'),
      usage,
      stop,
    ]);
    assert.deepEqual(types, [
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    assert.deepEqual(
      all.flatMap((event) => event['delta'] ?? []),
      ['Hel', 'lo "you"\n'],
    );
    assert.deepEqual(output[0]?.['content'], [
      { type: 'output_text', text: 'Hello "you"\n', annotations: [], logprobs: [] },
    ]);
    assert.deepEqual(response['usage'], {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4, cache_write_tokens: 1 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 2 },
      total_tokens: 15,
    });
    assert.equal(response['model'], 'acme/large');
    assert.equal(response['status'], 'completed');
    assert.deepEqual(
      [stream.ended, stream.status, stream.usage?.inputTokens],
      [true, 'completed', 10],
    );
  });

  it('joins text blocks that follow each other into one message', () => {
    const { output } = streamed([...text('a'), ...text('b'), stop]);
    assert.equal(output.length, 1);
  });

  it('writes no message of white space alone, and keeps it before words', () => {
    assert.equal(streamed([...text('\n', ' '), ...called('run', '{}'), stop]).output.length, 1);
    const { output } = streamed([...text('\n', 'x'), stop]);
    assert.deepEqual(
      output.map((item) => item['content']),
      [[{ type: 'output_text', text: '\nx', annotations: [], logprobs: [] }]],
    );
  });

  it('never writes half of a character', () => {
    const { all, output } = streamed([
      ...text('a\ud83d', '\ude00b', '\ud83d', '\ude00', 'c\ud83d'),
      stop,
    ]);
    assert.deepEqual(
      all.flatMap((event) => event['delta'] ?? []),
      ['a', '😀b', '😀', 'c', '\ufffd'],
    );
    assert.match(JSON.stringify(output[0]), /a😀b😀c\ufffd/);
  });

  it('may be empty', () => {
    const { output, response } = streamed([stop]);
    assert.deepEqual([output, response['status'], response['usage']], [[], 'completed', null]);
  });
});

describe('ResponseStream: reasoning', () => {
  it('writes a summary in its parts and seals what the provider needs back', () => {
    const { types, output } = streamed([
      { type: 'reasoning.start', kind: 'summary' },
      { type: 'reasoning.delta', text: '**One**' },
      { type: 'reasoning.part' },
      { type: 'reasoning.delta', text: 'Two' },
      { type: 'reasoning.end', carry: { signature: 's' } },
      ...text('x'),
      stop,
    ]);
    assert.deepEqual(types.slice(2, 11), [
      'response.output_item.added',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
    ]);
    assert.deepEqual(output[0]?.['summary'], [
      { type: 'summary_text', text: '**One**' },
      { type: 'summary_text', text: 'Two' },
    ]);
    assert.deepEqual(openReasoning(String(output[0]?.['encrypted_content']), 'acme', 'large'), {
      signature: 's',
    });
  });

  it('writes the model’s own thought as content', () => {
    const { types, output } = streamed([...reasoning('raw', 'a', 'b'), stop]);
    assert.ok(types.includes('response.reasoning_text.delta'));
    assert.deepEqual(
      [output[0]?.['summary'], output[0]?.['content']],
      [[], [{ type: 'reasoning_text', text: 'ab' }]],
    );
  });

  it('keeps data without text, and nothing where there is neither', () => {
    const { output } = streamed([
      { type: 'reasoning.start', kind: 'summary' },
      { type: 'reasoning.end', carry: ['redacted'] },
      stop,
    ]);
    assert.deepEqual(openReasoning(String(output[0]?.['encrypted_content']), 'acme', 'large'), [
      'redacted',
    ]);
    assert.deepEqual(streamed([...reasoning('summary'), ...reasoning('raw', ''), stop]).output, []);
  });

  it('marks every reasoning item as not OpenAI’s', () => {
    const { output } = streamed([...reasoning('summary', 'x'), stop]);
    assert.match(String(output[0]?.['encrypted_content']), /^ocx1\./);
  });
});

describe('ResponseStream: calls', () => {
  it('writes a function call with its arguments as they come', () => {
    const { all, types, output } = streamed([...called('run', '{"cmd"', ':"ls"}'), stop]);
    assert.deepEqual(types.slice(2, 7), [
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
    ]);
    assert.deepEqual(without(output[0], 'id'), {
      type: 'function_call',
      status: 'completed',
      call_id: 'call_run_1234567',
      name: 'run',
      arguments: '{"cmd":"ls"}',
    });
    assert.match(String(output[0]?.['id']), /^fc_/);
    assert.equal(all[5]?.['arguments'], '{"cmd":"ls"}');
  });

  it('gives a namespaced tool back with name and namespace apart', () => {
    const { output } = streamed([
      ...called('mcp__srv__echo', '{}'),
      ...called('mcp__srv.echo', '{}'),
      stop,
    ]);
    for (const item of output)
      assert.deepEqual([item['name'], item['namespace']], ['echo', 'mcp__srv']);
  });

  it('gives an unknown tool back by its name, so that Codex can refuse it', () => {
    const { output } = streamed([...called('nope', ''), stop]);
    assert.deepEqual(
      [output[0]?.['type'], output[0]?.['name'], output[0]?.['arguments']],
      ['function_call', 'nope', '{}'],
    );
  });

  it('decodes the text of a custom call while it comes', () => {
    const patch = '*** Begin Patch\n*** Add File: a\n+"x" 😀\n*** End Patch';
    const json = JSON.stringify({ input: patch });
    const { all, types, output } = streamed([...called('apply_patch', ...json), stop]);
    assert.equal(all.map((event) => event['delta'] ?? '').join(''), patch);
    assert.ok(types.includes('response.custom_tool_call_input.done'));
    assert.deepEqual(without(output[0], 'id'), {
      type: 'custom_tool_call',
      status: 'completed',
      call_id: 'call_apply_patch_1234567',
      name: 'apply_patch',
      input: patch,
    });
  });

  it('recovers a decorated patch in the item that counts', () => {
    const patch = '*** Begin Patch\n*** Delete File: a\n*** End Patch';
    const { all, output } = streamed([
      ...called('apply_patch', JSON.stringify({ patch: `\`\`\`\n${patch}\n\`\`\`` })),
      stop,
    ]);
    assert.equal(output[0]?.['input'], patch);
    assert.equal(
      all.map((event) => event['delta'] ?? '').join(''),
      patch,
      'shown at the end, because it could not be before',
    );
  });

  it('gives a search back for the client to run, with an object', () => {
    const { output, types } = streamed([...called('tool_search', '{"query":', '"x"}'), stop]);
    assert.deepEqual(without(output[0], 'id'), {
      type: 'tool_search_call',
      status: 'completed',
      call_id: 'call_tool_search_1234567',
      execution: 'client',
      arguments: { query: 'x' },
    });
    assert.equal(types.filter((type) => type.endsWith('.delta')).length, 0);
  });

  it('makes call ids unique, and keeps a provider’s distinctive ones', () => {
    const ids = [
      'call_0',
      'call_0',
      undefined,
      '',
      'run',
      '7',
      'toolu_01ABCdef',
      'toolu_01ABCdef',
      'functions.run:0',
      'chatcmpl-tool-4f9a',
    ];
    const { output } = streamed([
      ...ids.flatMap((callId): TurnEvent[] => [
        { type: 'call.start', callId, name: 'run' },
        { type: 'call.end' },
      ]),
      stop,
    ]);
    const given = output.map((item) => String(item['call_id']));
    assert.equal(new Set(given).size, ids.length);
    assert.deepEqual(
      [given[6], given[8], given[9]],
      ['toolu_01ABCdef', 'functions.run:0', 'chatcmpl-tool-4f9a'],
    );
    for (const at of [0, 1, 2, 3, 4, 5, 7]) assert.match(given[at] ?? '', /^call_[0-9a-f]{32}$/);
  });
});

describe('ResponseStream: ends', () => {
  const half: TurnEvent[] = [
    { type: 'call.start', callId: 'a', name: 'run' },
    { type: 'call.delta', arguments: '{"cmd":' },
  ];

  it('of a token limit are incomplete, without the call that was cut', () => {
    const { response, output } = streamed([
      ...text('x'),
      ...half,
      { type: 'finish', reason: 'length' },
    ]);
    assert.equal(response['status'], 'incomplete');
    assert.deepEqual(response['incomplete_details'], { reason: 'max_output_tokens' });
    assert.deepEqual(
      output.map((item) => item['type']),
      ['message'],
    );
    assert.equal(
      streamed([
        { type: 'text.delta', text: 'x' },
        { type: 'finish', reason: 'length' },
      ]).output[0]?.['status'],
      'incomplete',
    );
  });

  it('of a pause make Codex go on at once', () => {
    const { response } = streamed([...text('x'), { type: 'finish', reason: 'pause' }]);
    assert.deepEqual([response['status'], response['end_turn']], ['completed', false]);
    assert.equal('end_turn' in streamed([stop]).response, false);
  });

  it('of a content filter are completed and say so in words', () => {
    const note = '[acme withheld the rest of this answer (content filter).]';
    const filter: TurnEvent = { type: 'finish', reason: 'content_filter' };
    for (const [events, expected] of [
      [[filter], note],
      [[...text('Well'), filter], `Well\n\n${note}`],
      [[...reasoning('raw', 'hm'), filter], note],
      [[...half, filter], note],
    ] as const) {
      const { response, output } = streamed(events);
      assert.equal(response['status'], 'completed');
      assert.deepEqual(output.at(-1)?.['content'], [
        { type: 'output_text', text: expected, annotations: [], logprobs: [] },
      ]);
    }
  });

  it('in the middle of a call are a failure, and the call never happens', () => {
    const { response, output, stream, types } = streamed([...half, stop]);
    assert.equal(response['status'], 'failed');
    assert.deepEqual(output, []);
    assert.equal(stream.error?.kind, 'cut');
    assert.ok(!types.includes('response.output_item.done'));
  });

  it('of a failure close nothing that was open, and nothing follows', () => {
    const error = turnError('overloaded', 'Acme is overloaded.');
    const { response, output, stream, types } = streamed([
      ...called('run', '{}'),
      { type: 'text.delta', text: 'half a sent' },
      { type: 'error', error },
      { type: 'text.delta', text: 'x' },
      stop,
    ]);
    assert.equal(types.at(-1), 'response.failed');
    assert.deepEqual(response['error'], { code: 'slow_down', message: 'Acme is overloaded.' });
    assert.deepEqual(
      output.map((item) => item['type']),
      ['function_call'],
    );
    assert.deepEqual([stream.ended, stream.status, stream.error], [true, 'failed', error]);
    assert.equal(stream.write([stop]) + stream.keepAlive() + stream.fail(error), '');
  });

  it('may be a failure before anything else', () => {
    const stream = new ResponseStream(reply);
    const events = assertValidEvents(
      stream.fail(turnError('rate_limit', 'Slow down.', { retryAfterSeconds: 4 })),
    );
    assert.deepEqual(
      events.map((event) => event['type']),
      ['response.created', 'response.in_progress', 'error', 'response.failed'],
    );
    assert.match(
      JSON.stringify(events[3]),
      /"code":"rate_limit_exceeded","message":"Slow down\. Please try again in 4s\."/,
    );
  });

  it('tell a failure in an event of its own too, for clients that overlook a failed response', () => {
    const stream = new ResponseStream(reply);
    const events = assertValidEvents(stream.fail(turnError('overloaded', 'Acme is overloaded.')));
    const said = { code: 'slow_down', message: 'Acme is overloaded.', param: null };
    assert.deepEqual(events.at(-2), {
      type: 'error',
      ...said,
      error: { type: 'server_error', ...said },
      sequence_number: 2,
    });
  });
});

describe('ResponseStream', () => {
  it('keeps the line alive with events, also inside of an item', () => {
    const stream = new ResponseStream(reply);
    const sse =
      stream.keepAlive() +
      stream.keepAlive() +
      stream.write([{ type: 'text.delta', text: 'a' }]) +
      stream.keepAlive() +
      stream.write([{ type: 'text.delta', text: 'b' }, stop]);
    const types = assertValidEvents(sse).map((event) => event['type']);
    assert.equal(types.filter((type) => type === 'response.in_progress').length, 3);
    assert.equal(stream.keepAlive(), '');
  });

  it('writes the same for events in one batch or one by one', () => {
    const events = [
      ...reasoning('summary', 'r'),
      ...text('a', 'b'),
      ...called('run', '{}'),
      usage,
      stop,
    ];
    const ids = /(?<=_)[0-9a-f]{32}/g;
    const one = new ResponseStream(reply);
    const many = new ResponseStream(reply);
    const batch = one.open() + one.write(events);
    const single = many.open() + events.map((event) => many.write([event])).join('');
    const plain = (sse: string) =>
      sse.replaceAll(ids, 'id').replaceAll(/"(created|completed)_at":\d+/g, '');
    assert.equal(plain(batch), plain(single));
  });

  it('never gives Codex a count that is no integer', () => {
    const odd: TurnEvent = {
      type: 'usage',
      usage: {
        inputTokens: 1.6,
        outputTokens: Number.NaN,
        cachedTokens: -1,
        cacheWriteTokens: Number.POSITIVE_INFINITY,
        reasoningTokens: 0,
      },
    };
    assert.deepEqual(streamed([odd, stop]).response['usage'], {
      input_tokens: 2,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: 0,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 2,
    });
  });
});

describe('ResponseStream: compaction', () => {
  const context: ReplyContext = { ...reply, compaction: true };

  it('answers with exactly one compaction item that holds the summary', () => {
    const { output, types } = streamed(
      [...reasoning('raw', 'hm'), ...text('We ', 'did it.'), ...called('run', '{}'), usage, stop],
      context,
    );
    assert.deepEqual(types, [
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.output_item.done',
      'response.completed',
    ]);
    assert.equal(output[0]?.['type'], 'compaction');
    assert.equal(openSummary(String(output[0]?.['encrypted_content'])), 'We did it.');
  });

  it('fails where there is no summary', () => {
    for (const events of [
      [stop],
      [...text(' '), stop],
      [...text('x'), { type: 'finish', reason: 'content_filter' }],
    ] satisfies TurnEvent[][])
      assert.equal(streamed(events, context).response['status'], 'failed');
    assert.equal(
      streamed([...text('cut'), { type: 'finish', reason: 'length' }], context).response['status'],
      'incomplete',
    );
  });
});
