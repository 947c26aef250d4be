import { checkMessages, checkSystemAndMarks } from './anthropicMessageRules.ts';
import { type ClaudeModel, claudeModels, compatibleModel } from './anthropicModels.ts';
import {
  AnthropicRefusal,
  boolean,
  invalid,
  numberIn,
  oneOf,
  record,
  string,
} from './anthropicRefusal.ts';
import { checkTools } from './anthropicToolRules.ts';
import { at, isRecord, type JsonRecord, listOf } from './json.ts';

/** https://platform.claude.com/docs/en/api/messages/create */
const fields = [
  ...['cache_control', 'container', 'diagnostics', 'inference_geo', 'max_tokens', 'messages'],
  ...['metadata', 'model', 'output_config', 'service_tier', 'speed', 'stop_sequences', 'stream'],
  ...['system', 'temperature', 'thinking', 'tool_choice', 'tools', 'top_k', 'top_p'],
];

const bindingBeta = 'thinking-binding-controls-2026-08-01';
const betas = new Set([
  bindingBeta,
  'interleaved-thinking-2025-05-14',
  'fine-grained-tool-streaming-2025-05-14',
]);

/** Refuses by throwing what the API would refuse; gives what it knows of the model. */
export function checkRequest(
  body: unknown,
  headers: Readonly<Record<string, string | undefined>>,
  models: readonly string[],
): ClaudeModel {
  const asked = betasOf(headers);
  if (!isRecord(body)) invalid('', 'The request body is not valid JSON');
  record(body, '', fields);
  const name = string(body['model'], 'model');
  if (!models.includes(name)) throw new AnthropicRefusal(`model: ${name}`, 404, 'not_found_error');
  const model = claudeModels[name] ?? compatibleModel;
  boolean(body['stream'], 'stream');
  const maxTokens = checkMaxTokens(body, name, model);
  const thinks = checkThinking(body, model, maxTokens, asked.has(bindingBeta));
  checkSampling(body, model, thinks);
  checkOutput(body, model);
  const manual = at(body, 'thinking', 'type') === 'enabled';
  const tools = checkTools(body, !model.forcedCalls ? 'model' : manual ? 'thinking' : 'allowed');
  checkSystemAndMarks(body);
  checkMessages(body, model, tools);
  return model;
}

function betasOf(headers: Readonly<Record<string, string | undefined>>): ReadonlySet<string> {
  if (headers['anthropic-version'] !== '2023-06-01') {
    invalid('anthropic-version', 'header is required');
  }
  const asked = (headers['anthropic-beta'] ?? '').split(',').filter((beta) => beta !== '');
  for (const beta of asked) {
    if (!betas.has(beta))
      invalid('', `Unexpected value(s) \`${beta}\` for the \`anthropic-beta\` header.`);
  }
  return new Set(asked);
}

function checkMaxTokens(body: JsonRecord, name: string, model: ClaudeModel): number {
  const value = body['max_tokens'];
  if (value === undefined) invalid('max_tokens', 'Field required');
  const tokens = numberIn(value, 'max_tokens', 1, 1e9) ?? 0;
  if (!Number.isInteger(tokens)) invalid('max_tokens', 'Input should be a valid integer');
  if (tokens > model.maxTokens) {
    invalid(
      'max_tokens',
      `${tokens} > ${model.maxTokens}, which is the maximum allowed number of output tokens for ${name}`,
    );
  }
  return tokens;
}

/** https://platform.claude.com/docs/en/build-with-claude/thinking; tells whether the model will think. */
function checkThinking(
  body: JsonRecord,
  model: ClaudeModel,
  maxTokens: number,
  beta: boolean,
): boolean {
  const { thinking } = body;
  if (thinking === undefined) return model.thinksByDefault;
  const type = oneOf(at(thinking, 'type'), 'thinking.type', [
    'adaptive',
    'enabled',
    'disabled',
    'between_tools',
  ]);
  if (!model.thinking.includes(type)) {
    invalid(
      '',
      type === 'adaptive'
        ? 'adaptive thinking is not supported on this model'
        : `"thinking.type.${type}" is not supported for this model.`,
    );
  }
  const options =
    type === 'adaptive' || type === 'enabled'
      ? ['display', ...(beta ? ['block_binding'] : [])]
      : [];
  const config = record(thinking, 'thinking', [
    'type',
    ...options,
    ...(type === 'enabled' ? ['budget_tokens'] : []),
  ]);
  if ('display' in config) oneOf(config['display'], 'thinking.display', ['summarized', 'omitted']);
  if ('block_binding' in config) checkBinding(config['block_binding'], model);
  if (type === 'enabled') checkBudget(config['budget_tokens'], maxTokens);
  const effort = at(body, 'output_config', 'effort');
  if (
    model.offUpToHigh &&
    (type === 'disabled' || type === 'between_tools') &&
    (effort === 'xhigh' || effort === 'max')
  ) {
    invalid('', `"thinking.type.${type}" is not supported with effort "${effort}".`);
  }
  return type !== 'disabled';
}

