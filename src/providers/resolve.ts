import type { ChatQuirks } from '../adapters/openaiChat/quirks.ts';
import type { ModelTraits, Quirks, Target, Wire } from '../adapters/target.ts';
import type { ProviderConfig } from '../config/schema.ts';
import { catalogEntry, catalogEntryAt } from './catalog.ts';
import type { CatalogEntry } from './catalogEntry.ts';
import { keyHeaderOf } from './keyHeader.ts';
import { catalogKnowledge, type Knowledge, traitsOf } from './knowledge.ts';
import type { ModelList } from './modelList.ts';
import { findModel } from './modelNames.ts';
import { isOpenAi, originOf } from './origin.ts';
import type { Auth, KnownModels, Provider, Route } from './provider.ts';
import type { TokenExchange } from './tokenExchange.ts';

/** The user's entry of config.json over what the catalog knows. Where they differ, the user is right. */
export function resolveProvider(id: string, entry: ProviderConfig): Provider {
  const baseUrl = entry.baseUrl.replace(/\/+$/, '');
  const { record, atHome } = recordOf(id, baseUrl);
  const models = entry.models ?? record?.models.map((model) => model.id) ?? [];
  const exchange = exchangeOf(entry, atHome ? record : undefined);
  const unusable =
    entry.enabled === false
      ? switchedOff
      : whyUnusable(baseUrl, exchange, atHome ? record : undefined);
  return {
    id,
    label: entry.label ?? labelOf(id, atHome ? record : undefined),
    wire: entry.adapter,
    baseUrl,
    auth: authOf(entry),
    headers: { ...(atHome ? record?.headers : undefined), ...entry.headers },
    defaultModel:
      entry.defaultModel ??
      [record?.defaultModel, models[0]].find(
        (model) => model !== undefined && models.includes(model),
      ),
    models,
    noReasoningModels: union(
      entry.noReasoningModels,
      record?.models.filter(({ traits }) => traits.reasoning === false).map((model) => model.id),
    ),
    noVisionModels: union(
      entry.noVisionModels,
      record?.models.filter(({ traits }) => traits.vision === false).map((model) => model.id),
      record?.noVisionModels,
    ),
    passthrough: speaksResponses(entry.adapter) && (entry.passthrough ?? isOpenAi(baseUrl)),
    quirks: quirksOf(usualQuirks(record, entry.adapter), undefined, entry.quirks),
    ...(record === undefined ? undefined : { known: knownModels(record, entry) }),
    ...(record !== undefined && atHome ? { catalogId: record.id } : undefined),
    ...modelListOf(record, atHome, entry),
    ...(exchange === undefined ? undefined : { exchange }),
    ...(unusable === undefined ? undefined : { unusable }),
  };
}

/** A list at another address than the provider's own is the record's, and only asked from its home. */
function modelListOf(
  record: CatalogEntry | undefined,
  atHome: boolean,
  entry: ProviderConfig,
): { readonly modelList?: ModelList } {
  const modelList = record?.adapter === entry.adapter ? record.modelList : undefined;
  if (modelList === undefined || (!atHome && /^https?:/.test(modelList.url))) return {};
  return { modelList };
}

/** What an adapter has to know of a route. */
export function targetOf(
  { provider, model }: Route,
  knowledge: Knowledge = catalogKnowledge,
): Target {
  const known = findModel(provider.known?.models ?? [], model);
  return {
    provider: provider.id,
    label: provider.label,
    wire: provider.wire,
    baseUrl: provider.baseUrl,
    model,
    traits: traitsOf(knowledge.facts(provider, model)),
    quirks: known?.quirks ?? provider.quirks,
  };
}

const unknown: ModelTraits = {
  contextWindow: undefined,
  maxOutputTokens: undefined,
  reasoning: undefined,
  efforts: undefined,
  vision: undefined,
};

interface Found {
  readonly record: CatalogEntry | undefined;
  /** The base URL is the record's own, not a stranger's who goes by its name. */
  readonly atHome: boolean;
}

