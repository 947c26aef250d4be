import type { JsonObject } from '../turn/turn.ts';
import type { Item } from './schema.ts';

/**
 * The items that a long conversation is made of, where they are as Codex sends them: what `itemSchema`
 * would say, in a tenth of its time. `undefined`: ask the schema.
 */
export function plainItem(raw: JsonObject): Item | undefined {
  const { type } = raw;
  switch (type) {
    case 'message': {
      const { role, content } = raw;
      if (typeof role !== 'string') return undefined;
      if (typeof content !== 'string' && !Array.isArray(content)) return undefined;
      return { type, role, content };
    }
    case 'function_call': {
      const { call_id, name, namespace, arguments: text } = raw;
      if (typeof call_id !== 'string' || typeof name !== 'string') return undefined;
      if (typeof text !== 'string') return undefined;
      if (namespace === undefined) return { type, call_id, name, arguments: text };
      return typeof namespace === 'string'
        ? { type, call_id, name, namespace, arguments: text }
        : undefined;
    }
    case 'function_call_output':
    case 'custom_tool_call_output': {
      const { call_id, output } = raw;
      if (typeof call_id !== 'string') return undefined;
      if (typeof output !== 'string' && !Array.isArray(output)) return undefined;
      return { type, call_id, output };
    }
    default:
      return undefined;
  }
}
