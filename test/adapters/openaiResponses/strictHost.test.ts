import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openaiResponses } from '../../../src/adapters/openaiResponses/adapter.ts';
import type { ResponsesQuirks } from '../../../src/adapters/openaiResponses/quirks.ts';
import type { Target } from '../../../src/adapters/target.ts';
import type { TurnEvent } from '../../../src/turn/event.ts';
import type { AssistantMessage, Message, ToolMessage, Turn } from '../../../src/turn/turn.ts';
import { at, listOf } from '../../support/json.ts';
import { plainTurn } from '../../support/plainTurn.ts';
import { ReasoningLedger } from '../../support/responsesLedger.ts';
import { refusalOf } from '../../support/responsesRules.ts';

/** What the strict fake would say of a request, without a socket between. */

function target(responses: ResponsesQuirks = {}): Target {
  return {
    provider: 'sim',
    label: 'Sim',
    wire: 'openai-responses',
    baseUrl: 'https://sim.test/v1',
    model: 'sim-1',
    traits: {
      contextWindow: undefined,
      maxOutputTokens: undefined,
      reasoning: undefined,
      efforts: undefined,
      vision: undefined,
    },
    quirks: { responses },
  };
}

const user: Message = { role: 'user', content: [{ type: 'text', text: 'Go.' }] };
const text = (words: string) => ({ type: 'text', text: words }) as const;
const made = (callId: string) =>
  ({ type: 'tool_call', callId, name: 'run', arguments: '{}' }) as const;
const result = (callId: string): ToolMessage => ({
  role: 'tool',
  callId,
  name: 'run',
  content: [text('ok')],
});

function turnOf(...messages: readonly Message[]): Turn {
  return {
    ...plainTurn,
    model: 'sim-1',
    messages,
    tools: [
      {
        name: 'run',
        description: '',
        parameters: { type: 'object', properties: {} },
        strict: false,
      },
    ],
    reasoning: { effort: 'max', summary: 'auto' },
    verbosity: 'low',
    serviceTier: 'priority',
  };
}

/** The kinds of the items that a turn becomes; the host must take them. */
function sent(ledger: ReasoningLedger, ...messages: readonly Message[]): readonly unknown[] {
  const body: unknown = JSON.parse(openaiResponses.encode(turnOf(...messages), target()).body);
  const dialect = { models: ['sim-1'], efforts: ['low', 'medium', 'high'] };
  assert.equal(refusalOf(body, dialect, ledger), undefined);
  return listOf(at(body, 'input')).map((item) => at(item, 'role') ?? at(item, 'type'));
}

function thought(ledger: ReasoningLedger, words: string): AssistantMessage['content'][number] {
  const { type: _, ...item } = ledger.think('sim-1', words, true);
  return { type: 'reasoning', text: words, carry: JSON.parse(JSON.stringify(item)) };
}

test('thoughts between calls come before them, because nothing may stand behind a call but its result', () => {
  const ledger = new ReasoningLedger();
  const content = [thought(ledger, 'One.'), made('a'), thought(ledger, 'Two.'), made('b')];
  assert.deepEqual(
    sent(ledger, user, { role: 'assistant', content }, result('a'), result('b'), user),
    [
      ...['user', 'reasoning', 'reasoning', 'function_call', 'function_call'],
      ...['function_call_output', 'function_call_output', 'user'],
    ],
  );
});

test('thoughts that led to nothing stay away', () => {
  const ledger = new ReasoningLedger();
  const content = [text('Done.'), thought(ledger, 'Was it right?')];
  assert.deepEqual(sent(ledger, user, { role: 'assistant', content }, user), [
    'user',
    'assistant',
    'user',
  ]);
});

test('an image in OpenAI’s own detail is asked for in the highest that others know', () => {
  const url = 'https://a.example/b.png';
  const kinds = sent(new ReasoningLedger(), {
    role: 'user',
    content: [{ type: 'image', url, detail: 'original' }],
  });
  assert.deepEqual(kinds, ['user']);
});

test('a call that the token limit cut has no end, though its item is done', () => {
  const item = { type: 'function_call', id: 'f', call_id: 'c', name: 'run' };
  const half = { ...item, status: 'incomplete', arguments: '{"cmd":"rm -rf build' };
  const events = [
    { type: 'response.output_item.added', output_index: 0, item: { ...item, arguments: '' } },
    { type: 'response.function_call_arguments.delta', output_index: 0, delta: half.arguments },
    { type: 'response.output_item.done', output_index: 0, item: half },
    {
      type: 'response.incomplete',
      response: {
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
        output: [half],
      },
    },
  ];
  const decode = (list: readonly object[]): readonly string[] => {
    const decoder = openaiResponses.decoder(target(), 'sse');
    const bytes = list.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
    const all: TurnEvent[] = [...decoder.push(new TextEncoder().encode(bytes)), ...decoder.end()];
    return all.map((event) => (event.type === 'finish' ? event.reason : event.type));
  };
  assert.deepEqual(decode(events), ['call.start', 'call.delta', 'length']);
  assert.deepEqual(decode(events.slice(2)), ['length']);
});
