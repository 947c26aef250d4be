import type { Json } from '../../turn/turn.ts';
import { fieldOf, textOf } from '../json.ts';

type Key = string | number;
/** A container as it grows; names come from the model, so objects are maps. */
type Growing = Map<string, Value> | Value[];
type Value = Growing | string | number | boolean | null;

/**
 * Arguments that arrive value by value, each with its place, as Vertex sends them on request.
 * https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling#streaming-fc
 */
export class PartialArgs {
  readonly #root = new Map<string, Value>();

  add(partialArg: Json): void {
    const value = leafOf(partialArg);
    const keys = keysOf(textOf(fieldOf(partialArg, 'jsonPath')));
    const last = keys.pop();
    if (value === undefined || last === undefined) return;
    let here: Growing = this.#root;
    for (const [index, key] of keys.entries()) {
      const next: Value = childOf(here, key) ?? emptyFor(keys[index + 1] ?? last);
      if (!isGrowing(next)) return;
      put(here, key, next);
      here = next;
    }
    const before = childOf(here, last);
    put(
      here,
      last,
      typeof before === 'string' && typeof value === 'string' ? before + value : value,
    );
  }

  toString(): string {
    return JSON.stringify(jsonOf(this.#root));
  }
}

function leafOf(partialArg: Json): string | number | boolean | null | undefined {
  for (const key of ['stringValue', 'numberValue', 'boolValue']) {
    const value = fieldOf(partialArg, key);
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      return value;
    }
  }
  return fieldOf(partialArg, 'nullValue') === undefined ? undefined : null;
}

/** `$.recipe.steps[0]` and `$['odd name']` (RFC 9535). */
function keysOf(path: string): Key[] {
  const steps = path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\[(?:'([^']*)'|"([^"]*)")\]/g);
  return [...steps].map(([, name, index, single, double]) =>
    index === undefined ? (name ?? single ?? double ?? '') : Number(index),
  );
}

function emptyFor(key: Key): Growing {
  return typeof key === 'number' ? [] : new Map();
}

function isGrowing(value: Value): value is Growing {
  return typeof value === 'object' && value !== null;
}

function childOf(container: Growing, key: Key): Value | undefined {
  return Array.isArray(container) ? container[Number(key)] : container.get(String(key));
}

/** A list only grows by one: its gaps would have no values. */
function put(container: Growing, key: Key, value: Value): void {
  if (!Array.isArray(container)) container.set(String(key), value);
  else if (Number(key) <= container.length) container[Number(key)] = value;
}

function jsonOf(value: Value): Json {
  if (Array.isArray(value)) return value.map(jsonOf);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([key, part]) => [key, jsonOf(part)]));
}
