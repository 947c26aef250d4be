import type { TurnError } from '../../turn/error.ts';
import { parseJson } from '../../turn/json.ts';
import type { ErrorAnswer } from '../adapter.ts';
import { fieldOf, textOf } from '../json.ts';
import type { Target } from '../target.ts';
import { errorFromAnswer, errorFromPayload, plainError } from '../upstreamErrors.ts';

/** An answer whose status is not 2xx: https://platform.claude.com/docs/en/api/errors */
export function errorFrom(answer: ErrorAnswer, target: Target): TurnError {
  return refined(errorFromAnswer(answer, target), parseJson(answer.body), target);
}

/** An error inside an answer that began with 200. */
export function errorFromEvent(event: unknown, target: Target): TurnError {
  return refined(errorFromPayload(event, target), event, target);
}

/** Spend limits come as 429 or 400 with a code of their own; no waiting helps. */
const spendCodes = /^(?:\w+_)?spend_limit_reached$/;

/** What only Anthropic says: the cause's code in `error.details`, overflow by `max_tokens`, `model: x`. */
function refined(error: TurnError, payload: unknown, target: Target): TurnError {
  const said = fieldOf(payload, 'error');
  const text = textOf(fieldOf(said, 'message'));
  if (/input length and `?max_tokens`? exceed context limit/.test(text)) {
    return { ...plainError('context_overflow', text, target), status: error.status };
  }
  if (spendCodes.test(textOf(fieldOf(fieldOf(said, 'details'), 'error_code')))) {
    return { ...plainError('billing', text, target), status: error.status };
  }
  if (error.status === 404 && /^model: /.test(text)) {
    return { ...plainError('unknown_model', text, target), status: error.status };
  }
  // Inside a stream there is no status that says so.
  if (error.kind === 'upstream' && fieldOf(said, 'type') === 'invalid_request_error') {
    return { ...plainError('rejected', text, target), status: error.status };
  }
  return error;
}
