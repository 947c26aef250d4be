import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import OpenAI from 'openai';
import { ResponsesToolRunner, runnerFunction } from 'openai/helpers/responses-tool-runner';
import { zodResponsesFunction, zodTextFormat } from 'openai/helpers/zod';
import { toResponseInputItems } from 'openai/lib/responses/ResponseInputItems';
import type { ResponseCreateParamsBase, ResponseInput } from 'openai/resources/responses/responses';
import * as z from 'zod';
import { at } from '../support/json.ts';
import { reasoning, text, waitFor } from '../support/script.ts';
import { gate, until } from '../support/until.ts';
import { type ClientStack, model, pixel, replaysReasoning, startStack } from './stack.ts';
import {
  assertReplayed,
  broken,
  brokenTurn,
  city,
  cityTurn,
  describesImage,
  forecast,
  forecasts,
  forecastTurns,
  greeted,
  greeting,
  lastingRefusal,
  passingFailures,
  strange,
  strangeModel,
} from './turns.ts';

function clientOf({ baseURL, apiKey, fetch }: ClientStack): OpenAI {
  return new OpenAI({ baseURL, apiKey, fetch, maxRetries: 0 });
}

const cityFormat = zodTextFormat(z.object({ name: z.string(), people: z.number() }), 'city');
const forecastTool = zodResponsesFunction({
  name: 'forecast',
  description: 'The weather of tomorrow',
  parameters: z.object({ city: z.string() }),
  function: ({ city: place }) => forecast(place),
});

describe('openai', () => {
  test('lists the models', async (t) => {
    const client = clientOf(await startStack(t));
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    assert.deepEqual(ids, [model]);
  });

  test('reads a whole answer: text, summary, usage', async (t) => {
    const stack = await startStack(t);
    stack.provider.play(greeting);
    const response = await clientOf(stack).responses.create({
      model,
      instructions: 'Be polite.',
      input: 'Hello',
    });
    assertGreeting(response);
    assert.deepEqual(
      stack.provider.requests[0]?.messages.map((message) => [message.role, message.text]),
      [
        ['system', 'Be polite.'],
        ['user', 'Hello'],
      ],
    );
  });

  test('reads the events of a stream', async (t) => {
    const stack = await startStack(t);
    stack.provider.play(greeting);
    const events = await clientOf(stack).responses.create({ model, input: 'Hello', stream: true });
    let words = '';
    let thought = '';
    for await (const event of events) {
      if (event.type === 'response.output_text.delta') words += event.delta;
      if (event.type === 'response.reasoning_summary_text.delta') thought += event.delta;
      if (event.type === 'response.completed') assertUsage(event.response);
    }
    assert.deepEqual({ thought, words }, greeted);
  });

  test('gathers a stream with its helper', async (t) => {
    const stack = await startStack(t);
    stack.provider.play(greeting);
    const stream = clientOf(stack).responses.stream({ model, input: 'Hello' });
    const snapshots: string[] = [];
    stream.on('response.output_text.delta', ({ snapshot }) => snapshots.push(snapshot));
    assertGreeting(await stream.finalResponse());
    assert.equal(snapshots.at(-1), greeted.words);
    assert.ok(snapshots.length > 1);
  });

  test('gathers a stream that pauses in the middle of an item', async (t) => {
    const stack = await startStack(t, { keepAliveMs: 15 });
    const pause = gate();
    stack.provider.play([reasoning('Hm.'), text('Well, '), waitFor(pause.opened), text('yes.')]);
    const stream = clientOf(stack).responses.stream({ model, input: 'Hello' });
    const final = stream.finalResponse();
    const signs = (): number =>
      stack.exchanges[0]?.answer.split('event: response.in_progress').length ?? 0;
    await until('signs of life', () => signs() > 4);
    pause.open();
    assert.equal((await final).output_text, 'Well, yes.');
  });

  test('runs two calls at once and answers them, whole', async (t) => {
    const stack = await startStack(t, { entry: replaysReasoning });
    const client = clientOf(stack);
    stack.provider.play(...forecastTurns());
    const input: ResponseInput = [{ role: 'user', content: 'Oslo and Rome?' }];
    const first = await client.responses.parse({ model, input, tools: [forecastTool] });
    input.push(...toResponseInputItems(first.output));
    for (const item of first.output) {
      if (item.type !== 'function_call') continue;
      const { city: place } = z.object({ city: z.string() }).parse(item.parsed_arguments);
      input.push({ type: 'function_call_output', call_id: item.call_id, output: forecast(place) });
    }
    const second = await client.responses.parse({ model, input, tools: [forecastTool] });
    assert.equal(second.output_text, forecasts);
    assertReplayed(stack.provider);
  });

  for (const eager of [false, true]) {
    test(`runs the same in the streaming tool runner${eager ? ', eagerly' : ''}`, async (t) => {
      const stack = await startStack(t, { entry: replaysReasoning });
      stack.provider.play(...forecastTurns());
      const runner = new ResponsesToolRunner({ functions: [runnerFunction(forecastTool)] });
      const last = await runner.run(
        clientOf(stack),
        { model, input: 'Oslo and Rome?', store: false },
        { stream: true, eager },
      );
      assert.equal(last.output_text, forecasts);
      assertReplayed(stack.provider);
    });
  }

  test('gets an answer in the form of a schema, whole and streamed', async (t) => {
    const stack = await startStack(t);
    const { responses } = clientOf(stack);
    stack.provider.play(cityTurn, cityTurn);
    const request = { model, input: 'Capital of Norway?', text: { format: cityFormat } };
    assert.deepEqual((await responses.parse(request)).output_parsed, city);
    assert.deepEqual((await responses.stream(request).finalResponse()).output_parsed, city);
    const asked = stack.provider.requests.map(({ body }) => at(body, 'response_format'));
    assert.equal(at(asked[0], 'json_schema', 'strict'), true);
    assert.equal(at(asked[0], 'json_schema', 'schema', 'properties', 'people', 'type'), 'number');
    assert.deepEqual(asked[1], asked[0]);
  });

  test('shows an image', async (t) => {
    const stack = await startStack(t);
    stack.provider.play(describesImage);
    const url = `data:image/png;base64,${pixel}`;
    const { output_text } = await clientOf(stack).responses.create({
      model,
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is this?' },
            { type: 'input_image', image_url: url, detail: 'auto' },
          ],
        },
      ],
    });
    assert.equal(output_text, url);
  });

  test('gives the reasoning back with the next question', async (t) => {
    const stack = await startStack(t, { entry: replaysReasoning });
    const client = clientOf(stack);
    stack.provider.play(greeting, [text('As before.')]);
    const input: ResponseInput = [{ role: 'user', content: 'Hello' }];
    const first = await client.responses.stream({ model, input, store: false }).finalResponse();
    input.push(...toResponseInputItems(first.output), { role: 'user', content: 'Again' });
    await client.responses.create({ model, input, store: false });
    assert.deepEqual(at(stack.provider.requests[1]?.body, 'messages', 1), {
      role: 'assistant',
      content: greeted.words,
      reasoning_content: greeted.thought,
    });
  });
});

