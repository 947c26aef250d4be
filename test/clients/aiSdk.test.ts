import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createOpenAI, type OpenAILanguageModelResponsesOptions } from '@ai-sdk/openai';
import {
  APICallError,
  generateObject,
  generateText,
  type LanguageModelUsage,
  type ModelMessage,
  Output,
  stepCountIs,
  streamObject,
  streamText,
  tool,
} from 'ai';
import * as z from 'zod';
import { at } from '../support/json.ts';
import { finish, text, waitFor } from '../support/script.ts';
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

/** What every call shares; the model is the Responses one, which is the default of `createOpenAI`. */
function callOf({ baseURL, apiKey, fetch }: ClientStack, name = model) {
  const openai = createOpenAI({ baseURL, apiKey, fetch });
  return { model: openai(name), maxRetries: 0, onError: () => {} };
}

/** Items are sent as they are, not as references to stored ones. */
const stateless = {
  providerOptions: { openai: { store: false } satisfies OpenAILanguageModelResponsesOptions },
};

const citySchema = z.object({ name: z.string(), people: z.number() });
const withForecast = {
  ...stateless,
  prompt: 'Oslo and Rome?',
  stopWhen: stepCountIs(3),
  tools: {
    forecast: tool({
      description: 'The weather of tomorrow',
      inputSchema: z.object({ city: z.string() }),
      execute: async ({ city: place }) => forecast(place),
    }),
  },
};

describe('ai', () => {
  test('reads a whole answer: text, reasoning, usage', async (t) => {
    const stack = await startStack(t);
    stack.provider.play(greeting);
    const result = await generateText({
      ...callOf(stack),
      system: 'Be polite.',
      prompt: 'Hello',
    });
    assert.equal(result.text, greeted.words);
    assert.equal(result.reasoningText, greeted.thought);
    assertUsage(result.usage);
    assert.deepEqual(result.warnings, []);
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
    const result = streamText({ ...callOf(stack), prompt: 'Hello' });
    let words = '';
    let thought = '';
    for await (const part of result.fullStream) {
      assert.notEqual(part.type, 'error');
      if (part.type === 'text-delta') words += part.text;
      if (part.type === 'reasoning-delta') thought += part.text;
    }
    assert.deepEqual({ thought, words }, greeted);
    assert.equal(await result.finishReason, 'stop');
    assertUsage(await result.usage);
  });

  test('hears that the token limit cut the answer', async (t) => {
    const stack = await startStack(t);
    stack.provider.play([text('I was'), finish('length')], [text('I was'), finish('length')]);
    const asked = { ...callOf(stack), prompt: 'Hello', maxOutputTokens: 16 };
    assert.equal((await generateText(asked)).finishReason, 'length');
    assert.equal(await streamText(asked).finishReason, 'length');
    assert.equal(at(stack.provider.requests[0]?.body, 'max_tokens'), 16);
  });

  test('runs two calls at once and answers them, whole', async (t) => {
    const stack = await startStack(t, { entry: replaysReasoning });
    stack.provider.play(...forecastTurns());
    const result = await generateText({ ...callOf(stack), ...withForecast });
    assert.equal(result.text, forecasts);
    assertReplayed(stack.provider);
  });

  test('runs two calls at once and answers them, streamed', async (t) => {
    const stack = await startStack(t, { entry: replaysReasoning });
    stack.provider.play(...forecastTurns());
    const result = streamText({ ...callOf(stack), ...withForecast });
    assert.equal(await result.text, forecasts);
    assert.deepEqual(
      (await result.steps)[0]?.toolCalls.map((asked) => asked.input),
      [{ city: 'Oslo' }, { city: 'Rome' }],
    );
    assertReplayed(stack.provider);
  });

  test('gets an answer in the form of a schema, whole and streamed', async (t) => {
    const stack = await startStack(t);
    stack.provider.play(cityTurn, cityTurn, cityTurn, cityTurn);
    const asked = { ...callOf(stack), prompt: 'Capital of Norway?' };
    const output = Output.object({ schema: citySchema });
    assert.deepEqual((await generateText({ ...asked, output })).output, city);
    const streamed = streamText({ ...asked, output });
    let partial: unknown;
    for await (const part of streamed.partialOutputStream) partial = part;
    assert.deepEqual(partial, city);
    assert.deepEqual((await generateObject({ ...asked, schema: citySchema })).object, city);
    const growing = streamObject({ ...asked, schema: citySchema });
    for await (const part of growing.partialObjectStream) partial = part;
    assert.deepEqual([partial, await growing.object], [city, city]);
    for (const { body } of stack.provider.requests) {
      const format = at(body, 'response_format', 'json_schema');
      assert.equal(at(format, 'strict'), true);
      assert.equal(at(format, 'schema', 'properties', 'people', 'type'), 'number');
    }
  });

  test('shows an image', async (t) => {
    const stack = await startStack(t);
    stack.provider.play(describesImage);
    const result = await generateText({
      ...callOf(stack),
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', image: pixel, mediaType: 'image/png' },
          ],
        },
      ],
    });
    assert.equal(result.text, `data:image/png;base64,${pixel}`);
  });

  test('gives the reasoning back with the next question', async (t) => {
    const stack = await startStack(t, { entry: replaysReasoning });
    for (const streamed of [false, true]) {
      stack.provider.play(greeting, [text('As before.')]);
      const messages: ModelMessage[] = [{ role: 'user', content: 'Hello' }];
      const asked = { ...callOf(stack), ...stateless };
      const first = streamed
        ? await streamText({ ...asked, messages }).response
        : (await generateText({ ...asked, messages })).response;
      messages.push(...first.messages, { role: 'user', content: 'Again' });
      const second = await generateText({ ...asked, messages });
      assert.deepEqual(second.warnings, []);
      assert.deepEqual(at(stack.provider.requests.at(-1)?.body, 'messages', 1), {
        role: 'assistant',
        content: greeted.words,
        reasoning_content: greeted.thought,
      });
    }
  });
});

