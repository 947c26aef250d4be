import { isJsonArray, isJsonObject, parseJson } from '../turn/json.ts';
import type { Json, JsonObject } from '../turn/turn.ts';
import { at } from './listedFacts.ts';
import type { ModelFacts } from './modelFacts.ts';
import type { ModelList } from './modelList.ts';
import type { ModelListing } from './modelListing.ts';

/** Asks the provider for a path at the root of its host; `undefined` where there is no answer. */
export type AskHost = (path: string, body?: JsonObject) => Promise<string | undefined>;

/**
 * A listing with what a local server says elsewhere: the window that it serves, which is often a
 * fraction of the one that the model was trained for.
 */
export async function withServedFacts(
  listing: ModelListing,
  served: ModelList['served'],
  ask: AskHost,
): Promise<ModelListing> {
  switch (served) {
    case undefined:
      return listing;
    case 'llama-props':
      return llamaFacts(listing, ask);
    case 'ollama':
      return ollamaFacts(listing, ask);
  }
}

/** llama.cpp: one model, and its window is divided among the slots. */
async function llamaFacts(listing: ModelListing, ask: AskHost): Promise<ModelListing> {
  if (listing.size !== 1) return listing;
  const props = objectIn(await ask('/props'));
  const vision = at(props, 'modalities.vision');
  return joined(listing, () => ({
    ...windowFact(at(props, 'default_generation_settings.n_ctx')),
    ...(typeof vision === 'boolean' ? { vision } : undefined),
  }));
}

/** So many models are asked for one by one. */
const mostAsked = 60;
const atOnce = 4;

/** Ollama: what is loaded says its window, the others say what they were made for. */
async function ollamaFacts(listing: ModelListing, ask: AskHost): Promise<ModelListing> {
  const { models } = objectIn(await ask('/api/ps'));
  const loaded = new Map<Json | undefined, Json | undefined>(
    (isJsonArray(models) ? models : [])
      .filter(isJsonObject)
      .map((model) => [model['name'], model['context_length']]),
  );
  const details = new Map<string, ModelFacts | undefined>();
  const queue = [...listing.keys()].slice(0, mostAsked);
  const work = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      details.set(name, ollamaModel(objectIn(await ask('/api/show', { model: name }))));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const chatting = [...listing].filter(([name]) => !details.has(name) || details.get(name));
  return joined(new Map(chatting), (name) => ({
    ...details.get(name),
    ...windowFact(loaded.get(name) ?? loaded.get(`${name}:latest`)),
  }));
}

/** `undefined`: it cannot complete a text. */
function ollamaModel(shown: JsonObject): ModelFacts | undefined {
  const { capabilities, model_info: info, parameters } = shown;
  const abilities = isJsonArray(capabilities) && capabilities.length > 0 ? capabilities : undefined;
  if (abilities !== undefined && !abilities.includes('completion')) return undefined;
  const chosen = typeof parameters === 'string' ? /^num_ctx\s+(\d+)$/m.exec(parameters) : null;
  const trained = isJsonObject(info)
    ? Object.entries(info).find(([key]) => key.endsWith('.context_length'))?.[1]
    : undefined;
  return {
    ...windowFact(chosen === null ? trained : Number(chosen[1])),
    ...(abilities === undefined
      ? undefined
      : {
          vision: abilities.includes('vision'),
          tools: abilities.includes('tools'),
          reasoning: abilities.includes('thinking'),
        }),
  };
}

function joined(listing: ModelListing, more: (name: string) => ModelFacts): ModelListing {
  return new Map([...listing].map(([name, facts]) => [name, { ...facts, ...more(name) }]));
}

function windowFact(value: Json | undefined): { contextWindow?: number } {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
    ? { contextWindow: value }
    : {};
}

function objectIn(text: string | undefined): JsonObject {
  const value = text === undefined ? undefined : parseJson(text);
  return isJsonObject(value) ? value : {};
}
