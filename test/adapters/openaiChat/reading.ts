import { at, listOf } from '../../support/json.ts';

/**
 * An independent reading of Chat Completions answers: it shares nothing with `src/`, takes the whole
 * bytes at once, and follows the vendors' pages only.
 *   stream     https://platform.openai.com/docs/api-reference/chat-streaming/streaming
 *   details    https://openrouter.ai/docs/use-cases/reasoning-tokens
 *   thinking   https://docs.mistral.ai/capabilities/reasoning/
 *   caching    https://platform.openai.com/docs/guides/prompt-caching
 *   xAI usage  https://docs.x.ai/docs/guides/reasoning: reasoning is billed as output, beside completion_tokens
 */
export interface Reading {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly { readonly id: string; name: string; arguments: string }[];
  readonly usage:
    | { readonly input: number; output: number; cached: number; reasoning: number }
    | undefined;
  /** `error`, or the word of the end; `''` where the host gives none. */
  readonly end: string;
}

export function readStream(bytes: Uint8Array): Reading {
  const payloads = new TextDecoder()
    .decode(bytes)
    .split(/\r\n\r\n|\n\n|\r\r/)
    .map((block) =>
      block
        .split(/\r\n|\n|\r/)
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5).replace(/^ /, ''))
        .join('\n'),
    )
    .filter((data) => data !== '' && data !== '[DONE]');
  return read(payloads.map((data) => JSON.parse(data)));
}

export function readWhole(bytes: Uint8Array): Reading {
  return read([JSON.parse(new TextDecoder().decode(bytes))]);
}

function read(chunks: readonly unknown[]): Reading {
  let content = '';
  let reasoning = '';
  let end = '';
  let usage: unknown;
  for (const chunk of chunks) {
    const choice = at(chunk, 'choices', 0);
    const message = at(choice, 'delta') ?? at(choice, 'message');
    content += shownText(message);
    reasoning += thoughts(message);
    usage = at(chunk, 'usage') ?? at(choice, 'usage') ?? at(chunk, 'x_groq', 'usage') ?? usage;
    end = string(at(choice, 'finish_reason')) || end;
    if (at(chunk, 'error') !== undefined || at(chunk, 'detail') !== undefined) end = 'error';
  }
  const tagged = /^\s*<think>\s*([\s\S]*?)(?:<\/think>\s*([\s\S]*))?$/.exec(content);
  return {
    text: tagged === null ? content : (tagged[2] ?? ''),
    reasoning: reasoning + (tagged?.[1] ?? ''),
    calls: calls(chunks),
    usage: usage === undefined || usage === null ? undefined : counts(usage),
    end,
  };
}

function calls(chunks: readonly unknown[]): Reading['calls'] {
  const found = new Map<string, { id: string; name: string; arguments: string }>();
  for (const chunk of chunks) {
    const choice = at(chunk, 'choices', 0);
    const whole = listOf(at(choice, 'message', 'tool_calls')).entries();
    const pieces = listOf(at(choice, 'delta', 'tool_calls')).map((call) => [
      at(call, 'index'),
      call,
    ]);
    for (const [index, call] of [...whole, ...pieces]) {
      // Chunks of one completion have one id; a call is known by that and by its index.
      const key = `${string(at(chunk, 'id'))}/${index}`;
      const known = found.get(key) ?? { id: '', name: '', arguments: '' };
      known.id ||= string(at(call, 'id'));
      known.name ||= string(at(call, 'function', 'name'));
      known.arguments += string(at(call, 'function', 'arguments'));
      found.set(key, known);
    }
  }
  return [...found.values()];
}

function shownText(message: unknown): string {
  const content = at(message, 'content');
  const parts = listOf(content).map((part) => string(at(part, 'text')));
  return string(content) + parts.join('') + string(at(message, 'refusal'));
}

function thoughts(message: unknown): string {
  for (const field of ['reasoning_content', 'reasoning', 'reasoning_text']) {
    const value = string(at(message, field));
    if (value !== '') return value;
  }
  const parts = listOf(at(message, 'content')).flatMap((part) => listOf(at(part, 'thinking')));
  return [...parts, ...listOf(at(message, 'reasoning_details'))]
    .map((part) => string(at(part, 'text')) || string(at(part, 'summary')))
    .join('');
}

function counts(usage: unknown) {
  const input = number(at(usage, 'prompt_tokens'));
  const completion = number(at(usage, 'completion_tokens'));
  const total = number(at(usage, 'total_tokens')) || input + completion;
  const said = number(at(usage, 'completion_tokens_details', 'reasoning_tokens'));
  return {
    input,
    output: total - input,
    // Cached tokens are a part of the prompt's. Grok on Azure also counts its own hidden prompt.
    cached: Math.min(input, cachedTokens(usage)),
    reasoning: said || total - input - completion,
  };
}

function cachedTokens(usage: unknown): number {
  return Math.max(
    number(at(usage, 'prompt_tokens_details', 'cached_tokens')),
    number(at(usage, 'prompt_cache_hit_tokens')),
    number(at(usage, 'cached_tokens')),
    number(at(usage, 'num_cached_tokens')),
  );
}

function string(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
