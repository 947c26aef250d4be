import type { Json, JsonObject } from './turn.ts';

/** The value of a JSON text, or `undefined` where it is not JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isJsonArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The object that a JSON text holds, also where a model has encoded it twice; else `undefined`. */
export function parseJsonObject(text: string): JsonObject | undefined {
  let value = parseJson(text);
  if (typeof value === 'string') value = parseJson(value);
  return isJsonObject(value) ? value : undefined;
}
