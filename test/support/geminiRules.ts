import { checkContents, checkInstruction } from './geminiContentRules.ts';
import { type GeminiModel, geminiModels, newestModel } from './geminiModels.ts';
import { boolean, GeminiRefusal, invalid, numberIn, oneOf, record } from './geminiRefusal.ts';
import { checkOutputSchema, checkTools, serverSearchIn } from './geminiToolRules.ts';
import { isRecord, type JsonRecord } from './json.ts';

/** https://ai.google.dev/api/generate-content#request-body */
const fields = [
  ...['contents', 'tools', 'toolConfig', 'safetySettings', 'systemInstruction'],
  ...['generationConfig', 'cachedContent', 'serviceTier', 'continuationToken'],
];

/** https://ai.google.dev/api/generate-content#generationconfig */
const configFields = [
  ...['stopSequences', 'responseMimeType', 'responseSchema', 'responseJsonSchema', 'seed'],
  ...['responseModalities', 'candidateCount', 'maxOutputTokens', 'temperature', 'topP', 'topK'],
  ...['presencePenalty', 'frequencyPenalty', 'responseLogprobs', 'logprobs', 'thinkingConfig'],
  ...['mediaResolution', 'speechConfig', 'imageConfig'],
];

export function modelOf(name: string): GeminiModel {
  return geminiModels[name] ?? newestModel;
}

/** Refuses by throwing what the API would refuse. */
export function checkRequest(
  body: unknown,
  name: string,
  stream: boolean,
): asserts body is JsonRecord {
  if (!isRecord(body)) invalid('Invalid JSON payload received. Unexpected token.');
  record(body, '', fields);
  const model = modelOf(name);
  const withTools = checkTools(body) || serverSearchIn(body) !== undefined;
  checkConfig(body['generationConfig'], model, withTools, stream);
  checkInstruction(body['systemInstruction'], model);
  checkContents(body, model);
}

function checkConfig(
  value: unknown,
  model: GeminiModel,
  withTools: boolean,
  stream: boolean,
): void {
  if (value === undefined) return;
  const config = record(value, 'generation_config', configFields);
  const most = stream ? model.maxTokens : model.wholeMaxTokens;
  numberIn(config['maxOutputTokens'], 'max_output_tokens', 1, most);
  checkSampling(config, model);
  checkThinking(config['thinkingConfig'], model);
  checkOutput(config, model, withTools);
}

function checkSampling(config: JsonRecord, model: GeminiModel): void {
  numberIn(config['temperature'], 'temperature', 0, 2);
  numberIn(config['topP'], 'top_p', 0, 1);
  // Newer models ignore them, and a request that has them says something that is not so.
  const given = ['temperature', 'topP', 'topK'].find((key) => key in config);
  if (given !== undefined && !model.sampling) invalid(`${given} has no effect on this model.`);
}

/** https://ai.google.dev/gemini-api/docs/thinking */
function checkThinking(value: unknown, model: GeminiModel): void {
  if (value === undefined) return;
  const path = 'generation_config.thinking_config';
  const config = record(value, path, ['includeThoughts', 'thinkingBudget', 'thinkingLevel']);
  boolean(config['includeThoughts'], `${path}.include_thoughts`);
  const { thinkingBudget: budget, thinkingLevel: level } = config;
  if (model.thinking === 'none') invalid('Thinking is not enabled for this model');
  if (budget !== undefined && level !== undefined) {
    invalid('You can only set only one of thinking budget and thinking level.');
  }
  if (level !== undefined) {
    const words = ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'];
    const word = oneOf(level, `${path}.thinking_level`, words);
    if (model.thinking !== 'level') invalid('Thinking level is not supported for this model.');
    if (!model.levels.includes(word)) {
      invalid(
        `Thinking level ${word} is not supported for this model. Please retry with other thinking level.`,
      );
    }
  }
  if (budget !== undefined) checkBudget(budget, model);
}

function checkBudget(value: unknown, model: GeminiModel): void {
  if (!Number.isInteger(value)) invalid("Invalid value at 'thinking_budget' (TYPE_INT32)");
  const budget = Number(value);
  const [least, most] = model.budget;
  if (model.thinking !== 'budget') invalid('Thinking budget is not recommended for this model.');
  if (budget === 0 && model.canBeOff) return;
  if (budget === -1 || (budget >= least && budget <= most)) return;
  invalid(
    `The thinking budget ${budget} is invalid. Please choose a value between ${least} and ${most}.`,
  );
}

/** https://ai.google.dev/gemini-api/docs/structured-output */
function checkOutput(config: JsonRecord, model: GeminiModel, withTools: boolean): void {
  const { responseMimeType, responseJsonSchema, responseSchema } = config;
  const isJson = responseMimeType === 'application/json';
  if (responseMimeType !== undefined) {
    oneOf(responseMimeType, 'response_mime_type', ['text/plain', 'application/json']);
  }
  if (isJson && model.json === 'never') invalid('JSON mode is not enabled for this model');
  if (isJson && withTools && model.json !== 'always') {
    invalid("Function calling with a response mime type: 'application/json' is unsupported");
  }
  if (responseSchema !== undefined) invalid('This fake only knows responseJsonSchema.');
  if (responseJsonSchema === undefined) return;
  if (!isJson) invalid('response_json_schema needs the response mime type application/json.');
  checkOutputSchema(responseJsonSchema);
}

/** https://ai.google.dev/gemini-api/docs/api-key: never in the address. */
export function checkAddress(
  url: URL,
  models: readonly string[],
): { name: string; stream: boolean } {
  const [, segment = '', method = ''] =
    /^\/v1beta\/models\/([^/:]+):(\w+)$/.exec(url.pathname) ?? [];
  const stream = method === 'streamGenerateContent';
  if (!stream && method !== 'generateContent') {
    throw new GeminiRefusal('Requested entity was not found.', 404, 'NOT_FOUND');
  }
  if (url.searchParams.has('key')) invalid('The key belongs into the header x-goog-api-key.');
  if (url.search !== (stream ? '?alt=sse' : '')) invalid(`Unknown query: ${url.search}`);
  const name = decodeURIComponent(segment);
  if (!models.includes(name)) {
    throw new GeminiRefusal(
      `models/${name} is not found for API version v1beta, or is not supported for generateContent. Call ModelService.ListModels to see the list of available models and their supported methods.`,
      404,
      'NOT_FOUND',
    );
  }
  return { name, stream };
}