describe('openai is told', () => {
  test('what is wrong with its own request', async (t) => {
    const client = clientOf(await startStack(t));
    const rows: readonly (readonly [ResponseCreateParamsBase, RegExp])[] = [
      [{ model: strangeModel, input: 'Hello' }, strange],
      [
        { model, input: 'Hello', previous_response_id: 'resp_1' },
        /"previous_response_id" cannot be used, because nothing is stored here\. Send the whole conversation in "input"\./,
      ],
      [{ model, input: 'Hello', conversation: 'conv_1' }, /"conversation" cannot be used/],
      [{ model, input: 'Hello', background: true }, /"background" cannot be used here/],
      [
        { model, input: [{ type: 'item_reference', id: 'msg_1' }] },
        /"msg_1", but nothing is stored here\. Send the items themselves \("store": false\)\./,
      ],
    ];
    for (const [request, says] of rows) {
      for (const stream of [false, true]) {
        const asked = client.responses.create({ ...request, stream });
        await assert.rejects(asked, (error) => {
          assert.ok(error instanceof OpenAI.BadRequestError);
          assert.match(error.message, says);
          return true;
        });
      }
    }
    await assert.rejects(client.responses.retrieve('resp_1'), {
      status: 404,
      message: /OpenCodex has no GET \/v1\/responses\/resp_1/,
    });
  });

  test('that it lacks the access token', async (t) => {
    const stack = await startStack(t);
    const client = clientOf({ ...stack, apiKey: 'sk-of-something-else' });
    await assert.rejects(client.responses.create({ model, input: 'Hello' }), {
      status: 400,
      message: /no valid access token.*"ocx token" prints the token, to be sent as API key/,
    });
  });

  test('that the provider refuses, whole and streamed', async (t) => {
    const stack = await startStack(t);
    const { responses } = clientOf(stack);
    stack.provider.playAlways(lastingRefusal.turn);
    const expected = { status: 400, message: lastingRefusal.says };
    await assert.rejects(responses.create({ model, input: 'Hello' }), expected);
    await assert.rejects(responses.stream({ model, input: 'Hello' }).finalResponse(), expected);
  });

  for (const [what, { turn, status, says }] of Object.entries(passingFailures)) {
    test(`that the provider ${what}`, async (t) => {
      const stack = await startStack(t);
      stack.provider.playAlways(turn);
      const asked = clientOf(stack).responses.create({ model, input: 'Hello' });
      await assert.rejects(asked, { status, message: says });
    });

    test(`that the provider ${what}, streamed`, async (t) => {
      const stack = await startStack(t);
      stack.provider.playAlways(turn);
      const stream = clientOf(stack).responses.stream({ model, input: 'Hello' });
      await assert.rejects(stream.finalResponse(), { message: says });
    });
  }

  test('that an answer broke off', async (t) => {
    const stack = await startStack(t);
    stack.provider.play(brokenTurn);
    const stream = clientOf(stack).responses.stream({ model, input: 'Hello' });
    await assert.rejects(stream.finalResponse(), { code: 'server_error', message: broken });
  });
});

test('openai: an abort reaches the provider', async (t) => {
  const stack = await startStack(t);
  const never = gate();
  stack.provider.play([text('Well, '), waitFor(never.opened)]);
  const stream = clientOf(stack).responses.stream({ model, input: 'Hello' });
  stream.once('response.output_text.delta', () => stream.abort());
  await assert.rejects(stream.finalResponse(), OpenAI.APIUserAbortError);
  assert.equal(await stack.provider.requests[0]?.outcome, 'aborted');
});

function assertGreeting(response: OpenAI.Responses.Response): void {
  assert.equal(response.output_text, greeted.words);
  const [thought, message] = response.output;
  assert.ok(thought?.type === 'reasoning' && message?.type === 'message');
  assert.deepEqual(thought.summary, [{ type: 'summary_text', text: greeted.thought }]);
  assertUsage(response);
}

function assertUsage({ usage }: OpenAI.Responses.Response): void {
  assert.deepEqual(usage, {
    input_tokens: 1200,
    input_tokens_details: { cached_tokens: 1000, cache_write_tokens: 0 },
    output_tokens: 34,
    output_tokens_details: { reasoning_tokens: 12 },
    total_tokens: 1234,
  });
}
