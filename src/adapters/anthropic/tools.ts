import { isJsonObject, parseJson, parseJsonObject } from '../../turn/json.ts';
import type { Json, JsonObject, Tool, Turn } from '../../turn/turn.ts';
import { hasPlainNames, inputSchema } from '../schema/inputSchema.ts';
import type { Rule } from './models.ts';

/**
 * A tool whose property names the API refuses (`$filter`, `user[name]`) gets its whole object as the
 * value of this one property. The names below the root are not checked.
 */
export const wrapper = 'ocx_arguments';

/** The `tools` of a request, and the names of those whose arguments are wrapped. */
export function toolDefinitions(tools: readonly Tool[]): {
  readonly definitions: readonly JsonObject[];
  readonly wraps: ReadonlySet<string>;
} {
  const wraps = new Set<string>();
  const definitions = tools.map(({ name, description, parameters }) => {
    const schema = inputSchema(parameters);
    if (!hasPlainNames(schema)) wraps.add(name);
    return {
      name,
      ...(description === '' ? {} : { description }),
      input_schema: wraps.has(name) ? wrapped(schema) : schema,
    };
  });
  return { definitions, wraps };
}

/** The `input` of an earlier call, as JSON text: the model's own, in which no number loses a digit. */
export function callInput(name: string, args: string, wraps: ReadonlySet<string>): string {
  const input = isJsonObject(parseJson(args)) ? args : JSON.stringify(parseJsonObject(args) ?? {});
  return wraps.has(name) ? `{"${wrapper}":${input}}` : input;
}

/** The arguments that a tool of ours gets: without the wrapper. */
export function unwrapped(args: string): string {
  const value = parseJsonObject(args)?.[wrapper];
  return isJsonObject(value) ? JSON.stringify(value) : args;
}

/** References start at the root, so the definitions stay there. */
function wrapped(schema: JsonObject): JsonObject {
  const { $defs, definitions, ...inner } = schema;
  return {
    type: 'object',
    properties: { [wrapper]: inner },
    required: [wrapper],
    ...($defs === undefined ? {} : { $defs }),
    ...(definitions === undefined ? {} : { definitions }),
  };
}

/** `tool_choice`; left out where it would say what the API does anyway. */
export function toolChoice(turn: Turn, rule: Rule, thinks: boolean): JsonObject | undefined {
  if (turn.tools.length === 0) return undefined;
  if (turn.toolChoice.type === 'none') return { type: 'none' };
  const single: { readonly [key: string]: Json } =
    turn.parallelToolCalls === false ? { disable_parallel_tool_use: true } : {};
  const canForce =
    rule.forcedCalls === 'always' || (rule.forcedCalls === 'without_thinking' && !thinks);
  if (canForce && turn.toolChoice.type === 'required') return { type: 'any', ...single };
  if (canForce && turn.toolChoice.type === 'tool') {
    return { type: 'tool', name: turn.toolChoice.name, ...single };
  }
  return turn.parallelToolCalls === false ? { type: 'auto', ...single } : undefined;
}
