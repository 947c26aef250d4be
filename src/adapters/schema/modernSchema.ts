import { isJsonObject } from '../../turn/json.ts';
import type { Json, JsonObject } from '../../turn/turn.ts';
import { listOf } from '../json.ts';
import { resolveReference } from '../schema/references.ts';

/**
 * A schema of any draft as one of 2020-12: what older drafts wrote differently is rewritten, what is
 * wrong in every draft is left out.
 * https://json-schema.org/draft/2020-12/release-notes
 */
export function modernSchema(schema: JsonObject): Json {
  return modern(schema, schema, 0);
}

const deepest = 64;

function modern(schema: Json, root: JsonObject, depth: number): Json {
  if (typeof schema === 'boolean') return schema;
  if (!isJsonObject(schema) || depth > deepest) return {};
  const entries: [string, Json][] = [];
  for (const [key, value] of Object.entries(schema)) {
    const rewrite = Array.isArray(value) && key === 'items' ? tuple : rewriters.get(key);
    const part = rewrite === undefined ? value : rewrite(value, { schema, root, depth: depth + 1 });
    if (part !== undefined) entries.push([rewrite === tuple ? 'prefixItems' : key, part]);
    if (rewrite === tuple && schema['additionalItems'] !== undefined) {
      entries.push(['items', modern(schema['additionalItems'], root, depth + 1)]);
    }
  }
  return Object.fromEntries(entries);
}

interface Place {
  /** The schema in which the keyword stands. */
  readonly schema: JsonObject;
  readonly root: JsonObject;
  readonly depth: number;
}

/** The keyword's new value; `undefined` leaves it out. */
type Rewrite = (value: Json, place: Place) => Json | undefined;

const single: Rewrite = (value, { root, depth }) => modern(value, root, depth);
const tuple: Rewrite = (value, { root, depth }) =>
  listOf(value).map((part) => modern(part, root, depth));
const list: Rewrite = (value, place) =>
  listOf(value).length > 0 ? tuple(value, place) : undefined;
const map: Rewrite = (value, { root, depth }) =>
  isJsonObject(value)
    ? Object.fromEntries(
        Object.entries(value).map(([name, part]) => [name, modern(part, root, depth)]),
      )
    : undefined;

const none: Rewrite = () => undefined;
const words: Rewrite = (value) => (typeof value === 'string' ? value : undefined);
const flag: Rewrite = (value) => (typeof value === 'boolean' ? value : undefined);
const filled: Rewrite = (value) => (listOf(value).length > 0 ? value : undefined);
const count: Rewrite = (value) =>
  Number.isInteger(value) && Number(value) >= 0 ? value : undefined;
const positive: Rewrite = (value) => (typeof value === 'number' && value > 0 ? value : undefined);
const names: Rewrite = (value) =>
  Array.isArray(value) ? [...new Set(value.filter((name) => typeof name === 'string'))] : undefined;
const reference: Rewrite = (value, { root }) =>
  typeof value === 'string' && resolveReference(root, value) !== undefined ? value : undefined;

const typeNames = new Set(['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']);
const types: Rewrite = (value) => {
  if (typeof value === 'string') return typeNames.has(value) ? value : undefined;
  const known = listOf(value).filter((word) => typeof word === 'string' && typeNames.has(word));
  return known.length > 0 ? [...new Set(known)] : undefined;
};

/** Draft 4 wrote `exclusiveMinimum: true` beside `minimum`. */
const limit =
  (exclusive: string): Rewrite =>
  (value, { schema }) =>
    typeof value === 'number' && schema[exclusive] !== true ? value : undefined;
const exclusiveLimit =
  (plain: string): Rewrite =>
  (value, { schema }) => {
    const number = value === true ? schema[plain] : value;
    return typeof number === 'number' ? number : undefined;
  };

const groups: readonly (readonly [Rewrite, readonly string[]])[] = [
  [map, ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']],
  [list, ['anyOf', 'oneOf', 'allOf', 'prefixItems']],
  [single, ['additionalProperties', 'contains', 'else', 'if', 'items', 'not', 'propertyNames']],
  [single, ['then', 'unevaluatedItems', 'unevaluatedProperties']],
  // Names of the schema itself, which say nothing of the tool, and what 2020-12 writes elsewhere.
  [none, ['$schema', '$id', 'id', '$anchor', '$dynamicAnchor', '$dynamicRef', '$vocabulary']],
  [none, ['$recursiveAnchor', '$recursiveRef', 'additionalItems', 'dependencies']],
  [words, ['description', 'title', 'format', 'pattern', '$comment']],
  [flag, ['uniqueItems', 'readOnly', 'writeOnly', 'deprecated']],
  [count, ['minLength', 'maxLength', 'minItems', 'maxItems', 'minContains', 'maxContains']],
  [count, ['minProperties', 'maxProperties']],
  [filled, ['enum', 'examples']],
  [positive, ['multipleOf']],
  [names, ['required']],
  [types, ['type']],
  [reference, ['$ref']],
  [limit('exclusiveMinimum'), ['minimum']],
  [limit('exclusiveMaximum'), ['maximum']],
  [exclusiveLimit('minimum'), ['exclusiveMinimum']],
  [exclusiveLimit('maximum'), ['exclusiveMaximum']],
];

const rewriters: ReadonlyMap<string, Rewrite> = new Map(
  groups.flatMap(([rewrite, keys]) => keys.map((key) => [key, rewrite] as const)),
);
