import { checkMessages } from './chatMessageRules.ts';
import { checkTools } from './chatToolRules.ts';
import { at, isRecord, type JsonRecord } from './json.ts';
import { object, oneOf, Refused, refuse, text } from './refusal.ts';

/**
 * What OpenAI's Chat Completions API takes, written from its public pages and nothing of `src/`:
 *   request    https://platform.openai.com/docs/api-reference/chat/create
 *   tools      https://platform.openai.com/docs/guides/function-calling
 *   formats    https://platform.openai.com/docs/guides/structured-outputs
 *   images     https://platform.openai.com/docs/guides/images-vision
 *   reasoning  https://platform.openai.com/docs/guides/reasoning
 * Two rules are of its compatible hosts, where they hurt most: no empty message (Moonshot) and no
 * assistant message at the end (Mistral, https://docs.mistral.ai/capabilities/completion/).
 */
export interface ChatDialect {
  readonly models: readonly string[];
  /** The words that `reasoning_effort` may have for these models. */
  readonly efforts: readonly string[];
  /** Fields of assistant messages that the host adds to OpenAI's, e.g. `reasoning_content`. */
  readonly assistantFields: readonly string[];
}

const documentedFields = new Set([
  ...['messages', 'model', 'audio', 'frequency_penalty', 'logit_bias', 'logprobs'],
  ...['max_completion_tokens', 'max_tokens', 'metadata', 'modalities', 'moderation', 'n'],
  ...['parallel_tool_calls', 'prediction', 'presence_penalty', 'prompt_cache_key'],
  ...['prompt_cache_options', 'prompt_cache_retention', 'reasoning_effort', 'response_format'],
  ...['safety_identifier', 'seed', 'service_tier', 'stop', 'store', 'stream', 'stream_options'],
  ...['temperature', 'tool_choice', 'tools', 'top_logprobs', 'top_p', 'user', 'verbosity'],
  ...['web_search_options'],
]);

/** Throws what the API would refuse. */
export function checkRequest(body: unknown, dialect: ChatDialect): void {
  if (!isRecord(body)) refuse('', 'We could not parse the JSON body of your request.');
  for (const field of Object.keys(body)) {
    if (!documentedFields.has(field))
      refuse(field, `Unrecognized request argument supplied: ${field}`);
  }
  const model = text(body['model'], 'model');
  if (!dialect.models.includes(model)) {
    throw new Refused({
      status: 404,
      type: 'invalid_request_error',
      code: 'model_not_found',
      param: 'model',
      message: `The model \`${model}\` does not exist or you do not have access to it.`,
    });
  }
  checkMessages(body['messages'], dialect);
  checkTools(body);
  checkStream(body);
  checkResponseFormat(body);
  checkScalars(body, dialect);
}

function checkStream(body: JsonRecord): void {
  const { stream } = body;
  if (stream !== undefined && typeof stream !== 'boolean')
    refuse('stream', "Invalid type for 'stream': expected a boolean.");
  const options = body['stream_options'];
  if (options === undefined || options === null) return;
  if (stream !== true) {
    refuse(
      'stream_options',
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
    );
  }
  for (const [key, value] of Object.entries(
    object(options, 'stream_options', ['include_usage', 'include_obfuscation']),
  )) {
    if (typeof value !== 'boolean')
      refuse(
        `stream_options.${key}`,
        `Invalid type for 'stream_options.${key}': expected a boolean.`,
      );
  }
}

function checkResponseFormat(body: JsonRecord): void {
  const format = body['response_format'];
  if (format === undefined) return;
  const type = text(at(format, 'type'), 'response_format.type');
  if (type === 'json_schema') {
    object(format, 'response_format', ['type', 'json_schema']);
    const path = 'response_format.json_schema';
    const schema = object(at(format, 'json_schema'), path, [
      'name',
      'description',
      'schema',
      'strict',
    ]);
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(text(schema['name'], `${path}.name`))) {
      refuse(`${path}.name`, `Invalid '${path}.name': string does not match pattern.`);
    }
    if (!isRecord(schema['schema']))
      refuse(`${path}.schema`, `Missing required parameter: '${path}.schema'.`);
    return;
  }
  object(format, 'response_format', ['type']);
  if (type === 'json_object' && !/json/i.test(JSON.stringify(body['messages']))) {
    refuse(
      'messages',
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
    );
  }
  if (!oneOf(type, ['text', 'json_object']))
    refuse('response_format.type', `Invalid value: '${type}'.`);
}

function checkScalars(body: JsonRecord, dialect: ChatDialect): void {
  if ('max_tokens' in body && 'max_completion_tokens' in body) {
    refuse(
      'max_tokens',
      "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
    );
  }
  const range = (field: string, low: number, high: number, whole: boolean): void => {
    const value = body[field];
    if (value === undefined || value === null) return;
    if (
      typeof value !== 'number' ||
      value < low ||
      value > high ||
      (whole && !Number.isInteger(value))
    ) {
      refuse(
        field,
        `Invalid '${field}': expected ${whole ? 'an integer' : 'a decimal'} from ${low} to ${high}.`,
      );
    }
  };
  range('max_tokens', 1, 1e9, true);
  range('max_completion_tokens', 1, 1e9, true);
  range('temperature', 0, 2, false);
  range('top_p', 0, 1, false);
  range('frequency_penalty', -2, 2, false);
  range('presence_penalty', -2, 2, false);
  range('n', 1, 128, true);
  const word = (field: string, words: readonly string[]): void => {
    const value = body[field];
    if (value === undefined || value === null || oneOf(value, words)) return;
    refuse(
      field,
      `Unsupported value: '${field}' does not support '${value}'. Supported values are: ${words.join(', ')}.`,
    );
  };
  word('reasoning_effort', dialect.efforts);
  word('verbosity', ['low', 'medium', 'high']);
  word('service_tier', ['auto', 'default', 'flex', 'scale', 'priority']);
  for (const field of ['prompt_cache_key', 'user', 'safety_identifier']) {
    if (body[field] !== undefined && body[field] !== null) text(body[field], field);
  }
}
