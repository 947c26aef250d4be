import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  Agent,
  type AgentInputItem,
  assistant,
  MemorySession,
  OpenAIProvider,
  Runner,
  tool,
  user,
} from '@openai/agents';
import OpenAI from 'openai';
import * as z from 'zod';
import { at } from '../support/json.ts';
import { call, offered, text, waitFor } from '../support/script.ts';
import { gate } from '../support/until.ts';
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

function runnerOf({ baseURL, apiKey, fetch }: ClientStack): Runner {
  const openAIClient = new OpenAI({ baseURL, apiKey, fetch, maxRetries: 0 });
  return new Runner({
    modelProvider: new OpenAIProvider({ openAIClient }),
    tracingDisabled: true,
  });
}

const host = new Agent({ name: 'Host', instructions: 'Be polite.', model });
const forecaster = new Agent({
  name: 'Forecaster',
  model,
  modelSettings: { parallelToolCalls: true },
  tools: [
    tool({
      name: 'forecast',
      description: 'The weather of tomorrow',
      parameters: z.object({ city: z.string() }),
      execute: async ({ city: place }) => forecast(place),
    }),
  ],
});
const geographer = new Agent({
  name: 'Geographer',
  model,
  outputType: z.object({ name: z.string(), people: z.number() }),
});

describe('@openai/agents', () => {
  test('reads a whole answer: text, reasoning, usage', async (t) => {
    const stack = await startStack(t);
    stack.provider.play(greeting);
    const result = await runnerOf(stack).run(host, 'Hello');
    assertGreeting(result);
    assert.deepEqual(
      stack.provider.requests[0]?.messages.map((message) => [message.role, message.text]),
      [
        ['system', 'Be polite.'],
        ['user', 'Hello'],
      ],
    );
  });

  test('reads a stream', async (t) => {
    const stack = await startStack(t);
    stack.provider.play(greeting);
    const result = await runnerOf(stack).run(host, 'Hello', { stream: true });
    let words = '';
    const types: string[] = [];
    for await (const event of result) {
      types.push(event.type === 'run_item_stream_event' ? event.name : event.type);
      if (event.type === 'raw_model_stream_event' && event.data.type === 'output_text_delta')
        words += event.data.delta;
    }
    await result.completed;
    assert.equal(words, greeted.words);
    assert.ok(types.includes('reasoning_item_created') && types.includes('message_output_created'));
    assertGreeting(result);
  });

  test('runs two calls at once and answers them, whole', async (t) => {
    const stack = await startStack(t, { entry: replaysReasoning });
    stack.provider.play(...forecastTurns());
    const result = await runnerOf(stack).run(forecaster, 'Oslo and Rome?');
    assert.equal(result.finalOutput, forecasts);
    assertReplayed(stack.provider);
  });

  test('runs two calls at once and answers them, streamed', async (t) => {
    const stack = await startStack(t, { entry: replaysReasoning });
    stack.provider.play(...forecastTurns());
    const result = await runnerOf(stack).run(forecaster, 'Oslo and Rome?', { stream: true });
    let words = '';
    for await (const piece of result.toTextStream()) words += piece;
    await result.completed;
    assert.equal(words, forecasts);
    assert.equal(result.finalOutput, forecasts);
    assertReplayed(stack.provider);
  });

  test('hands over to another agent', async (t) => {
    const stack = await startStack(t);
    const guide = Agent.create({ name: 'Guide', model, handoffs: [geographer] });
    stack.provider.play(
      (request) => [call(offered(request, /Geographer/i), {}, 'handoff')],
      cityTurn,
    );
    const result = await runnerOf(stack).run(guide, 'Capital of Norway?');
    assert.equal(result.lastAgent?.name, 'Geographer');
    assert.deepEqual(result.finalOutput, city);
  });

  test('gets an answer in the form of a schema, whole and streamed', async (t) => {
    const stack = await startStack(t);
    const runner = runnerOf(stack);
    stack.provider.play(cityTurn, cityTurn);
    const whole = await runner.run(geographer, 'Capital of Norway?');
    assert.deepEqual(whole.finalOutput, city);
    const streamed = await runner.run(geographer, 'Capital of Norway?', { stream: true });
    await streamed.completed;
    assert.deepEqual(streamed.finalOutput, city);
    for (const { body } of stack.provider.requests) {
      const format = at(body, 'response_format', 'json_schema');
      assert.equal(at(format, 'strict'), true);
      assert.equal(at(format, 'schema', 'properties', 'people', 'type'), 'number');
    }
  });

  test('shows an image', async (t) => {
    const stack = await startStack(t);
    stack.provider.play(describesImage);
    const image = `data:image/png;base64,${pixel}`;
    const question: AgentInputItem = {
      role: 'user',
      content: [
        { type: 'input_text', text: 'What is this?' },
        { type: 'input_image', image },
      ],
    };
    assert.equal((await runnerOf(stack).run(host, [question])).finalOutput, image);
  });

  test('gives the reasoning back with the next question', async (t) => {
    const stack = await startStack(t, { entry: replaysReasoning });
    const runner = runnerOf(stack);
    const session = new MemorySession();
    stack.provider.play(greeting, [text('As before.')], [text('As before.')]);
    const first = await runner.run(host, 'Hello', { session });
    await runner.run(host, 'Again', { session });
    await runner.run(host, [...first.history, user('Again')]);
    for (const { body } of stack.provider.requests.slice(1)) {
      assert.deepEqual(at(body, 'messages', 2), {
        role: 'assistant',
        content: greeted.words,
        reasoning_content: greeted.thought,
      });
    }
  });

  test('sends an answer that it got elsewhere', async (t) => {
    const stack = await startStack(t);
    stack.provider.play([text('Yes.')]);
    const result = await runnerOf(stack).run(host, [user('Hm?'), assistant('Well.'), user('So?')]);
    assert.equal(result.finalOutput, 'Yes.');
    assert.equal(stack.provider.requests[0]?.messages[2]?.text, 'Well.');
  });
});

