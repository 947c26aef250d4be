import type { Additions } from '../../turn/additions.ts';
import { isJsonObject } from '../../turn/json.ts';
import type { Json, JsonObject, OutputFormat } from '../../turn/turn.ts';
import { listOf, textOf } from '../json.ts';

/** How the form of the answer is asked for: by a field, by an instruction, or not at all. */
export interface OutputRequest {
  /** `output_config.format`. */
  readonly format: JsonObject | undefined;
  readonly instruction: string | undefined;
}

/** `native`: the model understands `output_config.format`. */
export function outputRequest(
  output: OutputFormat,
  native: boolean,
  additions: Additions,
): OutputRequest {
  const told = (text: string): OutputRequest => ({
    format: undefined,
    instruction: additions.add('answer_format', text),
  });
  switch (output.type) {
    case 'text':
      return { format: undefined, instruction: undefined };
    case 'json_object':
      return told('Answer with one JSON object and nothing else.');
    case 'json_schema': {
      const schema = native ? constrained(output.schema) : undefined;
      if (schema !== undefined)
        return { format: { type: 'json_schema', schema }, instruction: undefined };
      return told(
        `Answer with one JSON value that is valid against this JSON Schema, and nothing else, no code fence either:\n${JSON.stringify(output.schema)}`,
      );
    }
  }
}

/**
 * The schema in the subset that the API compiles, or `undefined` where that would lose meaning:
 * open objects, recursion, unions of types it does not know, too many optional properties.
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
 */
function constrained(schema: JsonObject): JsonObject | undefined {
  const compiler = { optional: 0, depth: 0, failed: false };
  const result = compiled(schema, compiler);
  if (compiler.failed || isRecursive(schema)) return undefined;
  const usable = compiler.optional <= maxOptional && isJsonObject(result);
  return usable ? result : undefined;
}

/** 24 are allowed, but schemas with more than a dozen have been seen to fail. */
const maxOptional = 12;

const maxDepth = 64;

interface Compiler {
  optional: number;
  depth: number;
  failed: boolean;
}

const kept = new Set(['type', 'enum', 'const', 'title', 'default', 'required', '$ref']);
const replaced = new Set(['description', 'additionalProperties', '$schema', '$id']);
const formats = [
  ...['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid'],
];

function compiled(schema: Json, compiler: Compiler): Json {
  if (!isJsonObject(schema) || compiler.depth > maxDepth) {
    compiler.failed = true;
    return {};
  }
  compiler.depth += 1;
  const entries: [string, Json][] = [];
  /** Limits that the API does not enforce are told to the model instead. */
  const limits: [string, Json][] = [];
  for (const [key, value] of Object.entries(schema)) {
    if (replaced.has(key)) continue;
    const part = compiledPart(key, value, compiler);
    if (part === undefined) limits.push([key, value]);
    else entries.push([key === 'oneOf' ? 'anyOf' : key, part]);
  }
  const told = limits.length === 0 ? '' : JSON.stringify(Object.fromEntries(limits));
  const description = [textOf(schema['description']), told].filter((text) => text !== '');
  if (description.length > 0) entries.push(['description', description.join('\n')]);
  if (describesObject(schema)) {
    close(schema, compiler);
    entries.push(['additionalProperties', false]);
  }
  compiler.depth -= 1;
  return Object.fromEntries(entries);
}

/** `undefined` for what the API does not know. */
function compiledPart(key: string, value: Json, compiler: Compiler): Json | undefined {
  if (kept.has(key)) return value;
  switch (key) {
    case 'items':
      return compiled(value, compiler);
    case 'anyOf':
    case 'oneOf':
    case 'allOf':
      return listOf(value).map((branch) => compiled(branch, compiler));
    case 'properties':
    case '$defs':
    case 'definitions':
      return compiledMap(value, compiler);
    case 'format':
      return formats.includes(textOf(value)) ? value : undefined;
    default:
      return undefined;
  }
}

function compiledMap(value: Json, compiler: Compiler): Json {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]): [string, Json] => [name, compiled(entry, compiler)]),
  );
}

function describesObject(schema: JsonObject): boolean {
  const { type } = schema;
  return type === 'object' || 'properties' in schema || listOf(type).includes('object');
}

/** An object that takes names of its own choice cannot be closed without a loss. */
function close(schema: JsonObject, compiler: Compiler): void {
  const { properties, required, additionalProperties, patternProperties } = schema;
  if ((additionalProperties ?? false) !== false || patternProperties !== undefined)
    compiler.failed = true;
  if (!isJsonObject(properties)) {
    compiler.failed ||= additionalProperties !== false;
    return;
  }
  const needed = new Set(listOf(required));
  compiler.optional += Object.keys(properties).filter((name) => !needed.has(name)).length;
}

/** Whether a definition refers to itself, directly or by others, or to something outside. */
function isRecursive(schema: JsonObject): boolean {
  const edges = new Map<string, Set<string>>();
  for (const group of ['$defs', 'definitions']) {
    const definitions = schema[group];
    if (!isJsonObject(definitions)) continue;
    for (const [name, value] of Object.entries(definitions)) {
      edges.set(`#/${group}/${name}`, references(value));
    }
  }
  const done = new Set<string>();
  const visit = (ref: string, path: readonly string[]): boolean => {
    if (path.includes(ref)) return true;
    if (done.has(ref)) return false;
    done.add(ref);
    const next = edges.get(ref);
    return next === undefined || [...next].some((other) => visit(other, [...path, ref]));
  };
  return [...references(schema)].some((ref) => visit(ref, []));
}

function references(value: Json, found = new Set<string>()): Set<string> {
  for (const entry of listOf(value)) references(entry, found);
  if (isJsonObject(value)) {
    for (const [key, entry] of Object.entries(value)) {
      if (key === '$ref' && typeof entry === 'string') found.add(entry);
      else references(entry, found);
    }
  }
  return found;
}
