import { isJsonObject } from '../turn/json.ts';
import type { Json, JsonObject } from '../turn/turn.ts';

/** An object while it is built; `undefined` values are left out of the JSON text. */
export type Fields = { [key: string]: Json | undefined };

/** The elements of an array; nothing for anything else. */
export function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

/** A string as it is, `''` for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The field of an object, or `undefined`. */
export function fieldOf(value: unknown, key: string): Json | undefined {
  return isJsonObject(value) ? value[key] : undefined;
}

/** Without the fields that are `undefined`. */
export function defined(fields: Fields): JsonObject {
  const kept: { [key: string]: Json } = {};
  for (const key in fields) {
    const value = fields[key];
    if (value !== undefined) kept[key] = value;
  }
  return kept;
}
