import { echoOf } from '../../responses/echo.ts';
import { errorEvent, streamFailure } from '../../responses/errors.ts';
import { constantMembers, responseJson, seconds } from '../../responses/snapshot.ts';
import type { TurnError } from '../../turn/error.ts';

/** What the proxy itself says in a stream that it passes through. */

/** Resets Codex's idle clock (comments would not) and means nothing to any client. */
export const keepAliveEvent = 'event: keepalive\ndata: {"type":"keepalive"}\n\n';

interface Request {
  readonly id: string;
  readonly model: string;
}

/** Tells the client of a stream that the answer broke off; nothing may follow. */
export function failureEvents(request: Request, error: TurnError, from = 0): string {
  const said = JSON.stringify(errorEvent(error)).slice(1, -1);
  return (
    event('error', from, said) +
    event('response.failed', from + 1, `"response":${response(request, error)}`)
  );
}

/** A whole stream that fails at once. SDKs take none that does not begin with `response.created`. */
export function failedStream(request: Request, error: TurnError): string {
  const begun = `"response":${response(request, undefined)}`;
  return (
    event('response.created', 0, begun) +
    event('response.in_progress', 1, begun) +
    failureEvents(request, error, 2)
  );
}

function event(type: string, sequence: number, fields: string): string {
  return `event: ${type}\ndata: {"type":"${type}","sequence_number":${sequence},${fields}}\n\n`;
}

/** What the request said is not known here: the object has what the API says by default. */
function response({ id, model }: Request, error: TurnError | undefined): string {
  return responseJson(
    `resp_${id}`,
    seconds(),
    constantMembers({ requestedModel: model, echo: echoOf({ model }) }),
    {
      status: error === undefined ? 'in_progress' : 'failed',
      error: error === undefined ? undefined : streamFailure(error),
      incompleteReason: undefined,
      output: [],
      usage: undefined,
      endTurn: true,
      toolsJson: '[]',
    },
  );
}
