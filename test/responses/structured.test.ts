import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ResponseStream } from '../../src/responses/stream.ts';
import { wholeResponse } from '../../src/responses/whole.ts';
import { turnError } from '../../src/turn/error.ts';
import type { FinishReason, TurnEvent } from '../../src/turn/event.ts';
import { at, listOf } from '../support/json.ts';
import { assertValidEvents, assertValidResponse } from '../support/responsesSchema.ts';
import { decoded, functionTool } from './samples.ts';

const verdict = {
  type: 'object',
  properties: { outcome: { type: 'string' }, why: { type: 'string' } },
  required: ['outcome'],
};
const json = '{"outcome":"allow","why":"a \\"quoted\\" } brace, ünï 🙂"}';

const replyFor = (format: object) =>
  decoded({ input: 'q', stream: true, tools: [functionTool('run')], text: { format } }).reply;
const bySchema = (schema: object, strict = true) =>
  replyFor({ type: 'json_schema', name: 'verdict', strict, schema });
const judged = bySchema(verdict);
const anyObject = replyFor({ type: 'json_object' });

const text = (...deltas: string[]): TurnEvent[] => [
  { type: 'text.start' },
  ...deltas.map((delta): TurnEvent => ({ type: 'text.delta', text: delta })),
  { type: 'text.end' },
];
const reasoning = (...deltas: string[]): TurnEvent[] => [
  { type: 'reasoning.start', kind: 'summary' },
  ...deltas.map((delta): TurnEvent => ({ type: 'reasoning.delta', text: delta })),
  { type: 'reasoning.end', carry: { signature: 's' } },
];
const called: TurnEvent[] = [
  { type: 'call.start', callId: 'call_1234567', name: 'run' },
  { type: 'call.delta', arguments: '{}' },
  { type: 'call.end' },
];
const finish = (reason: FinishReason = 'stop'): TurnEvent => ({ type: 'finish', reason });

/** What the client gets, event by event. */
function answer(events: readonly TurnEvent[], reply = judged) {
  const stream = new ResponseStream(reply);
  const said: string[] = [];
  let sse = stream.open();
  for (const event of events) {
    const written = stream.write([event]);
    sse += written;
    said.push(written);
  }
  const all = assertValidEvents(sse);
  const response = at(all.at(-1), 'response');
  const output = listOf(at(response, 'output'));
  return {
    said,
    status: stream.status,
    error: stream.error,
    usage: stream.usage,
    kinds: output.map((item) => at(item, 'type')),
    messages: output
      .filter((item) => at(item, 'type') === 'message')
      .map((item) => at(item, 'content', 0, 'text')),
    deltas: all.filter((event) => event['type'] === 'response.output_text.delta').length,
  };
}

