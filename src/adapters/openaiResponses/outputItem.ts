import { isJsonArray, isJsonObject } from '../../turn/json.ts';
import type { Json, JsonObject } from '../../turn/turn.ts';
import { textOf } from '../json.ts';

/** What an item of an answer's `output` is to a turn. */
export type BlockKind = 'text' | 'reasoning' | 'call';

/** `undefined` for what only the host's own server works with. */
export function kindOf(item: JsonObject): BlockKind | undefined {
  switch (item['type']) {
    case 'message':
      return 'text';
    case 'reasoning':
      return 'reasoning';
    case 'function_call':
    case 'custom_tool_call':
      return 'call';
    default:
      return undefined;
  }
}

/** An item's text; reasoning in its parts, everything else in one. */
export function partsOf(item: JsonObject): readonly string[] {
  switch (item['type']) {
    case 'message':
      return [partTexts(item['content']).join('')];
    case 'reasoning': {
      const summary = partTexts(item['summary']);
      return summary.length > 0 ? summary : partTexts(item['content']);
    }
    case 'custom_tool_call':
      return [JSON.stringify({ input: textOf(item['input']) })];
    default:
      return [argumentsOf(item['arguments'])];
  }
}

/** Some hosts give the arguments as an object. */
function argumentsOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}

function partTexts(parts: Json | undefined): string[] {
  if (!isJsonArray(parts)) return [];
  return parts.flatMap((part) =>
    isJsonObject(part) ? [textOf(part['text']) || textOf(part['refusal'])] : [],
  );
}

/** The item itself goes back on later turns, without what only the answer needs. */
export function carryOf(item: JsonObject): JsonObject | undefined {
  const { type: _type, status: _status, ...carry } = item;
  const worth = typeof carry['encrypted_content'] === 'string' || isJsonArray(carry['content']);
  return worth ? carry : undefined;
}
