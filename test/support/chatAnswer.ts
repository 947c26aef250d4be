import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { at } from './json.ts';
import {
  type Answer,
  isHttp,
  type ScriptUsage,
  type SearchedStep,
  type SeenRequest,
  type Step,
} from './script.ts';

/**
 * The answers' form is OpenAI's (https://platform.openai.com/docs/api-reference/chat-streaming), with
 * the `reasoning_content` that DeepSeek added (https://api-docs.deepseek.com/guides/reasoning_model).
 */

/** Characters of one text, reasoning or arguments delta. */
const pieceLength = 9;

/** Plays an answer as OpenAI's API would write it. */
export async function play(
  response: ServerResponse,
  seen: SeenRequest,
  answer: Answer,
  sliceBytes: number | undefined,
): Promise<void> {
  if (isHttp(answer)) {
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
    return;
  }
  if (seen.stream) await playStream(response, seen, answer, sliceBytes);
  else await playWhole(response, seen, answer);
}

async function playStream(
  response: ServerResponse,
  seen: SeenRequest,
  steps: readonly Step[],
  sliceBytes: number | undefined,
): Promise<void> {
  const frame = { id: 'chatcmpl-sim', object: 'chat.completion.chunk', created: 1790000000 };
  const write = (payload: string): void => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
    const bytes = Buffer.from(`data: ${payload}\n\n`);
    const slice = sliceBytes ?? bytes.length;
    for (let at = 0; at < bytes.length; at += slice) response.write(bytes.subarray(at, at + slice));
  };
  const chunk = (delta: object, finishReason: string | null = null): void =>
    write(
      JSON.stringify({
        ...frame,
        model: seen.model,
        choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
      }),
    );
  let begun = false;
  const begin = (): void => {
    if (!begun) chunk({ role: 'assistant', content: '', refusal: null });
    begun = true;
  };
  for (const step of steps) {
    if (response.destroyed) return;
    switch (step.step) {
      case 'silence':
        if (!step.beforeHeaders) begin();
        await sleep(step.ms);
        break;
      case 'gate':
        begin();
        await step.opened;
        break;
      case 'text':
        begin();
        for (const piece of pieces(step.text)) chunk({ content: piece });
        break;
      case 'reasoning':
        begin();
        for (const piece of pieces(step.text)) chunk({ reasoning_content: piece });
        break;
      case 'searched':
        begin();
        chunk({ annotations: annotationsOf(seen, step) });
        break;
      case 'call': {
        begin();
        const index = callsBefore(steps, step);
        const head = { name: step.name, arguments: '' };
        chunk({ tool_calls: [{ index, id: step.id, type: 'function', function: head }] });
        for (const piece of pieces(step.arguments)) {
          chunk({ tool_calls: [{ index, function: { arguments: piece } }] });
        }
        break;
      }
      case 'failure':
        write(
          JSON.stringify({ error: { message: step.message, type: 'server_error', code: null } }),
        );
        response.end();
        return;
      case 'cut':
        await flushed(response);
        response.socket?.resetAndDestroy();
        return;
      case 'stop_short':
        response.end();
        return;
      case 'usage':
      case 'finish':
        break;
    }
  }
  begin();
  chunk({}, finishReason(steps));
  const counts = usageOf(steps);
  if (counts !== undefined && at(seen.body, 'stream_options', 'include_usage') === true) {
    write(JSON.stringify({ ...frame, model: seen.model, choices: [], usage: counted(counts) }));
  }
  write('[DONE]');
  response.end();
}

async function playWhole(
  response: ServerResponse,
  seen: SeenRequest,
  steps: readonly Step[],
): Promise<void> {
  for (const step of steps) {
    if (step.step === 'silence') await sleep(step.ms);
    if (step.step === 'gate') await step.opened;
    if (step.step === 'cut') {
      response.socket?.resetAndDestroy();
      return;
    }
  }
  const calls = steps.flatMap((step) =>
    step.step === 'call'
      ? [
          {
            id: step.id,
            type: 'function',
            function: { name: step.name, arguments: step.arguments },
          },
        ]
      : [],
  );
  const searches = steps.filter((step) => step.step === 'searched');
  const counts = usageOf(steps);
  const message = {
    role: 'assistant',
    content: joined(steps, 'text'),
    reasoning_content: joined(steps, 'reasoning'),
    refusal: null,
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(searches.length > 0 && {
      annotations: searches.flatMap((step) => annotationsOf(seen, step)),
    }),
  };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({
      id: 'chatcmpl-sim',
      object: 'chat.completion',
      created: 1790000000,
      model: seen.model,
      choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(steps) }],
      ...(counts !== undefined && { usage: counted(counts) }),
    }),
  );
}

/** https://openrouter.ai/docs/guides/features/plugins/web-search#parsing-web-search-results */
function annotationsOf(seen: SeenRequest, { pages }: SearchedStep): readonly object[] {
  if (seen.serverSearch === undefined) throw new Error('no search was asked for');
  return pages.map(({ url, title, content }) => ({
    type: 'url_citation',
    url_citation: { url, title, content, start_index: 0, end_index: 1 },
  }));
}

function joined(steps: readonly Step[], kind: 'text' | 'reasoning'): string | null {
  const words = steps.flatMap((step) => (step.step === kind && 'text' in step ? [step.text] : []));
  return words.length === 0 ? null : words.join('');
}

function pieces(words: string): readonly string[] {
  const characters = [...words];
  return Array.from({ length: Math.ceil(characters.length / pieceLength) }, (_, index) =>
    characters.slice(index * pieceLength, (index + 1) * pieceLength).join(''),
  );
}

function callsBefore(steps: readonly Step[], step: Step): number {
  return steps.slice(0, steps.indexOf(step)).filter((other) => other.step === 'call').length;
}

function finishReason(steps: readonly Step[]): string {
  const said = steps.find((step) => step.step === 'finish');
  if (said !== undefined) return said.reason;
  return steps.some((step) => step.step === 'call') ? 'tool_calls' : 'stop';
}

function usageOf(steps: readonly Step[]): ScriptUsage | undefined {
  return steps.find((step) => step.step === 'usage')?.usage;
}

function counted(counts: ScriptUsage): object {
  return {
    prompt_tokens: counts.input,
    completion_tokens: counts.output,
    total_tokens: counts.input + counts.output,
    prompt_tokens_details: { cached_tokens: counts.cached, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: counts.reasoning, audio_tokens: 0 },
  };
}

/** What was written has left for the socket, so that a cut comes after it. */
function flushed(response: ServerResponse): Promise<void> {
  return new Promise((done) => {
    response.write('', () => setImmediate(done));
  });
}
