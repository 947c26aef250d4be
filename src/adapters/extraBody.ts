import { isJsonObject } from '../turn/json.ts';
import type { Json, JsonObject } from '../turn/turn.ts';

/** The user's and the catalog's own fields: objects are merged into each other, anything else is replaced. */
export function withExtraBody(body: JsonObject, extra: JsonObject | undefined): JsonObject {
  if (extra === undefined) return body;
  const merged: { [key: string]: Json } = { ...body };
  for (const [key, value] of Object.entries(extra)) {
    const before = merged[key];
    merged[key] =
      isJsonObject(before) && isJsonObject(value) ? withExtraBody(before, value) : value;
  }
  return merged;
}
