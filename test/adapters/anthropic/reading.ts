import type { AnthropicReading } from '../../support/anthropicRecordings.ts';
import type { Outcome } from '../../support/turnEvents.ts';

/** A decoder's outcome in the form of the independent reading. */
export function readingOf(outcome: Outcome): AnthropicReading {
  const { usage, error } = outcome;
  return {
    text: outcome.text,
    thinking: outcome.reasoning,
    kept: outcome.carries.flat(),
    calls: outcome.calls.map((call) => ({ ...call, id: call.id ?? '' })),
    usage: usage && {
      input: usage.inputTokens,
      output: usage.outputTokens,
      cached: usage.cachedTokens,
      written: usage.cacheWriteTokens,
      thinking: usage.reasoningTokens,
    },
    end: endOf(outcome, error?.kind),
  };
}

function endOf({ finish }: Outcome, kind: string | undefined): AnthropicReading['end'] {
  if (kind === 'cut') return 'cut';
  if (kind === 'context_overflow') return 'context';
  if (kind !== undefined || finish === undefined || finish === 'content_filter') return 'error';
  return finish;
}
