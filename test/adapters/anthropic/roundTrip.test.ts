import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { anthropic } from '../../../src/adapters/anthropic/adapter.ts';
import type { Target } from '../../../src/adapters/target.ts';
import { decodeRequest } from '../../../src/responses/request.ts';
import { ResponseStream } from '../../../src/responses/stream.ts';
import { type AnthropicFake, startAnthropic } from '../../support/anthropicUpstream.ts';
import { at, isRecord, listOf } from '../../support/json.ts';
import { testScope } from '../../support/scope.ts';
import { call, reasoning, text } from '../../support/script.ts';
import { claude } from '../target.ts';

const tool = { type: 'function', name: 'run', description: 'Runs', parameters: { type: 'object' } };
const question = { role: 'user', content: 'What is here?' };
const context = { role: 'developer', content: 'You are Codex.' };

/** One request through everything but the server: what Codex sends, what it would keep. */
async function turn(
  fake: AnthropicFake,
  target: Target,
  input: readonly object[],
  more: object = {},
): Promise<readonly object[]> {
  const body = {
    model: 'acme/m',
    input,
    tools: [tool],
    stream: true,
    reasoning: { effort: 'high' },
    ...more,
  };
  const decoded = decodeRequest(new TextEncoder().encode(JSON.stringify(body)), {
    requestedModel: 'acme/m',
    provider: target.provider,
    model: target.model,
    rewriteIdentity: true,
  });
  assert.ok(decoded.ok);
  const request = anthropic.encode(decoded.turn, {
    ...target,
    baseUrl: String(fake.entry['baseUrl']),
  });
  const response = await fetch(request.url, {
    method: 'POST',
    headers: { ...request.headers, 'x-api-key': fake.apiKey },
    body: request.body,
  });
  const answer = new Uint8Array(await response.arrayBuffer());
  assert.equal(response.status, 200, new TextDecoder().decode(answer));
  const decoder = anthropic.decoder(target, 'sse');
  const stream = new ResponseStream(decoded.reply);
  const written = stream.write(decoder.push(answer)) + stream.write(decoder.end());
  assert.equal(stream.status, 'completed');
  return written
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line): unknown => JSON.parse(line.slice('data: '.length)))
    .filter((event) => at(event, 'type') === 'response.output_item.done')
    .map((event) => at(event, 'item'))
    .filter((item) => isRecord(item));
}

/** What Codex answers to the calls among these items. */
const outputs = (items: readonly object[]): readonly object[] =>
  items
    .filter((item) => at(item, 'type') === 'function_call')
    .map((item) => ({ type: 'function_call_output', call_id: at(item, 'call_id'), output: 'x' }));

const start = (t: TestContext, models: readonly string[]) =>
  startAnthropic(testScope(t), { models });

const loop = [
  reasoning('Häm \u2028 "…"'),
  reasoning(''),
  text('Looking.'),
  call('run', {}, 'toolu_1'),
];

describe('thinking', () => {
  for (const model of [
    'claude-haiku-4-5',
    'claude-opus-4-8',
    'claude-opus-5-5',
    'claude-sonnet-5-5',
  ]) {
    test(`of ${model} comes back byte for byte after a tool call and after the turn`, async (t) => {
      const fake = await start(t, [model]);
      fake.play(
        loop,
        [reasoning('Again.'), call('run', {}, 'toolu_2')],
        [text('Done.')],
        [text('Yes.')],
      );
      const target = claude(model);
      const history: object[] = [context, question];
      for (let request = 0; request < 3; request++) {
        const items = await turn(fake, target, history);
        history.push(...items, ...outputs(items));
      }
      await turn(fake, target, [...history, { role: 'user', content: 'Sure?' }]);
      // The fake compares every block with what it gave out, and for newer models the whole prefix.
      assert.deepEqual(fake.refusals, []);
      assert.deepEqual(fake.dropped, []);
      const kept = JSON.stringify(at(fake.requests.at(-1)?.body, 'messages'));
      assert.equal(kept.match(/"type":"thinking"/g)?.length, 2);
      assert.equal(kept.match(/"type":"redacted_thinking"/g)?.length, 1);
    });
  }

  test('survives JSON on its way through Codex and a restart', async (t) => {
    const fake = await start(t, ['claude-opus-5-5']);
    fake.play(loop, [text('Done.')]);
    const items = await turn(fake, claude(), [context, question]);
    const resumed = listOf(
      JSON.parse(JSON.stringify([context, question, ...items, ...outputs(items)])),
    );
    await turn(
      fake,
      claude(),
      resumed.filter((item) => isRecord(item)),
    );
    assert.deepEqual(fake.refusals, []);
  });

  test('is absent after a switch of model or provider, and back with the first', async (t) => {
    const fake = await start(t, ['claude-opus-5-5', 'claude-opus-4-8']);
    fake.play(loop, [text('Done.')], [text('Done.')], [text('Done.')]);
    const items = await turn(fake, claude(), [context, question]);
    const history = [
      context,
      question,
      ...items,
      ...outputs(items),
      { role: 'user', content: 'And?' },
    ];
    const blocks = () => JSON.stringify(at(fake.requests.at(-1)?.body, 'messages'));
    await turn(fake, claude('claude-opus-4-8'), history);
    assert.doesNotMatch(blocks(), /thinking"|signature|ocx1/);
    await turn(fake, { ...claude(), provider: 'other' }, history);
    assert.doesNotMatch(blocks(), /thinking"|signature|ocx1/);
    await turn(fake, claude(), history);
    assert.match(blocks(), /redacted_thinking/);
    assert.deepEqual(fake.refusals, []);
  });

  test('that another tool list has unbound is dropped, not refused', async (t) => {
    const fake = await start(t, ['claude-opus-5-5']);
    fake.play(loop, [text('Done.')]);
    const items = await turn(fake, claude(), [context, question]);
    const tools = { tools: [tool, { ...tool, name: 'new' }] };
    await turn(fake, claude(), [context, question, ...items, ...outputs(items)], tools);
    assert.deepEqual(fake.refusals, []);
    assert.equal(fake.dropped.length, 2);
  });

  test('is not needed in a loop that another model began', async (t) => {
    const fake = await start(t, ['claude-opus-4-8', 'claude-haiku-4-5']);
    fake.play(loop, [text('Done.')]);
    const items = await turn(fake, claude('claude-opus-4-8'), [context, question]);
    await turn(fake, claude('claude-haiku-4-5'), [context, question, ...items, ...outputs(items)]);
    assert.deepEqual(fake.refusals, []);
  });
});
