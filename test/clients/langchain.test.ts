import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type AIMessage,
  type AIMessageChunk,
  type BaseMessage,
  HumanMessage,
  SystemMessage,
} from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, type ChatOpenAIFields } from '@langchain/openai';
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

function chatOf(stack: ClientStack, fields: ChatOpenAIFields = {}): ChatOpenAI {
  const { baseURL, apiKey, fetch } = stack;
  return new ChatOpenAI({
    model,
    apiKey,
    useResponsesApi: true,
    maxRetries: 0,
    configuration: { baseURL, fetch },
    ...fields,
  });
}

const citySchema = z.object({ name: z.string(), people: z.number() });
const forecastTool = tool(async ({ city: place }) => forecast(place), {
  name: 'forecast',
  description: 'The weather of tomorrow',
  schema: z.object({ city: z.string() }),
});

type Ask = (
  chat: Pick<ChatOpenAI, 'invoke' | 'stream'>,
  input: BaseMessage[],
) => Promise<AIMessage>;

/** The two ways to get an answer. */
const ways: Readonly<Record<'whole' | 'streamed', Ask>> = {
  whole: (chat, input) => chat.invoke(input),
  streamed: async (chat, input) => {
    let all: AIMessageChunk | undefined;
    for await (const chunk of await chat.stream(input)) all = all?.concat(chunk) ?? chunk;
    assert.ok(all);
    return all;
  },
};

for (const [way, ask] of Object.entries(ways)) {
  describe(`@langchain/openai, ${way}`, () => {
    test('reads text, reasoning and usage', async (t) => {
      const stack = await startStack(t);
      stack.provider.play(greeting);
      const question = [new SystemMessage('Be polite.'), new HumanMessage('Hello')];
      const answer = await ask(chatOf(stack), question);
      assert.equal(answer.text, greeted.words);
      const thought = answer.contentBlocks.filter((block) => block.type === 'reasoning');
      assert.equal(thought.map((block) => block.reasoning).join(''), greeted.thought);
      assert.deepEqual(answer.usage_metadata, {
        input_tokens: 1200,
        output_tokens: 34,
        total_tokens: 1234,
        input_token_details: { cache_read: 1000 },
        output_token_details: { reasoning: 12 },
      });
      assert.deepEqual(
        stack.provider.requests[0]?.messages.map((message) => [message.role, message.text]),
        [
          ['system', 'Be polite.'],
          ['user', 'Hello'],
        ],
      );
    });

    test('runs two calls at once and answers them', async (t) => {
      const stack = await startStack(t, { entry: replaysReasoning });
      stack.provider.play(...forecastTurns());
      const chat = chatOf(stack).bindTools([forecastTool]);
      const input: BaseMessage[] = [new HumanMessage('Oslo and Rome?')];
      const first = await ask(chat, input);
      input.push(first);
      for (const asked of first.tool_calls ?? [])
        input.push(await forecastTool.invoke({ ...asked, type: 'tool_call' }));
      assert.equal((await ask(chat, input)).text, forecasts);
      assertReplayed(stack.provider);
    });

    test('gives the reasoning back with the next question', async (t) => {
      const stack = await startStack(t, { entry: replaysReasoning });
      stack.provider.play(greeting, [text('As before.')]);
      const chat = chatOf(stack);
      const input: BaseMessage[] = [new HumanMessage('Hello')];
      input.push(await ask(chat, input), new HumanMessage('Again'));
      await ask(chat, input);
      assert.deepEqual(at(stack.provider.requests[1]?.body, 'messages', 1), {
        role: 'assistant',
        content: greeted.words,
        reasoning_content: greeted.thought,
      });
    });

    test('needs no option to be stateless, and takes the one there is', async (t) => {
      const stack = await startStack(t);
      stack.provider.play(greeting, [text('As before.')]);
      const chat = chatOf(stack, { zdrEnabled: true });
      const input: BaseMessage[] = [new HumanMessage('Hello')];
      input.push(await ask(chat, input), new HumanMessage('Again'));
      assert.equal((await ask(chat, input)).text, 'As before.');
    });
  });
}

