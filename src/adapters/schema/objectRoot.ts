import { isJsonObject } from '../../turn/json.ts';
import type { Json, JsonObject } from '../../turn/turn.ts';
import { listOf } from '../json.ts';
import { withoutReference } from './references.ts';

const unions = ['anyOf', 'oneOf', 'allOf'] as const;
const refused = [...unions, 'enum', 'const', 'not', 'if', 'then', 'else'] as const;

/**
 * The schema as one plain object at the root: a union becomes an object that takes the properties of
 * all its branches. It allows more than before; the tool itself still checks its arguments.
 */
export function objectRoot(schema: JsonObject): JsonObject {
  const isPlain =
    schema['type'] === 'object' &&
    schema['$ref'] === undefined &&
    refused.every((keyword) => schema[keyword] === undefined);
  if (isPlain) return schema;
  return { ...flattened(schema, schema, new Map(), 0), type: 'object' };
}

/** Deeper than any union that people write. */
const deepest = 16;

/** Branches that are references, by their text: each is flattened once, however often it is named. */
type Known = Map<string, JsonObject>;

function flattenedBranch(
  branch: JsonObject,
  root: JsonObject,
  known: Known,
  depth: number,
): JsonObject {
  if (branch['$ref'] === undefined) return flattened(branch, root, known, depth);
  const text = JSON.stringify(branch);
  const before = known.get(text);
  if (before !== undefined) return before;
  known.set(text, {}); // what it finds inside of itself
  const flat = flattened(branch, root, known, depth);
  known.set(text, flat);
  return flat;
}

function flattened(schema: JsonObject, root: JsonObject, known: Known, depth: number): JsonObject {
  const own = withoutReference(schema, root);
  const kept: { [key: string]: Json } = {};
  for (const [key, value] of Object.entries(own)) {
    if (!refused.some((keyword) => keyword === key)) kept[key] = value;
  }
  const properties: { [name: string]: Json } = { ...objectOf(own['properties']) };
  const required = new Set(namesOf(own['required']));
  for (const keyword of unions) {
    const branches = depth < deepest ? listOf(own[keyword]).filter(isJsonObject) : [];
    const flat = branches.map((branch) => flattenedBranch(branch, root, known, depth + 1));
    for (const branch of flat) addProperties(properties, objectOf(branch['properties']));
    const demanded = flat.map((branch) => namesOf(branch['required']));
    for (const name of keyword === 'allOf' ? demanded.flat() : common(demanded)) required.add(name);
    if (keyword !== 'allOf') delete kept['additionalProperties'];
  }
  kept['properties'] = properties;
  delete kept['required'];
  const needed = [...required].filter((name) => Object.hasOwn(properties, name));
  return needed.length === 0 ? kept : { ...kept, required: needed };
}

function addProperties(into: { [name: string]: Json }, more: JsonObject): void {
  for (const [name, schema] of Object.entries(more)) {
    const before = Object.hasOwn(into, name) ? into[name] : undefined;
    into[name] = before === undefined ? schema : either(before, schema);
  }
}

function either(before: Json, schema: Json): Json {
  const text = JSON.stringify(schema);
  const known =
    isJsonObject(before) && Object.keys(before).length === 1 ? listOf(before['anyOf']) : [];
  const options = known.length > 0 ? known : [before];
  return options.some((option) => JSON.stringify(option) === text)
    ? before
    : { anyOf: [...options, schema] };
}

function common(lists: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...others] = lists;
  return first.filter((name) => others.every((list) => list.includes(name)));
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function namesOf(value: Json | undefined): readonly string[] {
  return listOf(value).filter((name) => typeof name === 'string');
}
