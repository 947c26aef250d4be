import assert from 'node:assert/strict';
import { it } from 'node:test';
import { decodeRequest } from '../../src/responses/request.ts';
import { ResponseStream } from '../../src/responses/stream.ts';
import { wholeResponse } from '../../src/responses/whole.ts';
import type { TurnEvent } from '../../src/turn/event.ts';
import { isRecord, type JsonRecord } from '../support/json.ts';
import { assertValidEvents, assertValidResponse } from '../support/responsesSchema.ts';
import { Random } from './random.ts';
import {
  assistant,
  bytesOf,
  call,
  decoded,
  functionTool,
  output,
  target,
  user,
} from './samples.ts';
import { assertWellFormed } from './wellFormed.ts';

const tools = [
  functionTool('run'),
  {
    type: 'namespace',
    name: 'mcp__srv',
    description: 'S',
    tools: [functionTool('echo'), functionTool('x'.repeat(80))],
  },
  { type: 'custom', name: 'apply_patch', description: '', format: { type: 'text' } },
  { type: 'tool_search', execution: 'client', description: '', parameters: {} },
];

function randomItem(random: Random): object {
  const id = random.pick(['a', 'b', 'c', 'a_2', '']);
  switch (random.below(12)) {
    case 0:
      return user(random.text());
    case 1:
      return assistant(random.text());
    case 2:
      return { role: random.pick(['developer', 'system', 'tool']), content: random.text() };
    case 3:
      return {
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: random.text() }],
        encrypted_content: random.pick(['gAAAA', null]),
      };
    case 4:
    case 5:
      return call(
        id,
        random.pick(['run', 'echo', 'gone', '']),
        random.pick(['{}', '{"a":1}', 'broken', '']),
        random.pick([undefined, 'mcp__srv', 'functions']),
      );
    case 6:
    case 7:
      return output(id, random.text());
    case 8:
      return { type: 'custom_tool_call', call_id: id, name: 'apply_patch', input: random.text() };
    case 9:
      return {
        type: 'custom_tool_call_output',
        call_id: id,
        output: [{ type: 'input_text', text: random.text() }],
      };
    case 10:
      return {
        type: 'tool_search_output',
        call_id: id,
        tools: [functionTool(`found_${random.below(3)}`)],
      };
    default:
      return {
        type: random.pick(['web_search_call', 'new_type', 'compaction']),
        encrypted_content: 'x',
      };
  }
}

it('any history becomes a Turn in which every call is paired, and always the same one', () => {
  for (let seed = 0; seed < 400; seed += 1) {
    const random = new Random(seed);
    const input = Array.from({ length: random.below(25) }, () => randomItem(random));
    const body = bytesOf({
      model: 'm',
      input: [user('q'), ...input],
      tools: random.chance(80) ? tools : [],
    });
    const result = decodeRequest(body, target);
    assert.ok(result.ok, result.ok ? '' : result.error.message);
    try {
      assertWellFormed(result.turn, result.reply);
    } catch (error) {
      throw new Error(`seed ${seed}: ${JSON.stringify(input)}`, { cause: error });
    }
    const again = decodeRequest(body, target);
    assert.equal(JSON.stringify(again), JSON.stringify(result));
  }
});

it('a history that grows leaves what was there unchanged', () => {
  for (let seed = 0; seed < 100; seed += 1) {
    const random = new Random(seed);
    const steps = Array.from({ length: 6 }, (_, n) => [
      call(`c${n}`, 'run', `{"n":${n}}`),
      output(`c${n}`, random.text()),
      assistant(`a${n}`),
      user(`${random.text()}?`),
    ]);
    const turns = steps.map(
      (_, n) => decoded({ input: [user('q'), ...steps.slice(0, n + 1).flat()], tools }).turn,
    );
    for (const [n, turn] of turns.entries()) {
      const before = JSON.stringify(turns[n - 1]?.messages ?? []).slice(0, -1);
      assert.equal(JSON.stringify(turn.messages).slice(0, before.length), before);
      assert.equal(JSON.stringify(turn.tools), JSON.stringify(turns[0]?.tools));
    }
  }
});

interface Answer {
  readonly events: readonly TurnEvent[];
  readonly text: string;
  readonly calls: readonly string[];
}

function deltas<T extends TurnEvent>(
  random: Random,
  text: string,
  make: (piece: string) => T,
): T[] {
  return random.pieces(text).map(make);
}

