import type { TurnError } from '../../turn/error.ts';
import { parseJson } from '../../turn/json.ts';
import type { ErrorAnswer } from '../adapter.ts';
import { fieldOf, listOf, textOf } from '../json.ts';
import type { Target } from '../target.ts';
import { errorFromAnswer, errorFromPayload, plainError } from '../upstreamErrors.ts';

/** An answer whose status is not 2xx: https://ai.google.dev/gemini-api/docs/troubleshooting */
export function errorFrom(answer: ErrorAnswer, target: Target): TurnError {
  return refined(errorFromAnswer(answer, target), parseJson(answer.body), target);
}

/** An error inside an answer that began with 200. */
export function errorFromEvent(event: unknown, target: Target): TurnError {
  return refined(errorFromPayload(event, target), event, target);
}

/** What only Google says: a quota of the whole day, with a delay of seconds, and that it gave up. */
function refined(error: TurnError, payload: unknown, target: Target): TurnError {
  const [first] = Array.isArray(payload) ? payload : [payload];
  const said = fieldOf(first, 'error');
  const text = textOf(fieldOf(said, 'message'));
  if (error.kind === 'rate_limit' && isDailyQuota(fieldOf(said, 'details'))) {
    return { ...plainError('billing', text, target), status: error.status };
  }
  if (textOf(fieldOf(said, 'status')) === 'CANCELLED') {
    return { ...plainError('upstream', text, target), status: error.status };
  }
  return error;
}

function isDailyQuota(details: unknown): boolean {
  return listOf(details).some((detail) =>
    listOf(fieldOf(detail, 'violations')).some((violation) =>
      /PerDay/i.test(textOf(fieldOf(violation, 'quotaId'))),
    ),
  );
}
