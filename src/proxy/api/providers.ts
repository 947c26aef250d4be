import * as z from 'zod/mini';
import { authModes, providerSchema } from '../../config/schema.ts';
import { testProvider } from '../../credentials/testProvider.ts';
import { providersApi } from '../../link/api/providersApi.ts';
import {
  addProvider,
  draftProvider,
  keyWarnings,
  type ProviderDraft,
  removeProvider,
  setDefaultProvider,
  setProviderKey,
  withoutCredential,
} from '../../providers/addProvider.ts';
import { catalog, catalogEntry } from '../../providers/catalog.ts';
import type { CatalogEntry } from '../../providers/catalogEntry.ts';
import { configuredProviders } from '../../providers/configured.ts';
import type { Provider } from '../../providers/provider.ts';
import { resolveProvider } from '../../providers/resolve.ts';
import { isJsonObject } from '../../turn/json.ts';
import type { JsonObject } from '../../turn/turn.ts';
import { credentialView } from './credentialView.ts';
import { unknownProvider } from './models.ts';
import { answer, type Route, refuse, route } from './route.ts';
import { saveConfig, saved } from './saving.ts';
import type { ApiServices } from './services.ts';

export function providerRoutes(services: ApiServices): readonly Route[] {
  const { config, models, vault } = services;
  const isConfigured = (id: string): boolean => configuredProviders(config.current).has(id);

  const test = async (provider: Provider, key: string | undefined) => {
    const keys = key === undefined ? vault.keys : new Map([[provider.id, key]]);
    const sources = { ...services.credentials(), vault: keys };
    const { verdict, key: used } = await testProvider(provider, sources, await services.call());
    const warnings = keyWarnings(provider, used).join(' ');
    switch (verdict.kind) {
      case 'valid': {
        const message = `${provider.label} takes the key. ${warnings}`.trim();
        return answer({ result: 'valid' as const, message });
      }
      case 'refused':
        return answer({ result: verdict.kind, message: `${verdict.reason} ${warnings}`.trim() });
      case 'unchecked': {
        const message = `${verdict.reason} ${warnings}`.trim();
        const { betterBaseUrl } = verdict;
        return answer({ result: 'unknown' as const, message, betterBaseUrl });
      }
    }
  };

  return [
    route('GET /api/providers', providersApi['GET /api/providers'], async () => {
      const listed = await services.accounts.list();
      const accounts = listed.ok ? listed.accounts : [];
      const sight = { env: services.env, vault: vault.keys, accounts, needsKey };
      const failures = services.requestLog.list().filter(({ error }) => error !== undefined);
      const providers = [...configuredProviders(config.current).values()].map((provider) => {
        const entry = catalogEntry(provider.catalogId ?? provider.id);
        const { id, label, wire, baseUrl, auth, defaultModel, unusable } = provider;
        return {
          ...{ id, label, adapter: wire, baseUrl, authMode: auth.mode, defaultModel, unusable },
          credential: credentialView(provider, sight),
          models: models.knowledge.listed(provider)?.length ?? provider.models.length,
          isDefault: id === config.current.defaultProvider,
          enabled: config.current.providers[id]?.enabled ?? true,
          catalogId: provider.catalogId,
          keyPage: entry?.keyPage,
          note: entry?.note,
          headers: Object.keys(provider.headers),
          listError: models.problem(provider),
          lastError: failures.find((failure) => failure.provider === id)?.error,
        };
      });
      return answer({ providers, editorModels: services.editorModels.standing });
    }),
    route('GET /api/key-providers', providersApi['GET /api/key-providers'], () => {
      const configured = [...configuredProviders(config.current).values()];
      return answer({ providers: catalog.map((entry) => offered(entry, configured)) });
    }),
    route('POST /api/providers/check', providersApi['POST /api/providers/check'], (input) => {
      const known = configuredProviders(config.current).get(input.id);
      if (known !== undefined && input.entry === undefined && input.values === undefined) {
        return test(asked(known, input.key), input.key);
      }
      const draft = drafted(input);
      if (!draft.ok) return refuse(400, draft.message);
      return test(resolveProvider(draft.id, draft.entry), input.key);
    }),
    route('POST /api/providers', providersApi['POST /api/providers'], async (input) => {
      const { key, keep } = input;
      const kept = keep === 'vault' && key !== undefined;
      const draft = drafted(kept ? { ...input, key: undefined, vault: true } : input);
      if (!draft.ok) return refuse(400, draft.message);
      if (kept && !(await services.keyKeeper.keep(draft.id, key))) return noWindow;
      const outcome = await saved(services, async () => {
        const config = await addProvider(services.home, draft);
        return input.setDefault ? setDefaultProvider(services.home, draft.id) : config;
      });
      if (!outcome.ok) return outcome;
      models.credentialChanged(draft.id);
      return answer({ id: draft.id });
    }),
    route('PUT /api/providers/:id', providersApi['PUT /api/providers/:id'], ({ id, entry }) => {
      if (!isConfigured(id)) return unknownProvider(id);
      return saveConfig(services, (raw) => {
        const providers = raw['providers'];
        if (!isJsonObject(providers)) return raw;
        const before = providers[id];
        const changed = { ...(isJsonObject(before) ? before : {}), ...entry };
        const fields = Object.entries(changed).filter(([, value]) => value !== null);
        return { ...raw, providers: { ...providers, [id]: Object.fromEntries(fields) } };
      });
    }),
    route(
      'PUT /api/providers/:id/key',
      providersApi['PUT /api/providers/:id/key'],
      async ({ id, key, keep }) => {
        if (!isConfigured(id)) return unknownProvider(id);
        if (keep === 'vault' && !(await services.keyKeeper.keep(id, key))) return noWindow;
        const credential = keep === 'vault' ? { keySource: keep } : { apiKey: key };
        const outcome = await saved(services, () => setProviderKey(services.home, id, credential));
        models.credentialChanged(id);
        return outcome;
      },
    ),
    route('DELETE /api/providers/:id', providersApi['DELETE /api/providers/:id'], ({ id }) => {
      if (!isConfigured(id)) return unknownProvider(id);
      return saved(services, () => removeProvider(services.home, id));
    }),
    route(
      'POST /api/providers/:id/test',
      providersApi['POST /api/providers/:id/test'],
      ({ id }) => {
        const provider = configuredProviders(config.current).get(id);
        return provider === undefined ? unknownProvider(id) : test(provider, undefined);
      },
    ),
    route('PUT /api/default-provider', providersApi['PUT /api/default-provider'], ({ id }) => {
      if (!isConfigured(id)) return unknownProvider(id);
      return saved(services, () => setDefaultProvider(services.home, id));
    }),
  ];
}

