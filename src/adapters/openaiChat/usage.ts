import type { Usage } from '../../turn/event.ts';
import { isJsonObject } from '../../turn/json.ts';
import type { Json, JsonObject } from '../../turn/turn.ts';
import { fieldOf } from '../json.ts';

/** Where hosts put the token counts of a chunk; `undefined` where this one has none. */
export function findUsage(
  chunk: JsonObject,
  choice: JsonObject | undefined,
): JsonObject | undefined {
  for (const place of [chunk['usage'], choice?.['usage'], fieldOf(chunk['x_groq'], 'usage')]) {
    if (isJsonObject(place)) return place;
  }
  return undefined;
}

/**
 * The counts in our meaning: output includes reasoning. xAI and Gemini's compatible endpoint leave
 * reasoning out of `completion_tokens` and count it in `total_tokens` only.
 */
export function readUsage(usage: JsonObject): Usage {
  const inputDetails = usage['prompt_tokens_details'] ?? usage['input_tokens_details'];
  const outputDetails = usage['completion_tokens_details'] ?? usage['output_tokens_details'];
  const inputTokens = largest(usage['prompt_tokens'], usage['input_tokens']);
  const visible = largest(usage['completion_tokens'], usage['output_tokens']);
  const outputTokens = Math.max(visible, largest(usage['total_tokens']) - inputTokens);
  const reasoning = largest(fieldOf(outputDetails, 'reasoning_tokens'), usage['reasoning_tokens']);
  return {
    inputTokens,
    outputTokens,
    cachedTokens: Math.min(
      inputTokens,
      largest(
        fieldOf(inputDetails, 'cached_tokens'),
        usage['prompt_cache_hit_tokens'],
        usage['cached_tokens'],
        usage['num_cached_tokens'],
        usage['cache_read_input_tokens'],
      ),
    ),
    cacheWriteTokens: Math.min(
      inputTokens,
      largest(
        fieldOf(inputDetails, 'cache_write_tokens'),
        fieldOf(inputDetails, 'cache_creation_tokens'),
        usage['cache_creation_input_tokens'],
      ),
    ),
    reasoningTokens: Math.min(outputTokens, Math.max(reasoning, outputTokens - visible)),
  };
}

function largest(...counts: readonly (Json | undefined)[]): number {
  let most = 0;
  for (const count of counts) {
    if (typeof count === 'number' && Number.isFinite(count) && count > most) most = count;
  }
  return Math.trunc(most);
}
