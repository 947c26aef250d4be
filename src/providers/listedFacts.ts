import { isJsonArray, isJsonObject } from '../turn/json.ts';
import type { Json, JsonObject } from '../turn/turn.ts';
import { knownFacts, type ModelFacts, type Price } from './modelFacts.ts';

/** What an entry of a provider's model list says, whichever provider's it is. */
export function listedFacts(entry: JsonObject): ModelFacts {
  const efforts = effortsOf(entry);
  return knownFacts({
    name: firstText(entry, ['display_name', 'displayName', 'model_spec.name', 'name']),
    contextWindow: windowOf(entry),
    inputLimit: firstCount(entry, inputLimits),
    maxOutputTokens: firstCount(entry, outputLimits),
    reasoning: efforts === undefined ? flagOf(entry, reasoningFlags) : efforts.length > 0,
    efforts: efforts?.length === 0 ? undefined : efforts,
    vision: flagOf(entry, visionFlags),
    tools: flagOf(entry, toolFlags),
    price: priceOf(entry),
  });
}

/** In the order in which they are believed: what is served before what was trained. */
const windows = [
  'loaded_context_length',
  'metadata.limits.max_context_length',
  'limits.max_context_length',
  'capabilities.limits.max_context_window_tokens',
  'metadata.context_length',
  'context_length',
  'contextLength',
  'context_window',
  'context_size',
  'max_model_len',
  'max_context_length',
  'max_input_tokens',
  'inputTokenLimit',
  'model_spec.availableContextTokens',
  'meta.n_ctx',
  'meta.n_ctx_train',
];

const inputLimits = ['capabilities.limits.max_prompt_tokens'];

const outputLimits = [
  'top_provider.max_completion_tokens',
  'capabilities.limits.max_output_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'max_output_length',
  'outputTokenLimit',
  'model_spec.maxCompletionTokens',
  'max_tokens',
];

/** A flag is a field that says yes or no, or a list that holds one of some words or none of them. */
interface Flags {
  readonly fields: readonly string[];
  readonly lists: readonly string[];
  readonly words: readonly string[];
}

const visionFlags: Flags = {
  fields: [
    'capabilities.supports.vision',
    'supports_image_in',
    'supports_image_input',
    'supportsImageInput',
    'capabilities.image_input',
    'capabilities.vision',
    'model_spec.capabilities.supportsVision',
  ],
  lists: ['architecture.input_modalities', 'input_modalities', 'capabilities', 'tags'],
  words: ['image', 'vision', 'multimodal'],
};

const toolFlags: Flags = {
  fields: [
    'capabilities.function_calling',
    'capabilities.tools',
    'capabilities.tool_calling',
    'capabilities.supports.tool_calls',
    'supports_tools',
    'supportsTools',
    'supports_tool_use',
    'model_spec.capabilities.supportsFunctionCalling',
  ],
  lists: ['supported_parameters', 'supported_features', 'tags', 'capabilities'],
  words: ['tools', 'tool-use', 'tool_use', 'function_calling'],
};

const reasoningFlags: Flags = {
  fields: [
    'supports_reasoning',
    'capabilities.reasoning',
    'model_spec.capabilities.supportsReasoning',
    'thinking',
  ],
  lists: ['supported_parameters', 'supported_features', 'tags'],
  words: ['reasoning', 'reasoning_effort', 'include_reasoning'],
};

const effortLists = [
  'think_efforts.valid_efforts',
  'model_spec.reasoningEffortOptions',
  'capabilities.supports.reasoning_effort',
  'supported_reasoning_levels',
];

function windowOf(entry: JsonObject): number | undefined {
  const stated = firstCount(entry, windows);
  // A router promises the least of those that it may send the request to.
  const served = [at(entry, 'top_provider.context_length'), ...hosts(entry, 'context_length')];
  const counts = [stated, ...served.map(count)].filter((value) => value !== undefined);
  return counts.length === 0 ? undefined : Math.min(...counts);
}

/** A field of each host that serves a model now. */
function hosts(entry: JsonObject, field: string): readonly (Json | undefined)[] {
  const { providers } = entry;
  if (!isJsonArray(providers)) return [];
  return providers
    .filter(isJsonObject)
    .filter(({ status }) => status === undefined || status === 'live')
    .map((host) => host[field]);
}

function effortsOf(entry: JsonObject): readonly string[] | undefined {
  for (const path of effortLists) {
    const list = at(entry, path);
    if (!isJsonArray(list)) continue;
    return known(list.map((word) => (isJsonObject(word) ? word['effort'] : word)));
  }
  const byWord = at(entry, 'capabilities.effort');
  if (!isJsonObject(byWord)) return undefined;
  return known(Object.keys(byWord).filter((word) => saysYes(byWord[word]) === true));
}

/** Words of the usual scale, in its order: others could not be asked for. */
function known(words: readonly (Json | undefined)[]): readonly string[] {
  return scale.filter((word) => words.includes(word));
}

const scale = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

function flagOf(entry: JsonObject, { fields, lists, words }: Flags): boolean | undefined {
  for (const path of fields) {
    const value = saysYes(at(entry, path));
    if (value !== undefined) return value;
  }
  if (words.includes('tools')) {
    const each = hosts(entry, 'supports_tools').filter((value) => typeof value === 'boolean');
    if (each.length > 0) return each.includes(true);
  }
  if (words.includes('vision') && entry['type'] === 'vlm') return true;
  for (const path of lists) {
    const list = at(entry, path);
    if (isJsonArray(list) && list.length > 0) return list.some((word) => isWord(word, words));
  }
  return undefined;
}

function isWord(value: Json, words: readonly string[]): boolean {
  return typeof value === 'string' && words.includes(value.toLowerCase());
}

/** `true`, or an object that says `supported: true`. */
function saysYes(value: Json | undefined): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return isJsonObject(value) ? saysYes(value['supported']) : undefined;
}

/** Texts are dollars per token, numbers dollars per million tokens. */
function priceOf(entry: JsonObject): Price | undefined {
  const { pricing } = entry;
  if (!isJsonObject(pricing)) return undefined;
  const dollars = (...names: readonly string[]) => {
    const value = names.map((name) => pricing[name]).find((price) => price !== undefined);
    const amount = typeof value === 'string' ? Number(value) * 1_000_000 : value;
    if (typeof amount !== 'number' || !Number.isFinite(amount) || amount < 0) return undefined;
    return Math.round(amount * 1e6) / 1e6;
  };
  const input = dollars('prompt', 'input');
  const output = dollars('completion', 'output');
  const cachedInput = dollars('input_cache_read', 'cached_input');
  if (input === undefined || output === undefined) return undefined;
  return { input, output, ...(cachedInput === undefined ? undefined : { cachedInput }) };
}

function firstCount(entry: JsonObject, paths: readonly string[]): number | undefined {
  for (const path of paths) {
    const value = count(at(entry, path));
    if (value !== undefined) return value;
  }
  return undefined;
}

function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

function firstText(entry: JsonObject, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const value = at(entry, path);
    if (typeof value === 'string' && /^\P{C}{1,100}$/u.test(value.trim())) return value.trim();
  }
  return undefined;
}

/** The value at a path of field names. */
export function at(entry: JsonObject, path: string): Json | undefined {
  let fields = split.get(path);
  if (fields === undefined) {
    fields = path.split('.');
    split.set(path, fields);
  }
  let value: Json | undefined = entry;
  for (const field of fields) {
    if (!isJsonObject(value)) return undefined;
    value = value[field];
  }
  return value;
}

/** The same few paths are followed for thousands of models. */
const split = new Map<string, readonly string[]>();
