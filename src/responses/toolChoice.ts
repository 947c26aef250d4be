import { isJsonArray, isJsonObject } from '../turn/json.ts';
import type { Json, JsonObject, Tool, ToolChoice } from '../turn/turn.ts';
import type { Toolset } from './toolset.ts';

/** What the model may and must call: the offered tools, perhaps fewer than declared, and the choice. */
export interface Choice {
  readonly tools: readonly Tool[];
  readonly choice: ToolChoice;
}

/** Reads `tool_choice`; a sentence where it asks for a tool that is not offered. Hosted tools mean `auto`. */
export function chooseTools(given: Json | undefined, toolset: Toolset): Choice | string {
  const tools = toolset.tools;
  if (tools.length === 0) return { tools, choice: { type: 'auto' } };
  if (typeof given === 'string' || !isJsonObject(given))
    return { tools, choice: word(typeof given === 'string' ? given : 'auto') };
  switch (given['type']) {
    case 'function':
    case 'custom': {
      const tool = named(given, toolset);
      return tool === undefined
        ? `"tool_choice" names the tool "${String(given['name'])}", which is not among "tools".`
        : { tools, choice: { type: 'tool', name: tool.name } };
    }
    case 'allowed_tools': {
      const list = given['tools'];
      const allowed = new Set(
        (isJsonArray(list) ? list : []).map((entry) => named(entry, toolset)?.name),
      );
      const kept = tools.filter((tool) => allowed.has(tool.name));
      const mode = typeof given['mode'] === 'string' ? given['mode'] : 'auto';
      return { tools: kept, choice: kept.length === 0 ? { type: 'auto' } : word(mode) };
    }
    default:
      return { tools, choice: { type: 'auto' } };
  }
}

function word(choice: string): ToolChoice {
  return choice === 'none' || choice === 'required' ? { type: choice } : { type: 'auto' };
}

function named(entry: Json | JsonObject, toolset: Toolset): Tool | undefined {
  if (!isJsonObject(entry)) return undefined;
  const { name, namespace } = entry;
  return typeof name === 'string'
    ? toolset.find(typeof namespace === 'string' ? namespace : undefined, name)
    : undefined;
}
