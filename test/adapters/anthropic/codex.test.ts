import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { type Stack, type StackOptions, startStack } from '../../codex/stack.ts';
import { type AnthropicFake, startAnthropic } from '../../support/anthropicUpstream.ts';
import { at, isRecord, listOf } from '../../support/json.ts';
import { call, finish, http, reasoning, type Step, text, usage } from '../../support/script.ts';

const opus = 'claude-opus-5-5';
const sonnet = 'claude-sonnet-5-5';
const haiku = 'claude-haiku-4-5';

/** Real Codex, the proxy and Anthropic's rules for its own models. */
async function start(
  t: TestContext,
  model = opus,
  options: StackOptions = {},
): Promise<Stack & { readonly fake: AnthropicFake }> {
  const made: AnthropicFake[] = [];
  const wire = {
    name: 'anthropic',
    start: async (...args: Parameters<typeof startAnthropic>) => {
      const fake = await startAnthropic(...args);
      made.push(fake);
      return fake;
    },
  };
  const stack = await startStack(t, wire, {
    fake: { models: [opus, sonnet, haiku] },
    ...options,
    codex: { model: `sim/${model}`, config: { model_reasoning_effort: 'high' }, ...options.codex },
  });
  const [fake] = made;
  assert.ok(fake);
  return { ...stack, fake };
}

/** A short name of the shell tool's call that prints a word. */
const echo = (word: string): Step => call('exec_command', { cmd: `echo ${word}` });

/** The blocks of one kind in a request's conversation. */
const blocks = (fake: AnthropicFake, type: string, request = -1): readonly unknown[] =>
  listOf(at(fake.requests.at(request)?.body, 'messages'))
    .flatMap((message) => listOf(at(message, 'content')))
    .filter((block) => at(block, 'type') === type);

/** A stream that a script cannot say. */
const stream = (...events: readonly object[]) =>
  http(200, events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''), {
    'content-type': 'text/event-stream',
  });