/**
 * The address says who somebody is; the name, at another address, only what they are like: a company's
 * gateway called `deepseek` has DeepSeek's quirks. What is reached by a login alone has one address.
 */
function recordOf(id: string, baseUrl: string): Found {
  const resident = catalogEntryAt(baseUrl);
  if (resident !== undefined) return { record: resident, atHome: true };
  const namesake = catalogEntry(id);
  return { record: namesake?.auth.includes('key') ? namesake : undefined, atHome: false };
}

function labelOf(id: string, record: CatalogEntry | undefined): string {
  if (record === undefined) return id;
  return catalogEntry(id) === record ? record.label : `${record.label} (${id})`;
}

function authOf(entry: ProviderConfig): Auth {
  if (entry.authMode !== 'key') return { mode: entry.authMode };
  return {
    mode: 'key',
    header: keyHeaderOf(entry.adapter),
    apiKey: entry.apiKey,
    source: entry.keySource ?? 'config',
  };
}

function exchangeOf(
  entry: ProviderConfig,
  record: CatalogEntry | undefined,
): TokenExchange | undefined {
  const exchange = entry.authMode === 'key' ? record?.exchange : undefined;
  if (exchange === undefined) return undefined;
  const url = exchange.url.replace(/\{(\w+)\}/g, (blank, name: string) => {
    const usual = record?.asks?.find((ask) => ask.name === name)?.default;
    return (entry.placeholders?.[name] ?? usual ?? blank).replace(/\/+$/, '');
  });
  return { ...exchange, url };
}

function speaksResponses(wire: Wire): boolean {
  return wire === 'openai-responses' || wire === 'azure';
}

function knownModels(record: CatalogEntry, entry: ProviderConfig): KnownModels {
  const asked = entry.quirks?.chat?.reasoningRequest !== undefined;
  return {
    models: record.models.map(({ id, traits, chat }) => ({
      id,
      traits,
      quirks: quirksOf(usualQuirks(record, entry.adapter), chat, entry.quirks),
    })),
    others: record.reasoningOnlyListed && !asked ? { ...unknown, reasoning: false } : unknown,
  };
}

/** Body fields belong to the record's own wire: another one at the same host would refuse them. */
function usualQuirks(record: CatalogEntry | undefined, wire: Wire): Quirks | undefined {
  const quirks = record?.quirks;
  if (quirks === undefined || record?.adapter === wire) return quirks;
  const { extraBody: _body, webSearch: _search, ...rest } = quirks;
  return rest;
}

function quirksOf(
  provider: Quirks | undefined,
  model: ChatQuirks | undefined,
  user: Quirks | undefined,
): Quirks {
  const extraBody = { ...provider?.extraBody, ...user?.extraBody };
  return {
    ...provider,
    ...user,
    chat: { ...provider?.chat, ...model, ...user?.chat },
    anthropic: { ...provider?.anthropic, ...user?.anthropic },
    google: { ...provider?.google, ...user?.google },
    responses: { ...provider?.responses, ...user?.responses },
    ...(Object.keys(extraBody).length === 0 ? undefined : { extraBody }),
  };
}

const switchedOff =
  'it is switched off. Switch it on in the dashboard, or take "enabled" out of its entry in config.json.';

function whyUnusable(
  baseUrl: string,
  exchange: TokenExchange | undefined,
  record: CatalogEntry | undefined,
): string | undefined {
  const blanks = baseUrl.match(/\{\w+\}/g);
  if (blanks !== null) {
    return `"baseUrl" still holds ${blanks.join(' and ')}. Put your own values there.`;
  }
  if (exchange !== undefined && originOf(exchange.url) === undefined) {
    return `its key is sent to "${exchange.url}", which is no web address. Correct "placeholders".`;
  }
  return record?.unusable;
}

function union(...lists: readonly (readonly string[] | undefined)[]): readonly string[] {
  return [...new Set(lists.flatMap((list) => list ?? []))];
}
