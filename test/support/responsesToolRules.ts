import { Ajv2020 } from 'ajv/dist/2020.js';
import { at, isRecord, type JsonRecord } from './json.ts';
import { object, oneOf, refuse, text } from './refusal.ts';

/** https://www.openresponses.org/reference and https://docs.x.ai/docs/guides/function-calling */
const mostTools = 128;
const toolName = /^[a-zA-Z0-9_-]{1,64}$/;
const metaSchema = new Ajv2020({ strict: false });

/** `tools`, `tool_choice` and `parallel_tool_calls`. */
export function checkTools(body: JsonRecord): void {
  const { tools } = body;
  if (tools === undefined) {
    for (const field of ['tool_choice', 'parallel_tool_calls']) {
      if (field in body) refuse(field, `'${field}' is only allowed when 'tools' are specified.`);
    }
    return;
  }
  if (!Array.isArray(tools) || tools.length === 0)
    refuse('tools', "Invalid 'tools': empty array or no array.");
  if (tools.length > mostTools) refuse('tools', `Invalid 'tools': more than ${mostTools}.`);
  const names = new Set<string>();
  for (const [index, tool] of tools.entries()) {
    if (isServerSearch(tool)) {
      checkServerSearch(tool, `tools[${index}]`);
      continue;
    }
    const declared = checkTool(tool, `tools[${index}]`);
    if (names.has(declared)) refuse('tools', `Duplicate function name: '${declared}'.`);
    names.add(declared);
  }
  checkChoice(body['tool_choice'], names);
  if ('parallel_tool_calls' in body && typeof body['parallel_tool_calls'] !== 'boolean')
    refuse('parallel_tool_calls', "Invalid type for 'parallel_tool_calls': expected a boolean.");
}

const mostDomains = 5;

export function isServerSearch(tool: unknown): boolean {
  return at(tool, 'type') === 'web_search';
}

/** xAI's search, which is not quite OpenAI's: https://docs.x.ai/docs/guides/tools/search-tools */
function checkServerSearch(value: unknown, path: string): void {
  const tool = object(value, path, ['type', 'filters', 'enable_image_understanding']);
  if (!('filters' in tool)) return;
  const filters = object(tool['filters'], `${path}.filters`, [
    ...['allowed_domains', 'excluded_domains'],
  ]);
  const lists = Object.keys(filters);
  for (const list of lists) {
    const domains = filters[list];
    if (!Array.isArray(domains) || domains.length > mostDomains)
      refuse(`${path}.filters.${list}`, `Expected a list of at most ${mostDomains} domains.`);
  }
  if (lists.length === 2)
    refuse(`${path}.filters`, 'allowed_domains and excluded_domains cannot be set together.');
}

function checkTool(tool: unknown, path: string): string {
  const type = at(tool, 'type');
  if (type !== 'function')
    refuse(`${path}.type`, `Tool type '${type}' is not supported. Supported values: 'function'.`);
  const fn = object(tool, path, ['type', 'name', 'description', 'parameters', 'strict']);
  const declared = text(fn['name'], `${path}.name`);
  checkName(declared, `${path}.name`);
  if ('description' in fn) text(fn['description'], `${path}.description`);
  if ('strict' in fn && typeof fn['strict'] !== 'boolean')
    refuse(`${path}.strict`, `Invalid type for '${path}.strict': expected a boolean.`);
  checkParameters(fn['parameters'], declared);
  return declared;
}

/** Also the names in calls of the past. */
export function checkName(name: string, path: string): void {
  if (!toolName.test(name)) {
    refuse(
      path,
      `Invalid '${path}': string does not match pattern '^[a-zA-Z0-9_-]+$' of at most 64 characters.`,
    );
  }
}

function checkParameters(schema: unknown, tool: string): void {
  const bad: (reason: string) => never = (reason) =>
    refuse('tools', `Invalid schema for function '${tool}': ${reason}`);
  if (!isRecord(schema)) bad('it is not an object.');
  if (schema['type'] !== 'object') bad('schema must be a JSON Schema of \'type: "object"\'.');
  if (!isRecord(schema['properties'])) bad('object schema missing properties.');
  const { $schema: _, ...undated } = schema;
  if (metaSchema.validateSchema(undated) !== true)
    bad(`it is not a valid JSON Schema: ${metaSchema.errorsText()}.`);
}

function checkChoice(choice: unknown, names: ReadonlySet<string>): void {
  if (choice === undefined || oneOf(choice, ['none', 'auto', 'required'])) return;
  if (typeof choice === 'string') refuse('tool_choice', `Invalid value: '${choice}'.`);
  const { type, name } = object(choice, 'tool_choice', ['type', 'name']);
  if (type !== 'function') refuse('tool_choice.type', `Invalid value: '${type}'.`);
  if (!names.has(text(name, 'tool_choice.name')))
    refuse('tool_choice', `Tool choice '${name}' not found in 'tools' parameter.`);
}
