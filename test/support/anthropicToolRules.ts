import { Ajv2020 } from 'ajv/dist/2020.js';
import { boolean, invalid, oneOf, record, string } from './anthropicRefusal.ts';
import { checkServerSearch, isServerSearch } from './anthropicSearchRules.ts';
import { at, isRecord, type JsonRecord, listOf } from './json.ts';

/**
 * Tools, as https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use and
 * https://platform.claude.com/docs/en/api/messages/create describe them.
 */
const toolName = /^[a-zA-Z0-9_-]{1,64}$/;
const propertyName = /^[a-zA-Z0-9_.-]{1,64}$/;
const metaSchema = new Ajv2020({ strict: false });

const toolFields = [
  ...['allowed_callers', 'cache_control', 'defer_loading', 'description'],
  ...['eager_input_streaming', 'input_examples', 'input_schema', 'name', 'strict', 'type'],
];

/** Checks `tools` and `tool_choice`; gives the names of the tools. */
export function checkTools(
  body: JsonRecord,
  forced: 'allowed' | 'model' | 'thinking',
): Set<string> {
  const names = new Set<string>();
  const { tools } = body;
  if (tools !== undefined && !Array.isArray(tools))
    invalid('tools', 'Input should be a valid list');
  for (const [index, tool] of listOf(tools).entries()) {
    const name = isServerSearch(tool)
      ? checkServerSearch(tool, `tools.${index}.${at(tool, 'type')}`)
      : checkTool(tool, `tools.${index}.custom`);
    if (names.has(name)) invalid('tools', 'Tool names must be unique.');
    names.add(name);
  }
  checkToolChoice(body['tool_choice'], names, forced);
  return names;
}

function checkTool(value: unknown, path: string): string {
  const tool = record(value, path, toolFields);
  const name = string(tool['name'], `${path}.name`);
  if (!toolName.test(name)) {
    invalid(`${path}.name`, "String should match pattern '^[a-zA-Z0-9_-]{1,64}$'");
  }
  if ('description' in tool) string(tool['description'], `${path}.description`);
  boolean(tool['strict'], `${path}.strict`);
  checkInputSchema(tool['input_schema'], `${path}.input_schema`);
  return name;
}

function checkInputSchema(schema: unknown, path: string): void {
  if (schema === undefined) invalid(path, 'Field required');
  if (!isRecord(schema)) invalid(path, 'Input should be a valid dictionary');
  if (schema['type'] !== 'object') invalid(`${path}.type`, "Input should be 'object'");
  for (const union of ['oneOf', 'allOf', 'anyOf']) {
    if (union in schema) {
      invalid(path, 'input_schema does not support oneOf, allOf, or anyOf at the top level');
    }
  }
  const { properties } = schema;
  if (isRecord(properties) && !Object.keys(properties).every((name) => propertyName.test(name))) {
    invalid(`${path}.properties`, `Property keys should match pattern '${propertyName.source}'`);
  }
  const { $schema } = schema;
  const modern = $schema === undefined || /draft\/2020-12/.test(String($schema));
  if (!modern || metaSchema.validateSchema(schema) !== true || !referencesResolve(schema, schema)) {
    invalid(
      path,
      'JSON schema is invalid. It must match JSON Schema draft 2020-12 (https://json-schema.org/draft/2020-12).',
    );
  }
}

function referencesResolve(value: unknown, root: JsonRecord): boolean {
  if (Array.isArray(value)) return value.every((entry) => referencesResolve(entry, root));
  if (!isRecord(value)) return true;
  return Object.entries(value).every(([key, entry]) =>
    key === '$ref' && typeof entry === 'string'
      ? resolves(entry, root)
      : referencesResolve(entry, root),
  );
}

function resolves(ref: string, root: JsonRecord): boolean {
  if (!ref.startsWith('#')) return false;
  let here: unknown = root;
  for (const key of ref.split('/').slice(1)) {
    here = isRecord(here) ? here[key.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
  }
  return here !== undefined;
}

function checkToolChoice(
  value: unknown,
  names: ReadonlySet<string>,
  forced: 'allowed' | 'model' | 'thinking',
): void {
  if (value === undefined) return;
  if (names.size === 0)
    invalid('tool_choice', '`tool_choice` may only be specified while providing `tools`.');
  const type = oneOf(isRecord(value) ? value['type'] : undefined, 'tool_choice.type', [
    ...['auto', 'any', 'tool', 'none'],
  ]);
  const fields = { auto: [], any: [], tool: ['name'], none: [] }[type] ?? [];
  const single = type === 'none' ? [] : ['disable_parallel_tool_use'];
  const choice = record(value, 'tool_choice', ['type', ...fields, ...single]);
  boolean(choice['disable_parallel_tool_use'], 'tool_choice.disable_parallel_tool_use');
  if (type === 'auto' || type === 'none') return;
  if (forced === 'model')
    invalid('tool_choice', 'Forced tool use is not supported for this model.');
  if (forced === 'thinking')
    invalid('', 'Thinking may not be enabled when tool_choice forces tool use.');
  if (type === 'tool' && !names.has(string(choice['name'], 'tool_choice.name'))) {
    invalid('tool_choice', `Tool '${choice['name']}' not found in provided tools`);
  }
}
