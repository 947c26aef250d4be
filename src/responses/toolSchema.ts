import { isJsonArray, isJsonObject } from '../turn/json.ts';
import type { Json, JsonObject } from '../turn/turn.ts';

/**
 * A tool's parameters as every provider can at least parse them: the root describes an object, and
 * the mark `"encrypted": true`, which Codex's sub-agent tools carry and JSON Schema does not know,
 * is gone. What needs no change is the same object as before.
 */
export function toolParameters(schema: Json | undefined): JsonObject {
  if (!isJsonObject(schema)) return { type: 'object', properties: {} };
  const clean = withoutMarks(schema, 0);
  if (!isJsonObject(clean)) return { type: 'object', properties: {} };
  const { type } = clean;
  if (type === 'object')
    return 'properties' in clean || composed(clean) ? clean : { ...clean, properties: {} };
  const object = type === undefined ? true : isJsonArray(type) ? type.includes('object') : false;
  if (!object) return { type: 'object', properties: {} };
  const { type: _, ...rest } = clean;
  return {
    type: 'object',
    ...('properties' in rest || composed(rest) ? rest : { ...rest, properties: {} }),
  };
}

/** The root's properties are told by other keywords. */
function composed(schema: JsonObject): boolean {
  return ['$ref', 'anyOf', 'oneOf', 'allOf'].some((key) => key in schema);
}

/** Keywords whose value maps names, which may be any word, to schemas. */
const maps = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
]);
/** Keywords whose value is data, not a schema. */
const data = new Set(['default', 'const', 'enum', 'examples', 'example', 'required']);
/** Deeper than any real schema; what lies below means "anything". */
const maxDepth = 200;

function withoutMarks(schema: Json, depth: number): Json {
  if (depth > maxDepth) return {};
  if (isJsonArray(schema)) return mapped(schema, (entry) => withoutMarks(entry, depth + 1));
  if (!isJsonObject(schema)) return schema;
  let changed = false;
  const out: [string, Json][] = [];
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'encrypted' && typeof value === 'boolean') {
      changed = true;
      continue;
    }
    const next = data.has(key)
      ? value
      : maps.has(key) && isJsonObject(value)
        ? mappedValues(value, (entry) => withoutMarks(entry, depth + 1))
        : withoutMarks(value, depth + 1);
    if (next !== value) changed = true;
    out.push([key, next]);
  }
  return changed ? Object.fromEntries(out) : schema;
}

function mapped(values: readonly Json[], change: (value: Json) => Json): readonly Json[] {
  const next = values.map(change);
  return next.every((value, index) => value === values[index]) ? values : next;
}

function mappedValues(values: JsonObject, change: (value: Json) => Json): JsonObject {
  const entries = Object.entries(values).map(([key, value]): [string, Json] => [
    key,
    change(value),
  ]);
  return entries.every(([key, value]) => value === values[key])
    ? values
    : Object.fromEntries(entries);
}