function checkBudget(value: unknown, maxTokens: number): void {
  const path = 'thinking.enabled.budget_tokens';
  if (value === undefined) invalid(path, 'Field required');
  if ((numberIn(value, path, 1024, 1e9) ?? 0) >= maxTokens) {
    invalid('', '`max_tokens` must be greater than `thinking.budget_tokens`.');
  }
}

/** https://platform.claude.com/docs/en/build-with-claude/preserved-thinking#preserved-thinking-controls */
function checkBinding(value: unknown, model: ClaudeModel): void {
  const path = 'thinking.block_binding';
  if (!model.bound) invalid(path, 'is not supported for this model');
  const { prefix_mismatch_behavior: behavior } = record(value, path, ['prefix_mismatch_behavior']);
  oneOf(behavior, `${path}.prefix_mismatch_behavior`, ['error', 'drop_block']);
}

function checkSampling(body: JsonRecord, model: ClaudeModel, thinks: boolean): void {
  const temperature = numberIn(body['temperature'], 'temperature', 0, 1);
  const topP = numberIn(body['top_p'], 'top_p', 0, 1);
  if (temperature === undefined && topP === undefined && !('top_k' in body)) return;
  if (!model.sampling)
    invalid('', '`temperature`, `top_p` and `top_k` are not supported for this model.');
  if (thinks && temperature !== undefined && temperature !== 1) {
    invalid('', '`temperature` may only be set to 1 when thinking is enabled.');
  }
  if (thinks && topP !== undefined && topP < 0.95) {
    invalid('', '`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.');
  }
  if (temperature !== undefined && topP !== undefined) {
    invalid(
      '',
      '`temperature` and `top_p` cannot both be specified for this model. Please use only one.',
    );
  }
}

function checkOutput(body: JsonRecord, model: ClaudeModel): void {
  if (body['output_config'] === undefined) return;
  const config = record(body['output_config'], 'output_config', ['effort', 'format']);
  if ('effort' in config) {
    if (model.efforts.length === 0)
      invalid('', 'This model does not support the effort parameter.');
    oneOf(config['effort'], 'output_config.effort', model.efforts);
  }
  if (!('format' in config)) return;
  if (!model.structuredOutput) invalid('', 'This model does not support output format.');
  const format = record(config['format'], 'output_config.format', ['type', 'schema']);
  oneOf(format['type'], 'output_config.format.type', ['json_schema']);
  if (!isRecord(format['schema']))
    invalid('output_config.format.schema', 'Input should be a valid dictionary');
  if (checkOutputSchema(format['schema'], 'output_config.format.schema') > 24) {
    invalid('output_config.format.schema', 'Schemas contains too many optional parameters');
  }
}

const outputKeywords = new Set([
  ...['$defs', '$ref', 'additionalProperties', 'allOf', 'anyOf', 'const', 'default', 'definitions'],
  ...['description', 'enum', 'format', 'items', 'properties', 'required', 'title', 'type'],
]);

/** https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations; gives the number of optional properties. */
function checkOutputSchema(schema: unknown, path: string): number {
  if (!isRecord(schema)) invalid(path, 'Input should be a valid dictionary');
  for (const key of Object.keys(schema)) {
    if (!outputKeywords.has(key))
      invalid(path, `For '${String(schema['type'])}' type, property '${key}' is not supported`);
  }
  const { properties, $ref: ref } = schema;
  if (
    (schema['type'] === 'object' || properties !== undefined) &&
    schema['additionalProperties'] !== false
  ) {
    invalid(path, "For 'object' type, 'additionalProperties' must be explicitly set to false");
  }
  if (typeof ref === 'string' && !ref.startsWith('#/'))
    invalid(path, `External $ref '${ref}' is not supported`);
  const parts: [string, unknown][] = [
    ...Object.entries(isRecord(properties) ? properties : {}),
    ...Object.entries(isRecord(schema['$defs']) ? schema['$defs'] : {}),
    ...Object.entries(isRecord(schema['definitions']) ? schema['definitions'] : {}),
    ...[...listOf(schema['anyOf']), ...listOf(schema['allOf'])].map(
      (part, index): [string, unknown] => [`${index}`, part],
    ),
    ...('items' in schema ? [['items', schema['items']] satisfies [string, unknown]] : []),
  ];
  const required = listOf(schema['required']);
  const optional = Object.keys(isRecord(properties) ? properties : {}).filter(
    (name) => !required.includes(name),
  );
  return parts.reduce(
    (sum, [name, part]) => sum + checkOutputSchema(part, `${path}.${name}`),
    optional.length,
  );
}
