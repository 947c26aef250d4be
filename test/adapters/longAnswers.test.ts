import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { adapterFor } from '../../src/adapters/registry.ts';
import type { Target } from '../../src/adapters/target.ts';
import { chatTarget, claude, gemini, responsesTarget } from './target.ts';

/** What a model may write at any length: what comes first, and what then comes again and again. */
interface Writing {
  readonly name: string;
  readonly target: Target;
  readonly first: readonly object[];
  readonly again: object;
}

const blank = '\n   ';

function chatDelta(delta: object): object {
  return { choices: [{ delta }] };
}

function chatArguments(text: string, more: object = {}): object {
  return chatDelta({
    tool_calls: [{ index: 0, ...more, function: { name: 'run', arguments: text } }],
  });
}

function claudeBlock(block: object): object {
  return { type: 'content_block_start', index: 0, content_block: block };
}

function claudeDelta(delta: object): object {
  return { type: 'content_block_delta', index: 0, delta };
}

function geminiParts(...parts: readonly object[]): object {
  return { candidates: [{ content: { parts } }] };
}

const claudeCall = claudeBlock({ type: 'tool_use', id: 'toolu_1', name: 'run', input: {} });

const writings: readonly Writing[] = [
  {
    name: 'Chat: arguments of a call',
    target: chatTarget(),
    first: [chatArguments('{"input":"', { id: 'call_of_acme_1' })],
    again: chatArguments('line of text'),
  },
  {
    name: 'Chat: white space',
    target: chatTarget(),
    first: [],
    again: chatDelta({ content: blank }),
  },
  {
    name: 'Chat: white space where no tags are looked for',
    target: chatTarget({ thinkTags: false }),
    first: [],
    again: chatDelta({ content: blank }),
  },
  {
    name: 'Anthropic: arguments of a call',
    target: claude(),
    first: [claudeCall, claudeDelta({ type: 'input_json_delta', partial_json: '{"input":"' })],
    again: claudeDelta({ type: 'input_json_delta', partial_json: 'line of text' }),
  },
  {
    name: 'Anthropic: wrapped arguments of a call',
    target: claude(),
    first: [
      claudeCall,
      claudeDelta({ type: 'input_json_delta', partial_json: '{"ocx_arguments":{"input":"' }),
    ],
    again: claudeDelta({ type: 'input_json_delta', partial_json: 'line of text' }),
  },
  {
    name: 'Anthropic: white space',
    target: claude(),
    first: [claudeBlock({ type: 'text', text: '' })],
    again: claudeDelta({ type: 'text_delta', text: blank }),
  },
  {
    name: 'Gemini: white space',
    target: gemini(),
    first: [],
    again: geminiParts({ text: blank }),
  },
  {
    name: 'Responses: arguments of a call',
    target: responsesTarget(),
    first: [
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { type: 'function_call', call_id: 'call_1', name: 'run' },
      },
    ],
    again: {
      type: 'response.function_call_arguments.delta',
      output_index: 0,
      delta: 'line of text',
    },
  },
];

const events = 64_000;

/** Of reading so many events of that kind as the answers say, in microseconds of this process's work. */
function cost({ target, first, again }: Writing, answers: number): number {
  const event = (data: object): Uint8Array =>
    new TextEncoder().encode(`data: ${JSON.stringify(data)}\n\n`);
  const chunk = event(again);
  const before = process.cpuUsage();
  for (let answer = 0; answer < answers; answer += 1) {
    const decoder = adapterFor(target.wire).decoder(target, 'sse');
    for (const data of first) decoder.push(event(data));
    for (let index = 0; index < events / answers; index += 1) decoder.push(chunk);
  }
  return process.cpuUsage(before).user;
}

describe('a long answer costs no more than many short ones', () => {
  for (const writing of writings) {
    test(writing.name, () => {
      const short = cost(writing, 32);
      const long = cost(writing, 1);
      // Where each event looks at all that came before it, some 30 times as much.
      assert.ok(long < 8 * short, `${long} against ${short} microseconds`);
    });
  }
});