describe('an answer that was asked for as JSON', () => {
  it('streams as it comes when it is JSON', () => {
    const { messages, said, deltas } = answer([...text('{"outcome"', ':"allow"', '}'), finish()]);
    assert.deepEqual(messages, ['{"outcome":"allow"}']);
    assert.equal(deltas, 3);
    assert.match(said[1] ?? '', /output_text\.delta/);
  });

  it('streams with the white space that stood before it', () => {
    const { messages } = answer([...text('\n', ' {"outcome":', '1}\n'), finish()]);
    assert.deepEqual(messages, ['\n {"outcome":1}\n']);
  });

  it('is never lost, whatever comes of what began like JSON', () => {
    const broken = '{"outcome": "allow", and so on';
    const { messages, status } = answer([...text(broken), finish()]);
    assert.deepEqual([messages, status], [[broken], 'completed']);
    const behind = answer([...text('{"outcome":1}', '\nThat is all.'), finish()]);
    assert.deepEqual(behind.messages, ['{"outcome":1}\nThat is all.']);
  });

  const wrapped: Readonly<Record<string, string>> = {
    'a fence': `\`\`\`json\n${json}\n\`\`\``,
    'a fence without a language': `\`\`\`\n${json}\n\`\`\``,
    'a fence between words': `Here is my verdict:\n\n\`\`\`json\n${json}\n\`\`\`\nAnything else?`,
    'words on the same line': `The answer is ${json}, as you asked.`,
    'a fence that never ends': `\`\`\`json\n${json}`,
    'words with brackets': `Given [1] and {x}, see {a: {b}} and :-{ :\n${json}\n(see [2])`,
    'a draft before it': `<think>{"outcome":"deny"} perhaps?</think>${json}`,
    'another object behind it': `${' '}Verdict: ${json} where {"why": ""} may be empty.`,
    'a byte order of words and a quote': `He said "no".\n${json}`,
  };
  for (const [around, words] of Object.entries(wrapped)) {
    it(`is taken out of ${around}, however the text is cut`, () => {
      const one = answer([...text(words), finish()]);
      assert.deepEqual([one.messages, one.status], [[json], 'completed'], String(one.error));
      for (let cut = 1; cut < words.length; cut += 1) {
        const events = [...text(words.slice(0, cut), words.slice(cut)), finish()];
        assert.deepEqual(answer(events).messages, [json]);
      }
      assert.deepEqual(answer([...text(...words), finish()]).messages, [json]);
    });
  }

  it('waits until it is known, and then comes at once', () => {
    const { said } = answer([...text('Sure: ', json), finish()]);
    assert.deepEqual(said.slice(0, 4), ['', '', '', '']);
  });

  it('may come in several blocks of text', () => {
    const { messages } = answer([...text('Sure: {"outcome"'), ...text(':2}'), finish()]);
    assert.deepEqual(messages, ['{"outcome":2}']);
  });

  const failing: Readonly<Record<string, string>> = {
    'prose alone': 'I would allow it.',
    'an object without the required key': 'Well: {"why":"so"}',
    'a list where an object is due': 'Well: [{"outcome":1}]',
    'a list from its first character': '[{"outcome":1}]',
    'an object within a broken one': 'Well: {"verdict": {"outcome":1}, "list": [1,],}',
    'an object that breaks off': 'Well: {"verdict": {"outcome":1}, "why": "bec',
    'a key that every object has': 'Well: {}',
    'nothing but white space': ' \n',
  };
  for (const [what, words] of Object.entries(failing)) {
    it(`fails the turn so that it can be tried again when it is ${what}`, () => {
      const { status, error, messages } = answer([...text(words), finish()]);
      assert.equal(status, 'failed');
      assert.equal(error?.kind, 'upstream');
      assert.match(error.message, /^acme: .*JSON object with "outcome".*Try again/);
      assert.doesNotMatch(error.message, /Well|allow it/);
      assert.deepEqual(messages, []);
    });
  }

  it('fails the turn when there is no text at all', () => {
    const { error, status } = answer([...reasoning('Hm.'), finish()]);
    assert.equal(status, 'failed');
    assert.match(error?.message ?? '', /gave no text/);
  });

  it('does not take inherited names for keys', () => {
    const reply = bySchema({ type: 'object', required: ['toString'] });
    assert.equal(answer([...text('Well: {}'), finish()], reply).status, 'failed');
  });

  it('gives up on brackets without end in good time', () => {
    const { status } = answer([...text(`Well: ${'{'.repeat(200_000)}`), finish()]);
    assert.equal(status, 'failed');
  });
});