/** A random answer that keeps the grammar of TurnEvent, and what must come out of it. */
function randomAnswer(random: Random): Answer {
  const events: TurnEvent[] = [];
  const calls: string[] = [];
  let text = '';
  for (let n = random.below(6); n > 0; n -= 1) {
    const kind = random.below(4);
    if (kind === 0) {
      const said = `${random.text()}.`;
      text += said;
      events.push(
        { type: 'text.start' },
        ...deltas(random, said, (piece) => ({ type: 'text.delta', text: piece }) as const),
        { type: 'text.end' },
      );
    } else if (kind === 1) {
      events.push({ type: 'reasoning.start', kind: random.pick(['summary', 'raw']) });
      events.push(
        ...deltas(
          random,
          random.text(),
          (piece) => ({ type: 'reasoning.delta', text: piece }) as const,
        ),
      );
      if (random.chance(40))
        events.push({ type: 'reasoning.part' }, { type: 'reasoning.delta', text: 'more' });
      events.push(
        random.chance(50)
          ? { type: 'reasoning.end', carry: { s: random.text() } }
          : { type: 'reasoning.end' },
      );
    } else {
      const name = random.pick(['run', 'mcp__srv__echo', 'apply_patch', 'tool_search', 'unknown']);
      const args = JSON.stringify(
        random.chance(70) ? { input: `${random.text()}.` } : { other: random.text() },
      );
      calls.push(args);
      events.push({
        type: 'call.start',
        callId: random.pick([undefined, 'call_1', 'toolu_0123456789']),
        name,
      });
      events.push(
        ...deltas(random, args, (piece) => ({ type: 'call.delta', arguments: piece }) as const),
        { type: 'call.end' },
      );
    }
  }
  if (random.chance(70))
    events.push({
      type: 'usage',
      usage: {
        inputTokens: 9,
        outputTokens: 3,
        cachedTokens: 1,
        cacheWriteTokens: 0,
        reasoningTokens: 1,
      },
    });
  events.push({ type: 'finish', reason: random.pick(['stop', 'length', 'pause']) });
  return { events, text, calls };
}

/** What a client reads from the items that count. */
function textOf(item: JsonRecord): string {
  const content =
    Array.isArray(item['content']) && item['type'] === 'message'
      ? item['content'].filter(isRecord)
      : [];
  return content.map((part) => String(part['text'])).join('');
}

it('any answer is written as a valid stream and as a valid object, with all of its text and calls', () => {
  const { reply } = decoded({ input: 'q', tools });
  for (let seed = 0; seed < 400; seed += 1) {
    const random = new Random(seed);
    const { events, text, calls } = randomAnswer(random);
    const stream = new ResponseStream(reply);
    let sse = '';
    for (let at = 0; at < events.length; ) {
      const size = 1 + random.below(5);
      if (random.chance(10)) sse += stream.keepAlive();
      sse += stream.write(events.slice(at, at + size));
      at += size;
    }
    const done = assertValidEvents(sse).flatMap((event) =>
      event['type'] === 'response.output_item.done' && isRecord(event['item'])
        ? [event['item']]
        : [],
    );
    assert.equal(done.map(textOf).join(''), text, `seed ${seed}`);
    const made = done.filter((item) => 'call_id' in item);
    assert.equal(made.length, calls.length);
    for (const [index, item] of made.entries())
      if (item['type'] === 'function_call') assert.equal(item['arguments'], calls[index]);
    const whole = wholeResponse(reply, events);
    assert.ok(whole.ok);
    assertValidResponse(whole.response);

    const next = decoded({
      input: [
        user('q'),
        ...done,
        ...made.map((item) => ({ ...result(item), call_id: item['call_id'] })),
        user('go on'),
      ],
      tools,
    });
    assertWellFormed(next.turn, next.reply);
    const said = next.turn.messages.flatMap((message) =>
      message.role === 'assistant' ? message.content : [],
    );
    assert.equal(said.map((part) => (part.type === 'text' ? part.text : '')).join(''), text);
    assert.equal(said.filter((part) => part.type === 'tool_call').length, calls.length);
  }
});

/** The output with which the client answers a call. */
function result(item: JsonRecord): object {
  switch (item['type']) {
    case 'custom_tool_call':
      return { type: 'custom_tool_call_output', output: 'ok' };
    case 'tool_search_call':
      return { type: 'tool_search_output', tools: [] };
    default:
      return { type: 'function_call_output', output: 'ok' };
  }
}
