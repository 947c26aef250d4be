import { at, listOf } from '../../support/json.ts';

/**
 * An independent reading of Responses answers: it shares nothing with `src/`, takes the whole bytes
 * at once, and believes the finished items alone, never the deltas.
 *   https://platform.openai.com/docs/api-reference/responses-streaming
 */
export interface Reading {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly { readonly id: string; name: string; arguments: string }[];
  readonly usage:
    | { readonly input: number; output: number; cached: number; reasoning: number }
    | undefined;
  /** `stop`, `length`, `content_filter` or `error`. */
  readonly end: string;
}

export function readStream(bytes: Uint8Array): Reading {
  const events = new TextDecoder()
    .decode(bytes)
    .split(/\r?\n/)
    .flatMap((line) => /^data: ?(\{.*)$/.exec(line)?.[1] ?? [])
    .map((data): unknown => JSON.parse(data));
  // A few recordings hold several answers one after the other; the first one counts.
  const end = events.findIndex((event) =>
    ['response.completed', 'response.incomplete', 'response.failed'].includes(
      String(at(event, 'type')),
    ),
  );
  const done = events
    .slice(0, end)
    .filter((event) => at(event, 'type') === 'response.output_item.done')
    .map((event) => at(event, 'item'));
  return read(at(events[end], 'response'), done);
}

export function readWhole(bytes: Uint8Array): Reading {
  const response: unknown = JSON.parse(new TextDecoder().decode(bytes));
  return read(response, listOf(at(response, 'output')));
}

function read(response: unknown, items: readonly unknown[]): Reading {
  const ofType = (...types: readonly string[]) =>
    items.filter((item) => types.includes(String(at(item, 'type'))));
  const usage = at(response, 'usage');
  return {
    text: ofType('message')
      .flatMap((item) => texts(at(item, 'content')))
      .join(''),
    reasoning: ofType('reasoning')
      .map((item) => {
        const summary = texts(at(item, 'summary'));
        return (summary.length > 0 ? summary : texts(at(item, 'content'))).join('');
      })
      .join(''),
    calls: ofType('function_call', 'custom_tool_call').map((item) => ({
      id: String(at(item, 'call_id')),
      name: String(at(item, 'name')),
      arguments:
        at(item, 'type') === 'function_call'
          ? String(at(item, 'arguments'))
          : JSON.stringify({ input: at(item, 'input') }),
    })),
    usage:
      usage === undefined || usage === null
        ? undefined
        : {
            input: number(at(usage, 'input_tokens')),
            output: number(at(usage, 'output_tokens')),
            cached: number(at(usage, 'input_tokens_details', 'cached_tokens')),
            reasoning: number(at(usage, 'output_tokens_details', 'reasoning_tokens')),
          },
    end: ending(response),
  };
}

function ending(response: unknown): string {
  if (at(response, 'status') === 'completed') return 'stop';
  if (at(response, 'status') !== 'incomplete') return 'error';
  const filtered = at(response, 'incomplete_details', 'reason') === 'content_filter';
  return filtered ? 'content_filter' : 'length';
}

function texts(parts: unknown): readonly string[] {
  return listOf(parts).map((part) => String(at(part, 'text') ?? at(part, 'refusal') ?? ''));
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