describe('ai is told', () => {
  test('what is wrong with its own request', async (t) => {
    const stack = await startStack(t);
    await assert.rejects(
      generateText({ ...callOf(stack, strangeModel), prompt: 'Hello' }),
      refusal(strange),
    );
    stack.provider.playAlways(greeting);
    const asked = { ...callOf(stack), prompt: 'Hello' };
    const { messages } = (await generateText(asked)).response;
    await assert.rejects(
      generateText({
        ...callOf(stack),
        messages: [...messages, { role: 'user', content: 'And?' }],
      }),
      refusal(/nothing is stored here\. Send the items themselves \("store": false\)\./),
    );
    const continued = { openai: { previousResponseId: 'resp_1' } };
    await assert.rejects(
      generateText({ ...asked, providerOptions: continued }),
      refusal(/"previous_response_id" cannot be used.* Send the whole conversation in "input"/),
    );
  });

  test('that the provider refuses, whole and streamed', async (t) => {
    const stack = await startStack(t);
    stack.provider.playAlways(lastingRefusal.turn);
    const asked = { ...callOf(stack), prompt: 'Hello' };
    await assert.rejects(generateText(asked), refusal(lastingRefusal.says));
    await assert.rejects(failureOf(stack), refusal(lastingRefusal.says));
  });

  for (const [what, { turn, status, says }] of Object.entries(passingFailures)) {
    test(`that the provider ${what}`, async (t) => {
      const stack = await startStack(t);
      stack.provider.playAlways(turn);
      await assert.rejects(generateText({ ...callOf(stack), prompt: 'Hello' }), {
        statusCode: status,
        isRetryable: true,
        message: says,
      });
    });

    test(`that the provider ${what}, streamed`, async (t) => {
      const stack = await startStack(t);
      stack.provider.playAlways(turn);
      await assert.rejects(failureOf(stack), { isRetryable: true, message: says });
    });
  }

  test('that an answer broke off', async (t) => {
    const stack = await startStack(t);
    stack.provider.play(brokenTurn);
    await assert.rejects(failureOf(stack), { message: broken });
  });
});

test('ai: an abort reaches the provider', async (t) => {
  const stack = await startStack(t);
  const never = gate();
  const abort = new AbortController();
  stack.provider.play([text('Well, '), waitFor(never.opened)]);
  const result = streamText({ ...callOf(stack), prompt: 'Hello', abortSignal: abort.signal });
  for await (const piece of result.textStream) {
    assert.equal(piece, 'Well, ');
    abort.abort();
  }
  assert.equal(await stack.provider.requests[0]?.outcome, 'aborted');
});

/** Rejects with the one error that a stream reports. */
async function failureOf(stack: ClientStack): Promise<void> {
  const errors: unknown[] = [];
  for await (const part of streamText({ ...callOf(stack), prompt: 'Hello' }).fullStream)
    if (part.type === 'error') errors.push(part.error);
  assert.equal(errors.length, 1);
  throw errors[0];
}

function refusal(says: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(APICallError.isInstance(error));
    assert.deepEqual([error.statusCode, error.isRetryable], [400, false]);
    assert.match(error.responseBody ?? '', says);
    return true;
  };
}

function assertUsage(usage: LanguageModelUsage): void {
  assert.deepEqual([usage.inputTokens, usage.outputTokens, usage.totalTokens], [1200, 34, 1234]);
  assert.equal(usage.inputTokenDetails.cacheReadTokens, 1000);
  assert.equal(usage.outputTokenDetails.reasoningTokens, 12);
}
