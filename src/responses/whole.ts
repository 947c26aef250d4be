import { type TurnError, turnError } from '../turn/error.ts';
import type { TurnEvent, Usage } from '../turn/event.ts';
import type { ReplyContext } from './reply.ts';
import type { ResponseStatus } from './snapshot.ts';
import { ResponseStream } from './stream.ts';

export type WholeResponse =
  | {
      readonly ok: true;
      readonly response: object;
      readonly usage: Usage | undefined;
      readonly status: ResponseStatus;
    }
  | { readonly ok: false; readonly error: TurnError };

/** The answer as one Response object, for clients that do not stream: what a stream's last event would hold. */
export function wholeResponse(reply: ReplyContext, events: readonly TurnEvent[]): WholeResponse {
  const stream = new ResponseStream(reply);
  stream.write(events);
  if (!stream.ended)
    return {
      ok: false,
      error: turnError(
        'cut',
        `${reply.provider}: the answer ended before it was complete. Try again.`,
      ),
    };
  if (stream.error !== undefined) return { ok: false, error: stream.error };
  const response: object = JSON.parse(stream.snapshot(reply.echo.toolsJson));
  return { ok: true, response, usage: stream.usage, status: stream.status };
}
