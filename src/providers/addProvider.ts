import { updateConfig } from '../config/save.ts';
import { type Config, type ProviderConfig, providerSchema } from '../config/schema.ts';
import { isJsonObject } from '../turn/json.ts';
import type { JsonObject } from '../turn/turn.ts';
import { isNear } from './baseUrlHint.ts';
import { catalogEntry } from './catalog.ts';
import type { CatalogEntry } from './catalogEntry.ts';
import { foreignKeyWarning } from './keyOwner.ts';
import { listed } from './modelNames.ts';

/** What a user says about a provider; everything that the catalog knows may be left out. */
export interface ProviderAnswers {
  /** An entry of the catalog by id or alias; `custom` or nothing: another address. */
  readonly preset?: string;
  /** Its name in config.json. Default: that of the preset. */
  readonly id?: string;
  readonly baseUrl?: string;
  readonly adapter?: ProviderConfig['adapter'];
  readonly authMode?: ProviderConfig['authMode'];
  /** A literal, `${VAR}` or `$VAR`; blank for servers that need none. */
  readonly apiKey?: string;
  /** The key is in the editor's secret store, not in the file. */
  readonly keySource?: 'vault';
  readonly defaultModel?: string;
  readonly models?: readonly string[];
  /** What fills `{name}` in the preset's addresses. */
  readonly values?: Readonly<Record<string, string>>;
}

export type ProviderDraft =
  | {
      readonly ok: true;
      readonly id: string;
      readonly label: string;
      readonly entry: ProviderConfig;
    }
  | { readonly ok: false; readonly message: string };

/** The entry of config.json that the answers make; nothing is asked or written. */
export function draftProvider(answers: ProviderAnswers): ProviderDraft {
  const { preset = 'custom', values = {} } = answers;
  const record = catalogEntry(preset);
  if (record === undefined) {
    return fail(
      `There is no provider "${preset}" in the catalog. "ocx provider list --all" shows it.`,
    );
  }
  if (record.unusable !== undefined) return fail(`${record.label}: ${record.unusable}`);
  const id = answers.id ?? (record.id === 'custom' ? undefined : record.id);
  if (id === undefined) return fail('Give the provider a name.');
  const baseUrl = filled(answers.baseUrl ?? record.baseUrl, values, record);
  const blank = /\{(\w+)\}/.exec(baseUrl)?.[1];
  if (blank !== undefined) return fail(`"${blank}" is missing: ${promptOf(record, blank)}.`);
  const credential = credentialOf(answers, record);
  if (credential === undefined) {
    const page = record.keyPage === undefined ? '' : ` You get one at ${record.keyPage}.`;
    return fail(`${record.label} needs an API key.${page}`);
  }
  const parsed = providerSchema.safeParse({
    adapter: answers.adapter ?? record.adapter,
    baseUrl: baseUrl.replace(/\/+$/, ''),
    ...credential,
    ...modelsOf(answers, record),
    ...placeholders(values, record),
  });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return fail(`"${issue?.path.join('.')}" ${issue?.message ?? 'is not valid'}.`);
  }
  const label = id === record.id ? record.label : id;
  return { ok: true, id, label, entry: parsed.data };
}

/** Writes a new provider, or a known one anew: fields that the draft does not have stay. */
export async function addProvider(
  home: string,
  draft: Extract<ProviderDraft, { ok: true }>,
): Promise<Config> {
  const entry: JsonObject = JSON.parse(JSON.stringify(draft.entry));
  // The default of the schema need not be in the file.
  const { authMode, ...rest } = entry;
  const written = authMode === 'key' ? rest : entry;
  return await updateConfig(home, (raw) =>
    withProvider(raw, draft.id, (before) => ({ ...withoutCredential(before), ...written })),
  );
}

/** Takes a provider out, and what points to it. */
export async function removeProvider(home: string, id: string): Promise<Config> {
  return await updateConfig(home, (raw) => {
    const providers = raw['providers'];
    if (!isJsonObject(providers)) return raw;
    const { [id]: _, ...left } = providers;
    const [next] = Object.keys(left);
    const wasDefault = (raw['defaultProvider'] ?? 'openai') === id;
    const model = raw['currentModel'];
    const wasCurrent = typeof model === 'string' && model.startsWith(`${id}/`);
    const { currentModel: _current, ...others } = raw;
    return {
      ...(wasCurrent ? others : raw),
      providers: left,
      ...(wasDefault && next !== undefined && { defaultProvider: next }),
    };
  });
}

