import { Ajv2020 } from 'ajv/dist/2020.js';
import { checkName } from './geminiContentRules.ts';
import { invalid, list, oneOf, record, string } from './geminiRefusal.ts';
import { isRecord, type JsonRecord, listOf } from './json.ts';

/** Tools, as https://ai.google.dev/api/caching#Tool and #ToolConfig describe them. */
const metaSchema = new Ajv2020({ strict: false });
const deepest = 32;
const longestName = 64;

/** Checks `tools` and `toolConfig`; tells whether functions are offered. */
export function checkTools(body: JsonRecord): boolean {
  const names = new Set<string>();
  for (const [index, tool] of listIn(body, 'tools').entries()) {
    const path = `tools[${index}]`;
    const { functionDeclarations, googleSearch } = record(tool, path, [
      ...['functionDeclarations', 'googleSearch'],
    ]);
    if (googleSearch !== undefined) checkSearch(googleSearch, `${path}.google_search`);
    if (googleSearch !== undefined && functionDeclarations === undefined) continue;
    const declared = list(functionDeclarations, `${path}.function_declarations`);
    if (declared.length === 0)
      invalid(`${path}.tool_type: required one_of 'tool_type' must have one initialized field`);
    for (const [place, declaration] of declared.entries()) {
      const name = checkDeclaration(declaration, `${path}.function_declarations[${place}]`);
      if (names.has(name)) invalid(`Duplicate function declaration found: ${name}`);
      names.add(name);
    }
  }
  if (names.size > 0 && serverSearchIn(body) !== undefined) {
    invalid('Tool use with function calling is unsupported');
  }
  checkConfig(body['toolConfig'], names);
  return names.size > 0;
}

/** The tool by which a request lets Google search: https://ai.google.dev/gemini-api/docs/google-search */
export function serverSearchIn(body: JsonRecord): unknown {
  return listOf(body['tools']).find((tool) => isRecord(tool) && 'googleSearch' in tool);
}

/** https://ai.google.dev/api/caching#GoogleSearch: neither domains nor places. */
function checkSearch(value: unknown, path: string): void {
  record(value, path, ['timeRangeFilter', 'searchTypes']);
}

function listIn(body: JsonRecord, key: string): readonly unknown[] {
  return body[key] === undefined ? [] : list(body[key], key);
}

const declarationFields = [
  ...['name', 'description', 'behavior', 'parameters', 'parametersJsonSchema', 'response'],
  'responseJsonSchema',
];

function checkDeclaration(value: unknown, path: string): string {
  const declaration = record(value, path, declarationFields);
  const name = checkName(declaration['name'], `${path}.name`);
  if ('description' in declaration) string(declaration['description'], `${path}.description`);
  const { parameters, parametersJsonSchema: schema } = declaration;
  if (parameters !== undefined)
    invalid(`${path}.parameters: this fake only knows parametersJsonSchema.`);
  if (schema !== undefined) checkParameters(schema, `${path}.parameters_json_schema`);
  return name;
}

/** https://ai.google.dev/gemini-api/docs/function-calling#function-declarations */
function checkParameters(schema: unknown, path: string): void {
  if (!isRecord(schema) || schema['type'] !== 'object') {
    invalid(`${path}: schema should describe an object.`);
  }
  for (const union of ['anyOf', 'oneOf', 'allOf', '$ref', 'enum']) {
    if (union in schema) invalid(`${path}: ${union} is not allowed at the root.`);
  }
  if (metaSchema.validateSchema(schema) !== true)
    invalid(`${path}: schema is not valid JSON Schema.`);
  const { properties, additionalProperties } = schema;
  const isEmpty = !isRecord(properties) || Object.keys(properties).length === 0;
  if (isEmpty && (additionalProperties ?? false) === false) {
    invalid(`${path}.properties: should be non-empty for OBJECT type`);
  }
  walk(schema, path, 1, (part, place) => {
    // The API does not read it: the model would not learn of the value.
    if ('const' in part) invalid(`${place}: const is not supported, use enum.`);
    const values = listOf(part['enum']);
    if ('enum' in part && !values.every((one) => ['string', 'number'].includes(typeof one))) {
      invalid(`${place}.enum: only strings and numbers are supported.`);
    }
    for (const name of Object.keys(isRecord(part['properties']) ? part['properties'] : {})) {
      if (name.length > longestName)
        invalid(`${place}.properties: ${name} is longer than ${longestName}.`);
    }
  });
}

