import type { Usage } from '../../turn/event.ts';
import { isJsonObject } from '../../turn/json.ts';
import type { Json, JsonObject } from '../../turn/turn.ts';

/** How an answer that passed unread ended. */
export interface Outcome {
  readonly status: 'completed' | 'incomplete' | 'failed';
  readonly usage: Usage | undefined;
  /** The provider's own words for a failure. */
  readonly error: string | undefined;
}

/** The outcome that the last events of a stream tell; `undefined`: it was cut. */
export function outcomeOfStream(newest: Iterable<JsonObject>): Outcome | undefined {
  for (const event of newest) {
    switch (event['type']) {
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
        return isJsonObject(event['response']) ? outcomeOfResponse(event['response']) : undefined;
    }
  }
  return undefined;
}

/** What an `error` event among the last ones says; Codex itself takes no notice of those. */
export function errorInStream(newest: Iterable<JsonObject>): string | undefined {
  for (const event of newest) {
    const { type, error } = event;
    if (type !== 'error' && (type !== undefined || error === undefined)) continue;
    const inner = isJsonObject(error) ? error : event;
    return text(inner['message']) ?? text(inner['code']);
  }
  return undefined;
}

/** The outcome that a whole Response object tells. */
export function outcomeOfResponse(response: JsonObject): Outcome {
  const { status, error, usage } = response;
  return {
    status: status === 'failed' || status === 'incomplete' ? status : 'completed',
    usage: isJsonObject(usage) ? usageOf(usage) : undefined,
    error: isJsonObject(error) ? text(error['message']) : undefined,
  };
}

function usageOf(usage: JsonObject): Usage {
  const input = detail(usage['input_tokens_details']);
  const output = detail(usage['output_tokens_details']);
  return {
    inputTokens: count(usage['input_tokens']),
    outputTokens: count(usage['output_tokens']),
    cachedTokens: count(input['cached_tokens']),
    cacheWriteTokens: count(input['cache_write_tokens']),
    reasoningTokens: count(output['reasoning_tokens']),
  };
}

function detail(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function count(value: Json | undefined): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
