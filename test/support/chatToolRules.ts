import { Ajv2020 } from 'ajv/dist/2020.js';
import { at, isRecord, type JsonRecord, listOf } from './json.ts';
import { object, oneOf, refuse, text } from './refusal.ts';

/** https://platform.openai.com/docs/api-reference/chat/create#chat-create-tools */
const mostTools = 128;
const name = /^[a-zA-Z0-9_-]{1,64}$/;
const metaSchema = new Ajv2020({ strict: false });

/** `tools`, `tool_choice` and `parallel_tool_calls`. */
export function checkTools(body: JsonRecord): void {
  const { tools } = body;
  if (tools === undefined) {
    for (const field of ['tool_choice', 'parallel_tool_calls']) {
      if (field in body)
        refuse(
          field,
          `Invalid value for '${field}': '${field}' is only allowed when 'tools' are specified.`,
        );
    }
    return;
  }
  if (!Array.isArray(tools) || tools.length === 0) refuse('tools', "[] is too short - 'tools'");
  if (tools.length > mostTools) {
    refuse(
      'tools',
      `Invalid 'tools': array too long. Expected an array with maximum length ${mostTools}, but got ${tools.length}.`,
    );
  }
  const names = new Set<string>();
  for (const [index, tool] of tools.entries()) {
    if (at(tool, 'type') === serverSearch) {
      checkServerSearch(tool, `tools[${index}]`);
      continue;
    }
    const declared = checkTool(tool, `tools[${index}]`);
    if (names.has(declared)) refuse('tools', `Duplicate function name: '${declared}'.`);
    names.add(declared);
  }
  checkToolChoice(body['tool_choice'], names);
  const parallel = body['parallel_tool_calls'];
  if (parallel !== undefined && typeof parallel !== 'boolean') {
    refuse('parallel_tool_calls', "Invalid type for 'parallel_tool_calls': expected a boolean.");
  }
}

const serverSearch = 'openrouter:web_search';

/** The tool by which a request lets OpenRouter search. */
export function serverSearchIn(body: unknown): unknown {
  return listOf(at(body, 'tools')).find((tool) => at(tool, 'type') === serverSearch);
}

/** https://openrouter.ai/docs/guides/features/server-tools/web-search#configuration */
function checkServerSearch(value: unknown, path: string): void {
  const tool = object(value, path, ['type', 'parameters']);
  if (!('parameters' in tool)) return;
  const where = `${path}.parameters`;
  const fields = object(tool['parameters'], where, [
    ...['engine', 'max_results', 'max_total_results', 'search_context_size', 'user_location'],
    ...['allowed_domains', 'excluded_domains', 'max_characters', 'max_uses'],
  ]);
  const word = (field: string, words: readonly string[]): void => {
    if (field in fields && !oneOf(fields[field], words))
      refuse(`${where}.${field}`, `Invalid option: expected one of ${words.join('|')}`);
  };
  word('engine', ['auto', 'native', 'exa', 'firecrawl', 'parallel', 'perplexity']);
  word('search_context_size', ['low', 'medium', 'high']);
  const lists = ['allowed_domains', 'excluded_domains'].filter((list) => list in fields);
  for (const list of lists) {
    const domains = fields[list];
    if (!Array.isArray(domains) || domains.some((domain) => typeof domain !== 'string'))
      refuse(`${where}.${list}`, 'Invalid input: expected a list of strings');
  }
  if (lists.length === 2) refuse(where, 'allowed_domains cannot be used with excluded_domains.');
  // The models' own searches may pass over the lists.
  if (lists.length > 0 && fields['engine'] !== 'exa')
    refuse(where, 'This fake wants filters kept to: only some engines do.');
  if (!('user_location' in fields)) return;
  const location = object(fields['user_location'], `${where}.user_location`, [
    ...['type', 'city', 'country', 'region', 'timezone'],
  ]);
  if (location['type'] !== 'approximate')
    refuse(`${where}.user_location.type`, 'Invalid input: expected "approximate"');
}

