import { isJsonArray, isJsonObject } from '../turn/json.ts';
import type { Json, JsonObject } from '../turn/turn.ts';
import { at, listedFacts } from './listedFacts.ts';
import type { ModelFacts } from './modelFacts.ts';
import type { ModelList } from './modelList.ts';

/** The chat models of a provider's own list, by their names there, in its order. */
export type ModelListing = ReadonlyMap<string, ModelFacts>;

/** More than anybody offers; a list that never ends must not fill the memory. */
const mostModels = 5_000;

/** Reads the answer of a model list; `undefined` where it is none. */
export function readListing(answer: Json | undefined, shape: ModelList): ModelListing | undefined {
  const entries = entriesOf(answer, shape);
  if (entries === undefined) return undefined;
  const models = new Map<string, ModelFacts>();
  for (const entry of entries) {
    if (models.size === mostModels) break;
    if (!isJsonObject(entry)) continue;
    const name = nameOf(entry, shape);
    if (name === undefined || models.has(name) || !chats(entry, name)) continue;
    models.set(name, listedFacts(entry));
  }
  return models;
}

/** Where they are said to be, else where others have them: gateways copy one another's shapes. */
function entriesOf(answer: Json | undefined, { list }: ModelList): readonly Json[] | undefined {
  if (isJsonArray(answer)) return answer;
  if (!isJsonObject(answer)) return undefined;
  const places = list === 'models' ? ['models', 'data'] : ['data', 'models'];
  return places.map((place) => answer[place]).find(isJsonArray);
}

function nameOf(entry: JsonObject, { id }: ModelList): string | undefined {
  const name = [id ?? 'id', 'id', 'slug', 'key', 'name'].map((field) => entry[field]).find(isText);
  const bare = name?.replace(/^models\//, '');
  return bare !== undefined && /^[^\s\p{C}]{1,200}$/u.test(bare) ? bare : undefined;
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '';
}

/** Whether an entry is one that answers in text and can be used now. */
function chats(entry: JsonObject, name: string): boolean {
  if (refusals.some(([path, bad]) => bad(at(entry, path)))) return false;
  const type = isText(entry['type']) ? entry['type'].toLowerCase() : '';
  if (otherTypes.test(type)) return false;
  const outputs = outputPaths.map((path) => at(entry, path)).find(isJsonArray);
  if (outputs !== undefined) return outputs.includes('text');
  return textTypes.includes(type) || !otherWork.test(name);
}

const textTypes = ['chat', 'language', 'text', 'llm', 'vlm', 'code'];
const otherTypes = /embed|rerank|image|video|audio|speech|tts|asr|transcri|moderation|realtime/;

const outputPaths = ['architecture.output_modalities', 'output_modalities'];

type Judge = (value: Json | undefined) => boolean;

const saysNo: Judge = (value) => value === false;
const saysYes: Judge = (value) => value === true;
const lacks =
  (word: string): Judge =>
  (value) =>
    isJsonArray(value) && value.length > 0 && !value.includes(word);

/** What lists say of models that cannot be chatted with, or not any more. */
const refusals: readonly (readonly [string, Judge])[] = [
  ['active', saysNo],
  ['supports_chat', saysNo],
  ['capabilities.completion_chat', saysNo],
  ['capabilities.type', (value) => isText(value) && value !== 'chat'],
  ['policy.state', (value) => value === 'disabled'],
  ['lifecycle', (value) => value === 'retired'],
  ['visibility', (value) => isText(value) && value !== 'list'],
  ['model_spec.offline', saysYes],
  ['supportedGenerationMethods', lacks('generateContent')],
];

/** Words in the names of models that do other work, for lists that say nothing of it. */
const otherWork = new RegExp(
  `(^|[^a-z])(${[
    'embed(ding|dings)?',
    'rerank(er)?',
    'bge',
    'gte',
    'e5',
    'minilm',
    'tts',
    'speech',
    'whisper',
    'transcribe',
    'asr',
    'audio',
    'realtime',
    'image',
    'images',
    'imagen',
    'dall-e',
    'flux',
    'sdxl',
    'stable-diffusion',
    'sora',
    'veo',
    'video',
    'lyria',
    'moderation',
    'guard',
    'shieldgemma',
    'ocr',
    'davinci-00\\d',
    'babbage-00\\d',
  ].join('|')})([^a-z]|$)`,
  'i',
);
