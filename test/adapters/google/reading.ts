import { signedOf } from '../../../src/adapters/google/carry.ts';
import type { GeminiReading } from '../../support/geminiRecordings.ts';
import type { Outcome } from '../../support/turnEvents.ts';

/** A decoder's outcome in the form of the independent reading. */
export function readingOf(outcome: Outcome): Omit<GeminiReading, 'replay'> {
  const { usage } = outcome;
  return {
    text: outcome.text,
    thoughts: outcome.reasoning,
    signed: outcome.carries.map((carry) => {
      const signed = signedOf(carry);
      return [signed?.part ?? '', signed?.signature ?? ''];
    }),
    calls: outcome.calls.map((call) => ({ ...call, id: call.id ?? '' })),
    usage: usage && {
      input: usage.inputTokens,
      output: usage.outputTokens,
      cached: usage.cachedTokens,
      thoughts: usage.reasoningTokens,
    },
    end: endOf(outcome),
  };
}

function endOf({ finish, error }: Outcome): GeminiReading['end'] {
  if (error !== undefined) return error.kind === 'cut' ? 'cut' : 'error';
  if (finish === 'content_filter') return 'withheld';
  return finish === 'stop' || finish === 'length' ? finish : 'error';
}