describe('@langchain/openai', () => {
  test('gets an answer in the form of a schema', async (t) => {
    const stack = await startStack(t);
    const chat = chatOf(stack);
    stack.provider.play(cityTurn, cityTurn);
    const structured = chat.withStructuredOutput(citySchema, {
      method: 'jsonSchema',
      strict: true,
    });
    assert.deepEqual(await structured.invoke('Capital of Norway?'), city);
    let last: unknown;
    for await (const part of await structured.stream('Capital of Norway?')) last = part;
    assert.deepEqual(last, city);
    for (const { body } of stack.provider.requests) {
      const format = at(body, 'response_format', 'json_schema');
      assert.equal(at(format, 'strict'), true);
      assert.equal(at(format, 'schema', 'properties', 'people', 'type'), 'number');
    }
  });

  test('gets it as a call that the model must make', async (t) => {
    const stack = await startStack(t);
    stack.provider.play((request) => {
      assert.equal(at(request.body, 'tool_choice', 'function', 'name'), 'city');
      return [call(offered(request, /^city$/), city)];
    });
    const structured = chatOf(stack).withStructuredOutput(citySchema, {
      name: 'city',
      method: 'functionCalling',
    });
    assert.deepEqual(await structured.invoke('Capital of Norway?'), city);
  });

  test('shows an image', async (t) => {
    const stack = await startStack(t);
    stack.provider.play(describesImage);
    const url = `data:image/png;base64,${pixel}`;
    const question = new HumanMessage({
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'image_url', image_url: { url } },
      ],
    });
    assert.equal((await chatOf(stack).invoke([question])).text, url);
  });
});

describe('@langchain/openai is told', () => {
  test('what is wrong with its own request', async (t) => {
    const stack = await startStack(t);
    const hello = 'Hello';
    await assert.rejects(chatOf(stack, { model: strangeModel }).invoke(hello), {
      status: 400,
      message: strange,
    });
    await assert.rejects(chatOf(stack).invoke(hello, { previous_response_id: 'resp_1' }), {
      status: 400,
      message: /"previous_response_id" cannot be used.* Send the whole conversation in "input"/,
    });
  });

  for (const [way, ask] of Object.entries(ways)) {
    test(`that the provider refuses, ${way}`, async (t) => {
      const stack = await startStack(t);
      stack.provider.play(lastingRefusal.turn);
      await assert.rejects(ask(chatOf(stack), [new HumanMessage('Hello')]), {
        status: 400,
        message: lastingRefusal.says,
      });
    });
  }

  for (const [what, { turn, status, says }] of Object.entries(passingFailures)) {
    test(`that the provider ${what}`, async (t) => {
      const stack = await startStack(t);
      stack.provider.playAlways(turn);
      await assert.rejects(chatOf(stack).invoke('Hello'), { status, message: says });
    });

    test(`that the provider ${what}, streamed`, async (t) => {
      const stack = await startStack(t);
      stack.provider.playAlways(turn);
      await assert.rejects(ways.streamed(chatOf(stack), [new HumanMessage('Hello')]), {
        message: says,
      });
    });
  }

  test('that an answer broke off', async (t) => {
    const stack = await startStack(t);
    stack.provider.play(brokenTurn);
    await assert.rejects(ways.streamed(chatOf(stack), [new HumanMessage('Hello')]), {
      message: broken,
    });
  });
});

test('@langchain/openai: an abort reaches the provider', async (t) => {
  const stack = await startStack(t);
  const never = gate();
  const abort = new AbortController();
  stack.provider.play([text('Well, '), waitFor(never.opened)]);
  const { signal } = abort;
  await assert.rejects(async () => {
    for await (const chunk of await chatOf(stack).stream('Hello', { signal }))
      if (chunk.text !== '') abort.abort();
  }, /abort/i);
  assert.equal(await stack.provider.requests[0]?.outcome, 'aborted');
});