describe('what root the JSON must have', () => {
  const rows: readonly (readonly [form: object, said: string, got: string | undefined])[] = [
    [{ type: 'array' }, 'List: ["a", {"b": [1]}] done', '["a", {"b": [1]}]'],
    [{ type: 'array' }, 'List: {"a": [1]}', undefined],
    [{ type: 'array', required: ['a'] }, '[1]', '[1]'],
    [{}, 'It: {"a": [1]}', '{"a": [1]}'],
    [{}, 'It: [1]', '[1]'],
    [{}, ' "words" ', '"words"'],
    [{}, '42', '42'],
    [{}, 'words', undefined],
    [{ anyOf: [verdict], required: 'outcome' }, 'It: {}', '{}'],
    [{ type: ['object', 'null'] }, 'null', 'null'],
  ];
  for (const [schema, said, got] of rows) {
    it(`${JSON.stringify(schema)} makes ${said} ${got ?? 'a failure'}`, () => {
      const { messages, status } = answer([...text(said), finish()], bySchema(schema));
      assert.equal(messages[0], got);
      assert.equal(status, got === undefined ? 'failed' : 'completed');
    });
  }

  it('json_object takes any object', () => {
    assert.deepEqual(answer([...text('So: {}'), finish()], anyObject).messages, ['{}']);
    const { error } = answer([...text('So: [1]'), finish()], anyObject);
    assert.match(error?.message ?? '', /has to be a JSON object, but the model gave other text/);
  });

  it('is not asked of prose and of a compaction', () => {
    assert.equal(decoded({ input: 'q' }).reply.form, undefined);
    assert.equal(replyFor({ type: 'text' }).form, undefined);
    const compaction = decoded({
      input: [{ type: 'message', role: 'user', content: 'q' }, { type: 'compaction_trigger' }],
      text: { format: { type: 'json_object' } },
    });
    assert.equal(compaction.reply.form, undefined);
  });
});

describe('what is not the final answer', () => {
  it('passes whole before a tool call, with JSON in it or without', () => {
    for (const words of ['I look first.', `I look for {"outcome":1} first.`]) {
      const { messages, kinds, status } = answer([...text(words), ...called, finish()]);
      assert.deepEqual(kinds, ['message', 'function_call']);
      assert.deepEqual([messages, status], [[words], 'completed']);
    }
  });

  it('passes behind a tool call', () => {
    const { messages, kinds } = answer([...called, ...text('Now I wait.'), finish()]);
    assert.deepEqual(kinds, ['function_call', 'message']);
    assert.deepEqual(messages, ['Now I wait.']);
  });

  it('keeps its place among reasoning and calls', () => {
    const { kinds, messages } = answer([
      ...reasoning('Hm.'),
      ...text('I think aloud.'),
      ...reasoning('Hm!'),
      ...called,
      finish(),
    ]);
    assert.deepEqual(kinds, ['reasoning', 'message', 'reasoning', 'function_call']);
    assert.deepEqual(messages, ['I think aloud.']);
  });

  it('is a remark when more text follows its reasoning', () => {
    const { kinds, messages } = answer([
      ...text('I think aloud.'),
      ...reasoning('Hm!'),
      ...text('\n', 'So: ', json),
      finish(),
    ]);
    assert.deepEqual(kinds, ['message', 'reasoning', 'message']);
    assert.deepEqual(messages, ['I think aloud.', `\n${json}`]);
  });

  it('is no answer that reasoning alone follows', () => {
    const { kinds, messages } = answer([...text(`So: ${json}`), ...reasoning(), finish()]);
    assert.deepEqual(kinds, ['message', 'reasoning']);
    assert.deepEqual(messages, [json]);
    const streamed = answer([...text(json), ...reasoning(), finish()]);
    assert.deepEqual(streamed.messages, [json]);
    assert.equal(streamed.status, 'completed');
  });
});

describe('an answer that does not end by itself', () => {
  it('is told as far as it came when it ran out of tokens, paused or was withheld', () => {
    for (const reason of ['length', 'pause', 'content_filter'] as const) {
      const { messages, status } = answer([...text('Sure: {"outco'), finish(reason)]);
      assert.match(String(messages[0]), /^Sure: \{"outco/);
      assert.equal(status, reason === 'length' ? 'incomplete' : 'completed');
    }
  });

  it('fails with the provider’s error', () => {
    const error = turnError('overloaded', 'busy');
    const failed = answer([...text(`Sure: ${json}`), { type: 'error', error }]);
    assert.equal(failed.error, error);
    assert.deepEqual(failed.messages, []);
  });
});

describe('a whole Response', () => {
  it('has the JSON alone, or is an error', () => {
    const good = wholeResponse(judged, [...text(`So: ${json}`), finish()]);
    assert.ok(good.ok);
    assertValidResponse(good.response);
    assert.equal(at(good.response['output'], 0, 'content', 0, 'text'), json);
    const bad = wholeResponse(judged, [...text('No.'), finish()]);
    assert.equal(!bad.ok && bad.error.kind, 'upstream');
  });
});
