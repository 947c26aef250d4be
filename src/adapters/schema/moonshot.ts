import { isJsonObject } from '../../turn/json.ts';
import type { Json, JsonObject } from '../../turn/turn.ts';
import { listOf } from '../json.ts';
import { objectRoot } from './objectRoot.ts';
import { resolveReference } from './references.ts';

/**
 * The JSON Schema that Moonshot's validator takes: an object at the root without a union, every
 * schema with a `type`, no `type` beside `anyOf` (it belongs into the branches), no tuple `items`,
 * and no keywords beside `$ref`. References are replaced by what they name, but for recursive ones
 * and those beyond a bound. For one schema that it does not like it refuses the whole request:
 * https://github.com/MoonshotAI/kimi-code/issues/2661, https://github.com/MoonshotAI/kimi-cli/pull/2030
 */
export function moonshotSchema(schema: JsonObject): JsonObject {
  const { $schema: _, ...root } = objectRoot(schema);
  const rewritten = rewrite(root, { root, open: [], budget: { left: mostReplaced } });
  const { $defs, definitions, ...rest } = rewritten;
  return JSON.stringify(rest).includes('"$ref"')
    ? { ...rest, ...($defs && { $defs }), ...(definitions && { definitions }) }
    : rest;
}

interface Place {
  readonly root: JsonObject;
  /** The references that are being replaced around here. */
  readonly open: readonly string[];
  /** References that name others twice would grow without end. */
  readonly budget: { left: number };
}

const mostReplaced = 1000;

const maps = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];
const lists = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const singles = ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains'];

function rewrite(schema: JsonObject, place: Place): JsonObject {
  const { $ref: reference, ...own } = schema;
  if (typeof reference === 'string') return inlined(reference, own, place);
  const out: { [key: string]: Json } = {};
  for (const [key, value] of Object.entries(typeIntoBranches(own))) {
    out[key] = rewriteKeyword(key, value, place);
  }
  if (Array.isArray(own['items'])) {
    out['prefixItems'] = listOf(out['items']);
    delete out['items'];
  }
  return withType(out);
}

function inlined(reference: string, own: JsonObject, place: Place): JsonObject {
  if (place.open.includes(reference) || place.budget.left === 0) return { $ref: reference };
  place.budget.left--;
  const target = resolveReference(place.root, reference) ?? {};
  return rewrite({ ...target, ...own }, { ...place, open: [...place.open, reference] });
}

function rewriteKeyword(key: string, value: Json, place: Place): Json {
  if (maps.includes(key) && isJsonObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, schema]) => [name, rewriteValue(schema, place)]),
    );
  }
  if (lists.includes(key) || (key === 'items' && Array.isArray(value))) {
    return listOf(value).map((schema) => rewriteValue(schema, place));
  }
  // `{}` allows anything, and `true` says so without lacking a type.
  if (key === 'additionalProperties' && isJsonObject(value) && Object.keys(value).length === 0)
    return true;
  return singles.includes(key) ? rewriteValue(value, place) : value;
}

function rewriteValue(value: Json, place: Place): Json {
  return isJsonObject(value) ? rewrite(value, place) : value;
}

/** A type beside a union goes into those of its branches that have none of their own. */
function typeIntoBranches(schema: JsonObject): JsonObject {
  const keyword = unionOf(schema);
  const { type, ...rest } = schema;
  if (keyword === undefined || type === undefined) return schema;
  const branches = listOf(schema[keyword]).map((branch) => {
    if (!isJsonObject(branch) || branch['type'] !== undefined) return branch;
    if (branch['$ref'] !== undefined) return branch;
    const implied = impliedTypes(branch);
    return { ...branch, type: implied.length === 1 ? (implied[0] ?? type) : type };
  });
  return { ...rest, [keyword]: branches };
}

function withType(schema: JsonObject): JsonObject {
  const { type, enum: values } = schema;
  if (type !== undefined) return typeMatchesValues(schema) ? schema : withType(omitType(schema));
  if (combinators.some((keyword) => schema[keyword] !== undefined)) return schema;
  const [first = 'string', ...others] = impliedTypes(schema);
  if (others.length === 0) return { ...schema, type: first };
  const { enum: _, ...rest } = schema;
  const options = [first, ...others].map((option) => ({
    type: option,
    enum: listOf(values).filter((value) => typeOfValue(value) === option),
  }));
  return { ...rest, anyOf: options };
}

/** Codex makes `{ type: "string", enum: [3] }` of a `const`. */
function typeMatchesValues(schema: JsonObject): boolean {
  const { type } = schema;
  const types = Array.isArray(type) ? listOf(type) : [type];
  return listOf(schema['enum']).every((value) => {
    const own = typeOfValue(value);
    return types.includes(own) || (own === 'integer' && types.includes('number'));
  });
}

function omitType(schema: JsonObject): JsonObject {
  const { type: _, ...rest } = schema;
  return rest;
}

const combinators = ['anyOf', 'oneOf', 'allOf', 'not', 'if', '$ref'];

function unionOf(schema: JsonObject): 'anyOf' | 'oneOf' | undefined {
  if (Array.isArray(schema['anyOf'])) return 'anyOf';
  return Array.isArray(schema['oneOf']) ? 'oneOf' : undefined;
}

const typeByKeyword: readonly (readonly [keyword: string, type: string])[] = [
  ['properties', 'object'],
  ['required', 'object'],
  ['additionalProperties', 'object'],
  ['items', 'array'],
  ['prefixItems', 'array'],
  ['pattern', 'string'],
  ['format', 'string'],
  ['minLength', 'string'],
  ['maxLength', 'string'],
  ['minimum', 'number'],
  ['maximum', 'number'],
];

/** The types that a schema without `type` is about; none where it says nothing. */
function impliedTypes(schema: JsonObject): readonly string[] {
  const values = schema['const'] === undefined ? listOf(schema['enum']) : [schema['const']];
  if (values.length > 0) return [...new Set(values.map(typeOfValue))];
  const [, type] = typeByKeyword.find(([keyword]) => schema[keyword] !== undefined) ?? [];
  return type === undefined ? [] : [type];
}

function typeOfValue(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}