describe('@openai/agents is told', () => {
  test('what is wrong with its own request', async (t) => {
    const runner = runnerOf(await startStack(t));
    await assert.rejects(runner.run(new Agent({ name: 'A', model: strangeModel }), 'Hello'), {
      message: strange,
    });
    await assert.rejects(runner.run(host, 'Hello', { previousResponseId: 'resp_1' }), {
      message: /"previous_response_id" cannot be used.* Send the whole conversation in "input"/,
    });
    await assert.rejects(runner.run(host, 'Hello', { conversationId: 'conv_1' }), {
      message: /"conversation" cannot be used.* Send the whole conversation in "input"/,
    });
  });

  test('that the provider refuses, whole and streamed', async (t) => {
    const stack = await startStack(t);
    const runner = runnerOf(stack);
    stack.provider.playAlways(lastingRefusal.turn);
    const expected = { status: 400, message: lastingRefusal.says };
    await assert.rejects(runner.run(host, 'Hello'), expected);
    const result = await runner.run(host, 'Hello', { stream: true });
    await assert.rejects(result.completed, expected);
  });

  for (const [what, { turn, status, says }] of Object.entries(passingFailures)) {
    test(`that the provider ${what}`, async (t) => {
      const stack = await startStack(t);
      stack.provider.playAlways(turn);
      await assert.rejects(runnerOf(stack).run(host, 'Hello'), { status, message: says });
    });

    test(`that the provider ${what}, streamed`, async (t) => {
      const stack = await startStack(t);
      stack.provider.playAlways(turn);
      const result = await runnerOf(stack).run(host, 'Hello', { stream: true });
      await assert.rejects(result.completed, { message: says });
    });
  }

  test('that an answer broke off', async (t) => {
    const stack = await startStack(t);
    stack.provider.play(brokenTurn);
    const result = await runnerOf(stack).run(host, 'Hello', { stream: true });
    await assert.rejects(result.completed, { message: broken });
  });
});

test('@openai/agents: an abort reaches the provider', async (t) => {
  const stack = await startStack(t);
  const never = gate();
  const abort = new AbortController();
  stack.provider.play([text('Well, '), waitFor(never.opened)]);
  const { signal } = abort;
  const result = await runnerOf(stack).run(host, 'Hello', { stream: true, signal });
  for await (const piece of result.toTextStream()) {
    assert.equal(piece, 'Well, ');
    abort.abort();
  }
  assert.equal(await stack.provider.requests[0]?.outcome, 'aborted');
});

type Result = Awaited<ReturnType<Runner['run']>>;

function assertGreeting(result: Pick<Result, 'finalOutput' | 'newItems' | 'runContext'>): void {
  assert.equal(result.finalOutput, greeted.words);
  const thought = result.newItems.find((item) => item.type === 'reasoning_item');
  assert.equal(at(thought?.rawItem, 'content', 0, 'text'), greeted.thought);
  const { inputTokens, outputTokens, totalTokens, inputTokensDetails, outputTokensDetails } =
    result.runContext.usage;
  assert.deepEqual([inputTokens, outputTokens, totalTokens], [1200, 34, 1234]);
  assert.equal(at(inputTokensDetails, 0, 'cached_tokens'), 1000);
  assert.equal(at(outputTokensDetails, 0, 'reasoning_tokens'), 12);
}
