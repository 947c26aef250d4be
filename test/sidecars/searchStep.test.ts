import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SearchStep, sumOf } from '../../src/sidecars/searchStep.ts';
import type { TurnEvent } from '../../src/turn/event.ts';

const calling = (name: string, args: string): readonly TurnEvent[] => [
  { type: 'call.start', callId: 'c', name },
  { type: 'call.delta', arguments: args },
  { type: 'call.end' },
];

function taken(events: readonly TurnEvent[]) {
  const step = new SearchStep();
  return { step, passed: events.filter((event) => step.take(event)) };
}

describe('SearchStep', () => {
  test('keeps searches from the client, and nothing else that came before', () => {
    const said: readonly TurnEvent[] = [
      { type: 'text.start' },
      { type: 'text.delta', text: 'I look.' },
      { type: 'text.end' },
      ...calling('exec_command', '{"cmd":"ls"}'),
    ];
    const { step, passed } = taken([
      ...said,
      ...calling('web_search', '{"query":" a  b "}'),
      ...calling('write_stdin', '{}'),
      { type: 'finish', reason: 'stop' },
    ]);
    assert.deepEqual(passed, said);
    assert.deepEqual(step.searches, [{ query: 'a b', arguments: '{"query":"a b"}' }]);
    assert.deepEqual(step.held, calling('write_stdin', '{}'));
    assert.equal(step.called, true);
    assert.equal(step.reason, 'stop');
  });

  test('knows a search by the names that models give it', () => {
    for (const name of ['web_search', 'functions.web_search', 'Web_Search']) {
      assert.equal(taken(calling(name, '{"query":"x"}')).step.searches.length, 1, name);
    }
    assert.equal(taken(calling('mcp__web_search', '{}')).step.searches.length, 0);
  });

  test('a search without words is one, and a very long one is cut', () => {
    for (const args of ['', '{}', 'nonsense', '{"query":7}', '{"query":"  "}']) {
      assert.deepEqual(taken(calling('web_search', args)).step.searches, [
        { query: undefined, arguments: '{}' },
      ]);
    }
    const long = taken(calling('web_search', JSON.stringify({ query: 'x'.repeat(5_000) })));
    assert.equal(long.step.searches[0]?.query?.length, 400);
  });

  test('a search that was cut off is none', () => {
    const { step, passed } = taken([
      { type: 'call.start', callId: 'c', name: 'web_search' },
      { type: 'call.delta', arguments: '{"que' },
      { type: 'finish', reason: 'length' },
    ]);
    assert.deepEqual(passed, []);
    assert.deepEqual(step.searches, []);
  });

  test('says the step again as the provider has to read it', () => {
    const carry = { signature: 's' };
    const { step } = taken([
      { type: 'reasoning.start', kind: 'summary' },
      { type: 'reasoning.delta', text: 'Hm.' },
      { type: 'reasoning.end', carry },
      { type: 'text.start' },
      { type: 'text.delta', text: 'I look.' },
      { type: 'text.end' },
      ...calling('web_search', '{"query":"a"}'),
      ...calling('web_search', '{"query":"b"}'),
      { type: 'finish', reason: 'stop' },
    ]);
    assert.deepEqual(step.messages(['A', 'B'], 4), [
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm.', carry },
          { type: 'text', text: 'I look.' },
          {
            type: 'tool_call',
            callId: 'call_ws_4',
            name: 'web_search',
            arguments: '{"query":"a"}',
          },
          {
            type: 'tool_call',
            callId: 'call_ws_5',
            name: 'web_search',
            arguments: '{"query":"b"}',
          },
        ],
      },
      ...['A', 'B'].map((text, n) => ({
        role: 'tool',
        callId: `call_ws_${4 + n}`,
        name: 'web_search',
        content: [{ type: 'text', text }],
      })),
    ]);
  });
});

test('the tokens of all answers are added up', () => {
  const one = {
    inputTokens: 1,
    outputTokens: 2,
    cachedTokens: 3,
    cacheWriteTokens: 4,
    reasoningTokens: 5,
  };
  assert.equal(sumOf(undefined, undefined), undefined);
  assert.deepEqual(sumOf(one, undefined), one);
  assert.deepEqual(sumOf(one, one), {
    inputTokens: 2,
    outputTokens: 4,
    cachedTokens: 6,
    cacheWriteTokens: 8,
    reasoningTokens: 10,
  });
});