/** The provider of model names that no other rule claims. */
export async function setDefaultProvider(home: string, id: string): Promise<Config> {
  return await updateConfig(home, (raw) => ({ ...raw, defaultProvider: id }));
}

/** Where a provider's key is from now on; `undefined`: it needs none. */
export async function setProviderKey(
  home: string,
  id: string,
  key: { readonly apiKey: string } | { readonly keySource: 'vault' } | undefined,
): Promise<Config> {
  return await updateConfig(home, (raw) =>
    withProvider(raw, id, (before) => ({ ...withoutCredential(before), ...key })),
  );
}

/** What a user should hear before a key is stored, without the key. */
export function keyWarnings(
  provider: { readonly label: string; readonly baseUrl: string },
  key: string | undefined,
): readonly string[] {
  if (key === undefined || key === '') return [];
  const url = URL.parse(provider.baseUrl);
  const open = url !== null && url.protocol === 'http:' && !isNear(url.hostname);
  return [
    foreignKeyWarning(provider, key),
    open
      ? `${url.host} is reached without TLS: the key travels readable by everybody on the way.`
      : undefined,
  ].filter((warning) => warning !== undefined);
}

function withProvider(
  raw: JsonObject,
  id: string,
  change: (before: JsonObject) => JsonObject,
): JsonObject {
  const providers = raw['providers'];
  const known = isJsonObject(providers) ? providers : {};
  const before = Object.hasOwn(known, id) ? known[id] : undefined;
  return {
    ...raw,
    providers: { ...known, [id]: change(isJsonObject(before) ? before : {}) },
  };
}

/** Where the key is and how it is sent belong together. */
export function withoutCredential({
  apiKey: _key,
  keySource: _source,
  authMode: _mode,
  ...rest
}: JsonObject): JsonObject {
  return rest;
}

/** `undefined`: a key is needed and missing. */
function credentialOf(
  { authMode, apiKey, keySource }: ProviderAnswers,
  record: CatalogEntry,
): JsonObject | undefined {
  const mode = authMode ?? record.auth[0] ?? 'key';
  if (mode !== 'key') return { authMode: mode };
  if (keySource !== undefined) return { keySource };
  const key = apiKey?.trim() ?? '';
  if (key !== '') return { apiKey: key };
  return record.keyOptional ? {} : undefined;
}

function filled(
  text: string,
  values: Readonly<Record<string, string>>,
  record: CatalogEntry,
): string {
  return text.replace(/\{(\w+)\}/g, (blank, name: string) => {
    const given = Object.hasOwn(values, name) ? values[name] : undefined;
    const value = given ?? record.asks?.find((ask) => ask.name === name)?.default ?? blank;
    return value.trim();
  });
}

function promptOf(record: CatalogEntry, name: string): string {
  return record.asks?.find((ask) => ask.name === name)?.prompt ?? name;
}

/** What is not part of the base URL, but of another address. */
function placeholders(
  values: Readonly<Record<string, string>>,
  record: CatalogEntry,
): { readonly placeholders?: Readonly<Record<string, string>> } {
  const own = (record.asks ?? []).flatMap(({ name, default: usual }) => {
    const value = values[name]?.trim().replace(/\/+$/, '');
    const elsewhere =
      !record.baseUrl.includes(`{${name}}`) && value !== undefined && value !== usual;
    return elsewhere ? [[name, value] as const] : [];
  });
  return own.length === 0 ? {} : { placeholders: Object.fromEntries(own) };
}

/** The lists that a user may want to correct go into the file; limits and efforts stay in the catalog. */
function modelsOf(
  { models, defaultModel }: ProviderAnswers,
  record: CatalogEntry,
): Partial<
  Pick<ProviderConfig, 'models' | 'defaultModel' | 'noVisionModels' | 'noReasoningModels'>
> {
  const textOnly = record.models.filter(({ traits }) => traits.vision === false);
  const unreasoning = record.models.filter(({ traits }) => traits.reasoning === false);
  const further = (record.noVisionModels ?? []).slice();
  const names = textOnly.map(({ id }) => id).filter((id) => !listed(further, id));
  const noVisionModels = [...names, ...further];
  const noReasoningModels = unreasoning.map(({ id }) => id);
  const chosen = defaultModel ?? models?.[0] ?? record.defaultModel;
  return {
    ...(chosen !== undefined && { defaultModel: chosen }),
    ...(models !== undefined && models.length > 0 && { models: [...models] }),
    ...(noVisionModels.length > 0 && { noVisionModels }),
    ...(noReasoningModels.length > 0 && { noReasoningModels }),
  };
}

function fail(message: string): ProviderDraft {
  return { ok: false, message };
}