function checkTool(tool: unknown, path: string): string {
  const type = at(tool, 'type');
  if (type !== 'function')
    refuse(`${path}.type`, `Invalid value: '${type}'. Supported values are: 'function'.`);
  object(tool, path, ['type', 'function']);
  const fn = object(at(tool, 'function'), `${path}.function`, [
    'name',
    'description',
    'parameters',
    'strict',
  ]);
  const declared = text(fn['name'], `${path}.function.name`);
  if (!name.test(declared)) {
    refuse(
      `${path}.function.name`,
      `Invalid '${path}.function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$' of at most 64 characters.`,
    );
  }
  if ('description' in fn) text(fn['description'], `${path}.function.description`);
  if ('strict' in fn && fn['strict'] !== null && typeof fn['strict'] !== 'boolean') {
    refuse(
      `${path}.function.strict`,
      `Invalid type for '${path}.function.strict': expected a boolean.`,
    );
  }
  if ('parameters' in fn) checkSchema(fn['parameters'], declared);
  return declared;
}

function checkSchema(schema: unknown, tool: string): void {
  const bad: (reason: string) => never = (reason) =>
    refuse(
      'tools',
      `Invalid schema for function '${tool}': ${reason}`,
      'invalid_function_parameters',
    );
  if (!isRecord(schema)) bad('it is not an object.');
  if (schema['type'] !== 'object') {
    bad(
      `schema must be a JSON Schema of 'type: "object"', got 'type: ${JSON.stringify(schema['type'] ?? 'None')}'.`,
    );
  }
  // The official SDKs' helpers name the draft that they wrote.
  const { $schema: _, ...undated } = schema;
  if (metaSchema.validateSchema(undated) !== true)
    bad(`it is not a valid JSON Schema: ${metaSchema.errorsText()}.`);
  for (const union of ['oneOf', 'anyOf', 'allOf', 'enum', 'not']) {
    if (union in schema)
      bad(
        "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.",
      );
  }
  if (!isRecord(schema['properties'])) bad('In context=(), object schema missing properties.');
  walk(schema, schema, [], bad);
}

/** Every subschema: arrays need items, references must lead somewhere. */
function walk(
  schema: unknown,
  root: JsonRecord,
  context: readonly string[],
  bad: (reason: string) => never,
): void {
  if (!isRecord(schema)) return;
  const where = `In context=(${context.map((step) => `'${step}'`).join(', ')})`;
  const types = Array.isArray(schema['type']) ? schema['type'] : [schema['type']];
  if (types.includes('array') && !('items' in schema) && !('prefixItems' in schema)) {
    bad(`${where}, array schema missing items.`);
  }
  const reference = schema['$ref'];
  if (typeof reference === 'string' && !resolves(reference, root)) {
    bad(`${where}, reference to component '${reference}' which was not found in the schema.`);
  }
  for (const group of ['properties', '$defs', 'definitions']) {
    for (const [key, inner] of Object.entries(isRecord(schema[group]) ? schema[group] : {})) {
      walk(inner, root, [...context, group, key], bad);
    }
  }
  for (const group of ['anyOf', 'oneOf', 'allOf', 'prefixItems']) {
    for (const [index, inner] of listOf(schema[group]).entries()) {
      walk(inner, root, [...context, group, String(index)], bad);
    }
  }
  for (const key of ['items', 'additionalProperties', 'not']) {
    walk(schema[key], root, [...context, key], bad);
  }
}

function resolves(reference: string, root: JsonRecord): boolean {
  if (!reference.startsWith('#')) return false;
  const steps = reference
    .slice(1)
    .split('/')
    .filter((step) => step !== '');
  return at(root, ...steps.map(decodeURIComponent)) !== undefined;
}

function checkToolChoice(choice: unknown, names: ReadonlySet<string>): void {
  if (choice === undefined) return;
  if (typeof choice === 'string') {
    if (!['none', 'auto', 'required'].includes(choice)) {
      refuse(
        'tool_choice',
        `Invalid value: '${choice}'. Supported values are: 'none', 'auto', and 'required'.`,
      );
    }
    return;
  }
  object(choice, 'tool_choice', ['type', 'function']);
  if (at(choice, 'type') !== 'function')
    refuse('tool_choice.type', `Invalid value: '${at(choice, 'type')}'.`);
  const chosen = text(at(choice, 'function', 'name'), 'tool_choice.function.name');
  if (!names.has(chosen)) {
    refuse('tool_choice', `Tool choice '${chosen}' not found in 'tools' parameter.`);
  }
}
