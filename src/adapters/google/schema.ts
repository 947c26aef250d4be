import { isJsonObject } from '../../turn/json.ts';
import type { Json, JsonObject } from '../../turn/turn.ts';
import { listOf } from '../json.ts';
import { inputSchema } from '../schema/inputSchema.ts';

/**
 * A tool's parameters for `parametersJsonSchema`: one object at the root, no `const`, which the API
 * does not read, and within its limits of nesting and of names. `undefined` for a tool without any.
 * https://ai.google.dev/api/caching#FunctionDeclaration
 */
export function parametersSchema(parameters: JsonObject): JsonObject | undefined {
  const schema = rewritten(inputSchema(parameters), parameter);
  if (!isJsonObject(schema)) return undefined;
  const { properties, additionalProperties = false, patternProperties } = schema;
  const isEmpty = isJsonObject(properties) && Object.keys(properties).length === 0;
  const isOpen = additionalProperties !== false || patternProperties !== undefined;
  return isEmpty && !isOpen ? undefined : schema;
}

/** What becomes of one schema, when those inside it are done. */
type Rewrite = (schema: JsonObject) => JsonObject;

const deepest = 32;
const longestName = 64;
const maps = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
]);
const lists = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const singles = new Set([
  ...['additionalProperties', 'contains', 'else', 'if', 'items', 'not', 'propertyNames', 'then'],
  ...['unevaluatedItems', 'unevaluatedProperties'],
]);

/** Rewrites a schema and all that it is made of; below the deepest level anything is allowed. */
export function rewritten(schema: Json, rewrite: Rewrite, depth = 0): Json {
  if (!isJsonObject(schema)) return schema;
  if (depth >= deepest) return {};
  const inside = (part: Json): Json => rewritten(part, rewrite, depth + 1);
  const entries = Object.entries(schema).map(([key, value]): [string, Json] => {
    if (maps.has(key) && isJsonObject(value)) {
      const parts = Object.entries(value).map(([name, part]) => [name, inside(part)]);
      return [key, Object.fromEntries(parts)];
    }
    if (lists.has(key)) return [key, listOf(value).map(inside)];
    return [key, singles.has(key) ? inside(value) : value];
  });
  return rewrite(Object.fromEntries(entries));
}

function parameter(schema: JsonObject): JsonObject {
  return withShortNames(withEnum(schema));
}

/**
 * `const` as `enum`, and a `type` that its values have: Codex makes `{ type: "string", enum: [3] }` of
 * a `const`. Only words and numbers can be listed; `null` and the like become a choice beside them.
 * https://ai.google.dev/gemini-api/docs/structured-output#json_schema_support
 */
export function withEnum(schema: JsonObject): JsonObject {
  const { const: only, enum: many, ...open } = schema;
  const values = only === undefined ? listOf(many) : [only];
  if (values.length === 0) return open;
  const listed: readonly Json[] = values.filter(
    (value) => typeof value === 'string' || typeof value === 'number',
  );
  const others = values.filter((value) => !listed.includes(value));
  if (others.length === 0) return { ...open, ...typed(listed), enum: listed };
  if (listed.length === 0 || 'anyOf' in open) return { ...open, ...typed(values) };
  const { type: _, ...rest } = open;
  return { ...rest, anyOf: [{ ...typed(listed), enum: listed }, typed(others)] };
}

function typed(values: readonly Json[]): JsonObject {
  const types = [...new Set(values.map(typeOfValue))];
  return { type: types.length === 1 ? (types[0] ?? 'string') : types };
}

function typeOfValue(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

function withShortNames(schema: JsonObject): JsonObject {
  const { properties, required } = schema;
  if (!isJsonObject(properties)) return schema;
  const entries = Object.entries(properties);
  const kept = entries.filter(([name]) => name.length <= longestName);
  if (kept.length === entries.length) return schema;
  const needed = listOf(required).filter(
    (name) => typeof name === 'string' && name.length <= longestName,
  );
  const { additionalProperties: _, required: __, ...rest } = schema;
  return {
    ...rest,
    properties: Object.fromEntries(kept),
    ...(needed.length === 0 ? {} : { required: needed }),
  };
}
