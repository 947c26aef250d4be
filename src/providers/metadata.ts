import { readFileSync } from 'node:fs';
import { isJsonArray, parseJson } from '../turn/json.ts';
import type { Json } from '../turn/turn.ts';
import { inputLimitOf, type ModelFacts, type Price } from './modelFacts.ts';
import { spellings } from './modelNames.ts';

/** What published catalogs knew of models when this version was made (scripts/recordModelMetadata.ts). */
export class Metadata {
  readonly #file: URL;
  #known: Known | undefined;

  constructor(file: URL = besideUs) {
    this.#file = file;
  }

  /** Of a model at the provider with that id in our catalog. */
  at(provider: string, model: string): ModelFacts | undefined {
    return found(this.#load().providers.get(provider), model);
  }

  /** Of a model by its name alone, wherever it runs. */
  anywhere(model: string): ModelFacts | undefined {
    return found(this.#load().families, familyOf(model));
  }

  /** Read with the first question, then kept: 100 KB that not every process needs. */
  #load(): Known {
    this.#known ??= knownIn(readText(this.#file));
    return this.#known;
  }
}

interface Known {
  readonly providers: ReadonlyMap<string, ReadonlyMap<string, ModelFacts>>;
  readonly families: ReadonlyMap<string, ModelFacts>;
}

/** The bundles lie in one folder with it, and so do the sources. */
const besideUs = new URL('./models.jsonl', import.meta.url);

function readText(file: URL): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // less is known, nothing else
  }
}

function knownIn(text: string): Known {
  const rows = parseJson(`[${text.trim().replaceAll('\n', ',')}]`);
  const providers = new Map<string, Map<string, ModelFacts>>();
  const families = new Map<string, ModelFacts>();
  for (const row of isJsonArray(rows) ? rows : []) {
    if (!isJsonArray(row)) continue; // the first line says where the others come from
    const [provider, model, ...rest] = row;
    if (typeof provider !== 'string' || typeof model !== 'string') continue;
    const models = providers.get(provider) ?? new Map<string, ModelFacts>();
    providers.set(provider, models);
    const facts = factsOf(model, rest);
    models.set(model.toLowerCase(), facts);
    const family = familyOf(model);
    // The first one counts: laboratories stand before those who resell them.
    if (!families.has(family)) families.set(family, abroad(facts));
  }
  return { providers, families };
}

function factsOf(model: string, row: readonly Json[]): ModelFacts {
  const [name, window, output, reasoning, vision, words, input, cachedInput, outputPrice] = row;
  const efforts = typeof words === 'string' && words !== '' ? words.split(' ') : undefined;
  return {
    ...(typeof name === 'string' && name !== '' ? { name } : undefined),
    ...(isCount(window) ? { contextWindow: window } : undefined),
    ...inputLimitIn(model, window),
    ...(isCount(output) ? { maxOutputTokens: output } : undefined),
    reasoning: reasoning === 1,
    ...(efforts === undefined ? undefined : { efforts }),
    vision: vision === 1,
    tools: true, // that catalog lists no others
    ...priceOf(input, cachedInput, outputPrice),
  };
}

function inputLimitIn(model: string, window: Json | undefined): { inputLimit?: number } {
  const inputLimit = inputLimitOf(model, isCount(window) ? window : undefined);
  return inputLimit === undefined ? {} : { inputLimit };
}

function priceOf(...values: readonly (Json | undefined)[]): { price?: Price } {
  const [input, cachedInput, output] = values;
  if (typeof input !== 'number' || typeof output !== 'number') return {};
  return {
    price: { input, output, ...(typeof cachedInput === 'number' ? { cachedInput } : undefined) },
  };
}

function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && value > 0;
}

/** What stays true at another host: not the price, and not how it wants to be told an effort. */
function abroad({ price: _, efforts: __, reasoning, ...facts }: ModelFacts): ModelFacts {
  return reasoning === false ? { ...facts, reasoning } : facts;
}

/** `vendor/GLM-5.3`, `glm-5p3` and `glm-5-3` are one: hosts spell versions as they like. */
function familyOf(model: string): string {
  const bare = spellings(model).at(-1) ?? model;
  return bare.replace(/(?<=\d)[.p_](?=\d)/g, '-').replaceAll('_', '-');
}

function found(
  models: ReadonlyMap<string, ModelFacts> | undefined,
  model: string,
): ModelFacts | undefined {
  if (models === undefined) return undefined;
  for (const spelling of spellings(model)) {
    const facts = models.get(spelling);
    if (facts !== undefined) return facts;
  }
  return undefined;
}