const noWindow = refuse(
  409,
  'No editor window is open that could keep the key. Open one, or have the key kept in config.json.',
);

/** A header of the user's may be the credential as well. */
function needsKey({ catalogId, headers }: Provider): boolean {
  const entry = catalogId === undefined ? undefined : catalogEntry(catalogId);
  return entry !== undefined && !entry.keyOptional && Object.keys(headers).length === 0;
}

/** The fields that the draft of an entry knows; others are laid over it. */
const { shape } = providerSchema;
const answersSchema = z.object({
  baseUrl: z.exactOptional(shape.baseUrl),
  adapter: z.exactOptional(shape.adapter),
  authMode: z.exactOptional(z.enum(authModes)),
  defaultModel: shape.defaultModel,
  models: shape.models,
  apiKey: shape.apiKey,
  keySource: shape.keySource,
});

interface Answers {
  readonly id: string;
  readonly catalogId?: string | undefined;
  readonly values?: Readonly<Record<string, string>> | undefined;
  readonly entry?: JsonObject | undefined;
  readonly key?: string | undefined;
  readonly vault?: boolean;
}

function drafted({ id, catalogId, values, entry = {}, key, vault }: Answers): ProviderDraft {
  const answers = answersSchema.safeParse(entry);
  if (!answers.success) return invalid(answers.error);
  const draft = draftProvider({
    preset: catalogId ?? (catalogEntry(id) === undefined ? 'custom' : id),
    id,
    ...answers.data,
    ...(values !== undefined && { values }),
    ...(key !== undefined && { apiKey: key }),
    ...(vault && { keySource: 'vault' }),
  });
  if (!draft.ok) return draft;
  const whole = providerSchema.safeParse({ ...draft.entry, ...withoutCredential(entry) });
  return whole.success ? { ...draft, entry: whole.data } : invalid(whole.error);
}

function invalid({ issues: [issue] }: z.core.$ZodError): ProviderDraft {
  return { ok: false, message: `"${issue?.path.join('.')}" ${issue?.message ?? 'is not valid'}.` };
}

/** A configured provider, asked about a key that is not stored. */
function asked(provider: Provider, key: string | undefined): Provider {
  const { auth } = provider;
  if (key === undefined || auth.mode !== 'key') return provider;
  return { ...provider, auth: { ...auth, source: 'config', apiKey: key } };
}

function offered(entry: CatalogEntry, configured: readonly Provider[]) {
  const { id, label, kind, adapter, baseUrl, auth, keyPage, defaultModel, note, unusable } = entry;
  return {
    ...{ id, label, kind, adapter, baseUrl, auth, keyPage, defaultModel, note, unusable },
    aliases: entry.aliases ?? [],
    otherBaseUrls: entry.otherBaseUrls ?? [],
    asks: entry.asks ?? [],
    keyOptional: entry.keyOptional ?? false,
    keyPrefixes: entry.keyPrefixes ?? [],
    keyCheck: entry.keyCheck !== undefined,
    models: entry.models.map((model) => model.id),
    configuredAs: configured.filter(({ catalogId }) => catalogId === id).map((known) => known.id),
  };
}
