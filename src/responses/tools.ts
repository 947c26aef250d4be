import { isJsonObject, parseJson, parseJsonObject } from '../turn/json.ts';
import type { JsonObject } from '../turn/turn.ts';
import { customInput } from './customInput.ts';
import type { ToolOrigin } from './reply.ts';

type Origins = Readonly<Record<string, ToolOrigin>>;

/**
 * Which tool of the client a model means. Models alter the flat names of namespaced tools (dots,
 * the namespace or its `mcp__` left out, another case): such a name is matched when only one tool fits.
 * A name that fits none is passed on, so that Codex can tell the model that there is no such tool.
 */
export function originOf(
  called: string,
  tools: Origins,
  deferred: readonly string[] = [],
): ToolOrigin {
  const exact = Object.hasOwn(tools, called) ? tools[called] : undefined;
  return (
    exact ??
    heldBack(called, deferred) ??
    similar(called, tools) ?? { kind: 'function', name: called, namespace: undefined }
  );
}

/** A tool of a namespace that Codex has only named: the flat name begins with it. */
function heldBack(called: string, deferred: readonly string[]): ToolOrigin | undefined {
  const namespace = deferred
    .filter((name) => called.startsWith(name) && /^(?:__|[./:])./.test(called.slice(name.length)))
    .toSorted((a, b) => b.length - a.length)[0];
  if (namespace === undefined) return undefined;
  const name = called.slice(namespace.length).replace(/^(?:__|[./:])/, '');
  return { kind: 'function', name, namespace };
}

function similar(called: string, tools: Origins): ToolOrigin | undefined {
  const wanted = loose(called.replace(/^functions[.:/]+/, ''));
  if (wanted === '') return undefined;
  const all = Object.entries(tools);
  const same = all.filter(
    ([flat, origin]) => wanted === loose(flat) || wanted === loose(spelled(origin)),
  );
  if (same.length > 0) return same.length === 1 ? same[0]?.[1] : undefined;
  const ends = all.filter(([, origin]) => namespaceOf(origin) !== '' && isTail(wanted, origin));
  return ends.length === 1 ? ends[0]?.[1] : undefined;
}

/** The tool's own name, perhaps with the end of its namespace. */
function isTail(wanted: string, origin: ToolOrigin): boolean {
  const name = loose(origin.name);
  return (
    (wanted === name || wanted.endsWith(`_${name}`)) &&
    loose(spelled(origin)).endsWith(`_${wanted}`)
  );
}

function namespaceOf(origin: ToolOrigin): string {
  return origin.kind === 'tool_search' ? '' : (origin.namespace ?? '');
}

function spelled(origin: ToolOrigin): string {
  return `${namespaceOf(origin)}_${origin.name}`;
}

function loose(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
}

/** A call as it appears on its item, in the kind in which the tool was declared. */
export type RestoredCall =
  | { readonly type: 'function_call'; readonly arguments: string }
  | { readonly type: 'custom_tool_call'; readonly input: string }
  | { readonly type: 'tool_search_call'; readonly arguments: JsonObject };

/** What a model's arguments are to the tool that it called. */
export function restoreCall(origin: ToolOrigin, text: string): RestoredCall {
  switch (origin.kind) {
    case 'function':
      return { type: 'function_call', arguments: functionArguments(text) };
    case 'custom':
      return { type: 'custom_tool_call', input: customInput(origin.name, text).toWellFormed() };
    case 'tool_search':
      return { type: 'tool_search_call', arguments: searchArguments(text) };
  }
}

/**
 * JSON text of an object. An object that was encoded twice is opened; what is broken is left as it
 * is, because Codex tells the model what is wrong with it.
 */
function functionArguments(text: string): string {
  if (text.trim() === '') return '{}';
  const value = parseJson(text);
  if (typeof value !== 'string') return text.toWellFormed();
  return isJsonObject(parseJson(value)) ? value : text;
}

function searchArguments(text: string): JsonObject {
  const query = text.trim();
  return parseJsonObject(text) ?? (query === '' ? {} : { query });
}
