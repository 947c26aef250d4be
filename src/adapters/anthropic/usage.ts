import type { Usage } from '../../turn/event.ts';
import type { Json } from '../../turn/turn.ts';
import { fieldOf } from '../json.ts';

/**
 * Counts tokens from `message_start` and the `message_delta` events, which are cumulative and may
 * leave out what has not changed. The API counts cached input beside `input_tokens`, we inside.
 */
export class UsageCounter {
  #seen = false;
  #input = 0;
  #output = 0;
  #cached = 0;
  #written = 0;
  #reasoning = 0;

  add(usage: Json | undefined): void {
    if (usage === undefined || usage === null) return;
    this.#seen = true;
    this.#input = count(usage, 'input_tokens') ?? this.#input;
    this.#output = count(usage, 'output_tokens') ?? this.#output;
    this.#cached = count(usage, 'cache_read_input_tokens') ?? this.#cached;
    this.#written = count(usage, 'cache_creation_input_tokens') ?? this.#written;
    this.#reasoning =
      count(fieldOf(usage, 'output_tokens_details'), 'thinking_tokens') ?? this.#reasoning;
  }

  /** `undefined` where the provider said nothing. */
  get total(): Usage | undefined {
    if (!this.#seen) return undefined;
    return {
      inputTokens: this.#input + this.#cached + this.#written,
      outputTokens: this.#output,
      cachedTokens: this.#cached,
      cacheWriteTokens: this.#written,
      reasoningTokens: Math.min(this.#reasoning, this.#output),
    };
  }
}

function count(usage: Json | undefined, key: string): number | undefined {
  const value = fieldOf(usage, key);
  return typeof value === 'number' && Number.isFinite(value)
    ? Math.max(0, Math.trunc(value))
    : undefined;
}