/** https://ai.google.dev/api/generate-content#FIELDS.response_json_schema */
const outputKeywords = [
  ...['$id', '$defs', '$ref', '$anchor', 'type', 'format', 'title', 'description', 'enum', 'items'],
  ...['prefixItems', 'minItems', 'maxItems', 'minimum', 'maximum', 'anyOf', 'oneOf', 'properties'],
  ...['additionalProperties', 'required', 'propertyOrdering'],
];

export function checkOutputSchema(schema: unknown): void {
  const path = 'generation_config.response_json_schema';
  if (!isRecord(schema)) invalid(`${path}: should be an object.`);
  walk(schema, path, 1, (part, place) => {
    for (const key of Object.keys(part)) {
      if (!outputKeywords.includes(key)) invalid(`${place}: keyword ${key} is not supported.`);
      if ('$ref' in part && !key.startsWith('$'))
        invalid(`${place}: ${key} beside $ref is not allowed.`);
    }
  });
  checkCycles(schema, schema, [], path);
}

function checkCycles(
  value: unknown,
  root: JsonRecord,
  open: readonly string[],
  path: string,
): void {
  for (const part of listOf(value)) checkCycles(part, root, open, path);
  if (!isRecord(value)) return;
  for (const [key, part] of Object.entries(value)) {
    if (key === '$defs' && open.length === 0) continue;
    if (key !== '$ref') {
      checkCycles(part, root, open, path);
      continue;
    }
    const [, name = ''] = /^#\/\$defs\/(.+)$/.exec(String(part)) ?? [];
    const target = isRecord(root['$defs']) ? root['$defs'][name] : undefined;
    if (target === undefined) invalid(`${path}: reference to undefined schema ${part}`);
    if (open.includes(name)) invalid(`${path}: schema is cyclic through ${part}`);
    checkCycles(target, root, [...open, name], path);
  }
}

const maps = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];
const lists = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const singles = ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains'];

function walk(
  schema: unknown,
  path: string,
  depth: number,
  check: (part: JsonRecord, path: string) => void,
): void {
  if (!isRecord(schema)) return;
  if (depth > deepest + 1) invalid(`${path}: schema is nested more than ${deepest} levels deep.`);
  check(schema, path);
  for (const [key, value] of Object.entries(schema)) {
    const children = maps.includes(key)
      ? Object.entries(isRecord(value) ? value : {})
      : lists.includes(key)
        ? Object.entries(listOf(value))
        : singles.includes(key)
          ? [['', value] as const]
          : [];
    for (const [name, child] of children) walk(child, `${path}.${key}.${name}`, depth + 1, check);
  }
}

/** https://ai.google.dev/gemini-api/docs/function-calling#function_calling_modes */
function checkConfig(value: unknown, names: ReadonlySet<string>): void {
  if (value === undefined) return;
  const { functionCallingConfig } = record(value, 'tool_config', ['functionCallingConfig']);
  const path = 'tool_config.function_calling_config';
  const config = record(functionCallingConfig, path, ['mode', 'allowedFunctionNames']);
  const mode = oneOf(config['mode'], `${path}.mode`, ['AUTO', 'ANY', 'NONE', 'VALIDATED']);
  if (names.size === 0) invalid('Function calling config is set without function_declarations.');
  const allowed = listIn(config, 'allowedFunctionNames');
  if (allowed.length > 0 && mode !== 'ANY' && mode !== 'VALIDATED') {
    invalid('allowed_function_names can only be set when the mode is ANY or VALIDATED.');
  }
  for (const name of allowed) {
    if (!names.has(String(name))) invalid(`allowed_function_names: ${name} is not declared.`);
  }
}
