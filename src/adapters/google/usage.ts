import type { Usage } from '../../turn/event.ts';
import type { Json } from '../../turn/turn.ts';
import { fieldOf } from '../json.ts';

/**
 * Each event repeats all counts so far; some have none yet, which give `undefined`. Thoughts are
 * counted beside the answer, tool prompts beside the prompt; cached tokens are part of the prompt.
 * https://ai.google.dev/api/generate-content#UsageMetadata
 */
export function usageOf(metadata: Json | undefined): Usage | undefined {
  const prompt = count(metadata, 'promptTokenCount');
  const answer = count(metadata, 'candidatesTokenCount');
  const thoughts = count(metadata, 'thoughtsTokenCount');
  if (prompt === undefined && answer === undefined && thoughts === undefined) return undefined;
  const input = (prompt ?? 0) + (count(metadata, 'toolUsePromptTokenCount') ?? 0);
  return {
    inputTokens: input,
    outputTokens: (answer ?? 0) + (thoughts ?? 0),
    cachedTokens: Math.min(count(metadata, 'cachedContentTokenCount') ?? 0, input),
    cacheWriteTokens: 0,
    reasoningTokens: thoughts ?? 0,
  };
}

function count(metadata: Json | undefined, key: string): number | undefined {
  const value = fieldOf(metadata, key);
  return typeof value === 'number' && Number.isFinite(value)
    ? Math.max(0, Math.trunc(value))
    : undefined;
}
