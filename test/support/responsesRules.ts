import { isRecord, type JsonRecord, listOf } from './json.ts';
import { object, oneOf, type Refusal, Refused, refuse, text } from './refusal.ts';
import { checkItems } from './responsesItemRules.ts';
import type { ReasoningLedger } from './responsesLedger.ts';
import { checkTools } from './responsesToolRules.ts';

/**
 * What a Responses API of another vendor than OpenAI takes: functions only, and no memory. Written
 * from public pages and nothing of `src/`:
 *   request      https://www.openresponses.org/reference
 *   xAI          https://docs.x.ai/docs/api-reference#create-new-response
 *   Ollama       https://docs.ollama.com/api/openai-compatibility#v1responses
 *   formats      https://platform.openai.com/docs/guides/structured-outputs
 * Where vendors differ, the stricter counts.
 */
export interface ResponsesDialect {
  readonly models: readonly string[];
  /** The words that `reasoning.effort` may have. */
  readonly efforts: readonly string[];
}

const documentedFields = new Set([
  ...['model', 'input', 'instructions', 'stream', 'store', 'tools', 'tool_choice'],
  ...['parallel_tool_calls', 'reasoning', 'include', 'text', 'max_output_tokens', 'temperature'],
  ...['top_p', 'prompt_cache_key', 'metadata', 'user', 'truncation'],
]);

/** Why the host would refuse this body; `undefined` when it would answer. */
export function refusalOf(
  body: unknown,
  dialect: ResponsesDialect,
  ledger: ReasoningLedger,
): Refusal | undefined {
  try {
    check(body, dialect, ledger);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Refused) return thrown.refusal;
    throw thrown;
  }
}

function check(body: unknown, dialect: ResponsesDialect, ledger: ReasoningLedger): void {
  if (!isRecord(body)) refuse('', 'We could not parse the JSON body of your request.');
  for (const field of ['previous_response_id', 'conversation', 'background', 'prompt']) {
    if (field in body) refuse(field, `'${field}' is not supported: responses are not stored.`);
  }
  for (const field of Object.keys(body)) {
    if (!documentedFields.has(field))
      refuse(field, `Unknown parameter: '${field}'.`, 'unknown_parameter');
  }
  const model = text(body['model'], 'model');
  if (!dialect.models.includes(model)) {
    throw new Refused({
      status: 404,
      type: 'invalid_request_error',
      code: 'model_not_found',
      param: 'model',
      message: `The model '${model}' does not exist or you do not have access to it.`,
    });
  }
  if ('instructions' in body && text(body['instructions'], 'instructions') === '')
    refuse('instructions', "'instructions' must not be empty.");
  checkItems(body['input'], model, ledger);
  checkTools(body);
  checkReasoning(body, dialect);
  checkText(body);
  checkScalars(body);
}

function checkReasoning(body: JsonRecord, dialect: ResponsesDialect): void {
  if ('reasoning' in body) {
    const reasoning = object(body['reasoning'], 'reasoning', ['effort', 'summary']);
    if ('effort' in reasoning && !oneOf(reasoning['effort'], dialect.efforts)) {
      refuse(
        'reasoning.effort',
        `Invalid value: '${reasoning['effort']}'. Supported values are: ${dialect.efforts.join(', ')}.`,
      );
    }
    if ('summary' in reasoning && !oneOf(reasoning['summary'], ['auto', 'concise', 'detailed']))
      refuse('reasoning.summary', `Invalid value: '${reasoning['summary']}'.`);
  }
  if (!('include' in body)) return;
  if (!Array.isArray(body['include'])) refuse('include', "Invalid type for 'include'.");
  for (const value of listOf(body['include'])) {
    if (value !== 'reasoning.encrypted_content') refuse('include', `Invalid value: '${value}'.`);
  }
}

function checkText(body: JsonRecord): void {
  if (!('text' in body)) return;
  const { format } = object(body['text'], 'text', ['format']);
  if (!isRecord(format)) refuse('text.format', "Missing required parameter: 'text.format'.");
  const { type } = format;
  if (type !== 'json_schema') {
    if (!oneOf(type, ['text', 'json_object']))
      refuse('text.format.type', `Invalid value: '${type}'.`);
    object(format, 'text.format', ['type']);
    if (type === 'json_object' && !/json/i.test(JSON.stringify(body['input']))) {
      refuse(
        'input',
        "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
      );
    }
    return;
  }
  object(format, 'text.format', ['type', 'name', 'description', 'schema', 'strict']);
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(text(format['name'], 'text.format.name')))
    refuse('text.format.name', "Invalid 'text.format.name': string does not match pattern.");
  if (!isRecord(format['schema']))
    refuse('text.format.schema', "Missing required parameter: 'text.format.schema'.");
}

function checkScalars(body: JsonRecord): void {
  for (const field of ['stream', 'store']) {
    if (field in body && typeof body[field] !== 'boolean')
      refuse(field, `Invalid type for '${field}': expected a boolean.`);
  }
  if (body['store'] === true) refuse('store', "'store' must be false: responses are not stored.");
  const range = (field: string, low: number, high: number): void => {
    const value = body[field];
    if (field in body && (typeof value !== 'number' || value < low || value > high))
      refuse(field, `Invalid '${field}': expected a number from ${low} to ${high}.`);
  };
  range('temperature', 0, 2);
  range('top_p', 0, 1);
  range('max_output_tokens', 1, 1_000_000);
  for (const field of ['prompt_cache_key', 'user']) if (field in body) text(body[field], field);
}
