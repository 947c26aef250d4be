import { errorEvent, streamFailure } from '../../responses/errors.ts';
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
  const response = responseObject(request, 'failed', streamFailure(error));
  return event('error', from, errorEvent(error)) + event('response.failed', from + 1, { response });
}

/** A whole stream that fails at once. SDKs take none that does not begin with `response.created`. */
export function failedStream(request: Request, error: TurnError): string {
  const response = responseObject(request, 'in_progress', null);
  return event('response.created', 0, { response }) + failureEvents(request, error, 1);
}

function event(type: string, sequence: number, fields: object): string {
  const data = JSON.stringify({ type, sequence_number: sequence, ...fields });
  return `event: ${type}\ndata: ${data}\n\n`;
}

function responseObject(
  request: Request,
  status: string,
  error: { readonly code: string; readonly message: string } | null,
): object {
  return {
    id: `resp_${request.id}`,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    status,
    error,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model: request.model,
    output: [],
    parallel_tool_calls: true,
    temperature: null,
    tool_choice: 'auto',
    tools: [],
    top_p: null,
  };
}