describe('Codex with Anthropic', () => {
  for (const model of [opus, sonnet, haiku]) {
    test(`gets the thinking of ${model} shown, and gives it back through calls and a resume`, async (t) => {
      const { codex, fake } = await start(t, model);
      fake.play(
        [reasoning('**Looking**\n\nFirst, one.'), reasoning(''), text('One.'), echo('one')],
        [reasoning('Then two and three.'), echo('two'), echo('three')],
        [text('Done.')],
        [reasoning('Again?'), text('Again.')],
        [text('Yes.')],
      );
      const run = await codex.exec('Go');
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(run.messages, ['One.', 'Done.']);
      assert.deepEqual(
        run.items('reasoning').map((item) => at(item, 'text')),
        ['**Looking**\n\nFirst, one.', 'Then two and three.'],
      );
      for (const prompt of ['Again', 'Sure?']) {
        const resumed = await codex.exec(prompt, ['resume', '--last']);
        assert.equal(resumed.code, 0, String(resumed));
      }
      // The fake compared each block, and with newer models all that stood before it.
      assert.deepEqual(fake.dropped, []);
      assert.equal(blocks(fake, 'thinking').length, 3);
      assert.equal(blocks(fake, 'redacted_thinking').length, 1);
    });
  }

  test('keeps system, tools and history the same bytes from request to request', async (t) => {
    const { codex, fake } = await start(t);
    fake.play([echo('one')], [echo('two')], [text('Done.')], [text('Yes.')]);
    await codex.exec('Go');
    await codex.exec('Sure?', ['resume', '--last']);
    const unmarked = fake.requests.map(({ body }) =>
      JSON.stringify(body).replaceAll(/,"cache_control":\{"type":"ephemeral"\}/g, ''),
    );
    for (const [index, body] of unmarked.entries()) {
      const before = unmarked[index - 1]?.replace(/\]\}$/, '') ?? '';
      assert.equal(body.slice(0, before.length), before);
    }
    const marks = JSON.stringify(fake.requests.at(-1)?.body).match(/cache_control/g);
    assert.equal(marks?.length, 4);
  });

  test('switches models and back: thinking only goes to the model that thought', async (t) => {
    const { codex, fake } = await start(t);
    fake.play(
      [reasoning('Hm.'), echo('one')],
      [text('Done.')],
      [reasoning('Mine.'), text('Hi.')],
      [text('Back.')],
    );
    await codex.exec('Go');
    const other = await codex.exec('You?', ['resume', '--last', '-m', `sim/${haiku}`]);
    assert.equal(other.code, 0, String(other));
    assert.equal(fake.requests.at(-1)?.model, haiku);
    assert.deepEqual(blocks(fake, 'thinking'), []);
    const back = await codex.exec('You?', ['resume', '--last', '-m', `sim/${opus}`]);
    assert.equal(back.code, 0, String(back));
    assert.deepEqual(
      blocks(fake, 'thinking').map((block) => at(block, 'thinking')),
      ['Hm.'],
    );
    // What Codex tells a model that takes over arrives as an instruction.
    const system = listOf(at(fake.requests.at(-1)?.body, 'messages')).filter(
      (message) => at(message, 'role') === 'system',
    );
    assert.match(JSON.stringify(system), /model_switch/);
  });

  test('asks for an answer in a form, together with its tools', async (t) => {
    const { codex, fake } = await start(t);
    const schema = {
      type: 'object',
      properties: { files: { type: 'array', items: { type: 'string' } } },
      required: ['files'],
      additionalProperties: false,
    };
    writeFileSync(codex.path('schema.json'), JSON.stringify(schema));
    fake.play([echo('one')], [text('{"files":[]}')]);
    const run = await codex.exec('List', ['--output-schema', codex.path('schema.json')]);
    assert.equal(run.code, 0, String(run));
    assert.deepEqual(run.messages, ['{"files":[]}']);
    const body = fake.requests.at(-1)?.body;
    assert.deepEqual(at(body, 'output_config', 'format', 'schema'), schema);
    assert.ok(listOf(at(body, 'tools')).length > 3);
  });

  test('compacts a history of calls without offering tools', async (t) => {
    const { codex, fake } = await start(t, opus, {
      codex: {
        model: `sim/${opus}`,
        config: { model_auto_compact_token_limit: 10_000 },
      },
    });
    fake.play(
      [reasoning('Hm.'), echo('one'), usage({ input: 50_000, output: 10 })],
      [text('They said one.'), usage({ input: 900, output: 10 })],
      [text('Done.'), usage({ input: 1000, output: 10 })],
    );
    const run = await codex.exec('Go');
    assert.equal(run.code, 0, String(run));
    const compaction = fake.requests.find(({ tools }) => tools.length === 0);
    assert.ok(compaction, 'no request without tools');
    const told = compaction.messages.map((message) => message.text).join('\n');
    assert.match(told, /exec_command/);
    assert.match(told, /echo one/);
    assert.match(
      fake.requests
        .at(-1)
        ?.messages.map(({ text: words }) => words)
        .join('\n') ?? '',
      /They said one\./,
    );
  });

  test('goes on by itself when the provider pauses', async (t) => {
    const { codex, fake } = await start(t);
    const message = { id: 'msg_p', type: 'message', role: 'assistant', content: [] };
    fake.play(
      stream(
        {
          type: 'message_start',
          message: { ...message, usage: { input_tokens: 9, output_tokens: 1 } },
        },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        {
          type: 'content_block_delta',
          index: 0,
          delta: { type: 'text_delta', text: 'Still at it.' },
        },
        { type: 'content_block_stop', index: 0 },
        {
          type: 'message_delta',
          delta: { stop_reason: 'pause_turn' },
          usage: { output_tokens: 5 },
        },
        { type: 'message_stop' },
      ),
      [text('Done.')],
    );
    const run = await codex.exec('Go');
    assert.equal(run.code, 0, String(run));
    assert.deepEqual(run.messages, ['Still at it.', 'Done.']);
  });

  test('reads a refusal as the assistant’s words', async (t) => {
    const { codex, fake } = await start(t);
    fake.play([text('First, '), finish('content_filter')]);
    const run = await codex.exec('Go');
    assert.equal(run.code, 0, String(run));
    assert.match(run.messages.join(''), /^First, .*declined under the usage policy\.$/);
  });

  test('is told when the model ran out of its context window', async (t) => {
    const { codex, fake } = await start(t, opus, { faulty: true });
    const message = { id: 'msg_o', type: 'message', role: 'assistant', content: [] };
    fake.playAlways(
      stream(
        { type: 'message_start', message },
        { type: 'message_delta', delta: { stop_reason: 'model_context_window_exceeded' } },
        { type: 'message_stop' },
      ),
    );
    const run = await codex.exec('Go');
    assert.notEqual(run.code, 0);
    assert.match(run.failure ?? '', /ran out of room in the model's context window/);
    assert.equal(fake.posts, 1);
  });

  test('sends the picture of its user', async (t) => {
    const { codex, fake } = await start(t);
    const png =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==';
    writeFileSync(codex.path('dot.png'), Buffer.from(png, 'base64'));
    fake.play([text('A dot.')]);
    const run = await codex.exec('What is this?', ['-i', codex.path('dot.png')]);
    assert.equal(run.code, 0, String(run));
    const [image] = blocks(fake, 'image');
    assert.ok(isRecord(image));
    assert.equal(at(image, 'source', 'media_type'), 'image/png');
  });
});
