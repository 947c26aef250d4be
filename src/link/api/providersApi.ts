import * as z from 'zod/mini';
import { done, listOf, name, nothing, operation } from './operation.ts';

/** How a provider gets its credential; never the credential itself. */
const credential = z.discriminatedUnion('kind', [
  /** `needed`: and so it cannot answer. */
  z.object({ kind: z.literal('none'), needed: z.boolean() }),
  z.object({ kind: z.literal('literal'), lastFour: z.string() }),
  z.object({ kind: z.literal('environment'), variable: z.string(), set: z.boolean() }),
  /** In an editor's secret store; `set`: a window that holds it is open. */
  z.object({ kind: z.literal('vault'), set: z.boolean() }),
  /** The ChatGPT login that Codex sends. */
  z.object({ kind: z.literal('forward') }),
  /** An account login. */
  z.object({
    kind: z.literal('login'),
    set: z.boolean(),
    account: z.optional(z.string()),
    /** Why it has to be done again. */
    problem: z.optional(z.string()),
  }),
]);

/** A provider of config.json. */
const provider = z.object({
  id: z.string(),
  label: z.string(),
  adapter: z.string(),
  baseUrl: z.string(),
  authMode: z.enum(['key', 'forward', 'oauth']),
  credential,
  defaultModel: z.optional(z.string()),
  /** How many models it offers now. */
  models: z.number(),
  isDefault: z.boolean(),
  /** `false`: the user has switched it off. */
  enabled: z.optional(z.boolean()),
  /** The record of the catalog that it is made from. */
  catalogId: z.optional(z.string()),
  keyPage: z.optional(z.string()),
  note: z.optional(z.string()),
  /** Why it cannot be used, and what to do. */
  unusable: z.optional(z.string()),
  /** Names only: values may be secrets. */
  headers: listOf(z.string()),
  /** When its model list was last asked for, and how that failed. */
  listedAt: z.optional(z.number()),
  listError: z.optional(z.string()),
  /** Its newest failed request. */
  lastError: z.optional(z.string()),
});

/** A provider that is known before anybody configures it: what the pickers offer. */
const keyProvider = z.object({
  id: z.string(),
  label: z.string(),
  kind: z.enum(['login', 'key', 'gateway', 'local', 'custom']),
  aliases: listOf(z.string()),
  adapter: z.string(),
  /** May hold `{name}` placeholders that `asks` explains. */
  baseUrl: z.string(),
  otherBaseUrls: listOf(z.string()),
  asks: listOf(z.object({ name: z.string(), prompt: z.string(), default: z.optional(z.string()) })),
  /** The ways to sign in, the recommended one first. */
  auth: listOf(z.enum(['key', 'forward', 'oauth'])),
  keyOptional: z.boolean(),
  keyPage: z.optional(z.string()),
  keyPrefixes: listOf(z.string()),
  /** A key can be tried before it is stored. */
  keyCheck: z.boolean(),
  defaultModel: z.optional(z.string()),
  models: listOf(z.string()),
  note: z.optional(z.string()),
  unusable: z.optional(z.string()),
  /** Names under which it is configured already. */
  configuredAs: listOf(z.string()),
});

/** Fields of a provider's entry in config.json; what they may hold is config.json's own schema. */
const entryFields = z.record(z.string(), z.json());

const check = z.object({
  /** `unknown`: the answer says nothing about the key, or nobody could be asked. */
  result: z.enum(['valid', 'refused', 'unknown']),
  /** What happened and what to do. */
  message: z.string(),
  /** The base URL is wrong, and at this one there is an API. */
  betterBaseUrl: z.optional(z.string()),
});

export const providersApi = {
  'GET /api/providers': operation(
    nothing,
    z.object({
      providers: listOf(provider),
      /** VS Code's own models; `null`: no window is there that could answer for them. */
      editorModels: z.optional(z.nullable(z.object({ allowed: z.boolean(), models: z.number() }))),
    }),
  ),
  /** The catalog. */
  'GET /api/key-providers': operation(nothing, z.object({ providers: listOf(keyProvider) })),
  /** Tries a provider before anything of it is stored. */
  'POST /api/providers/check': operation(
    z.object({
      /** A name of the catalog, or of config.json. */
      id: name,
      /** What fills the placeholders of the base URL. */
      values: z.optional(z.record(z.string(), z.string())),
      entry: z.optional(entryFields),
      key: z.optional(z.string().check(z.maxLength(20_000))),
    }),
    check,
  ),
  /** Adds a provider, or replaces its entry. */
  'POST /api/providers': operation(
    z.object({
      /** Its name in config.json. */
      id: name,
      /** The record of the catalog that the entry starts from; default: that of the same name. */
      catalogId: z.optional(name),
      values: z.optional(z.record(z.string(), z.string())),
      /** Over what the catalog says. */
      entry: z.optional(entryFields),
      key: z.optional(z.string().check(z.maxLength(20_000))),
      /** `vault`: in the secret store of an open window. A key without it goes to config.json. */
      keep: z.optional(z.enum(['vault', 'config'])),
      setDefault: z.optional(z.boolean()),
    }),
    z.object({ id: z.string() }),
  ),
  /** Changes fields of a provider's entry; `null` takes one out. */
  'PUT /api/providers/:id': operation(z.object({ id: name, entry: entryFields }), done),
  /** Gives a configured provider another key. */
  'PUT /api/providers/:id/key': operation(
    z.object({
      id: name,
      key: z.string().check(z.minLength(1), z.maxLength(20_000)),
      /** `vault`: in the secret store of an open window. */
      keep: z.enum(['vault', 'config']),
    }),
    done,
  ),
  'DELETE /api/providers/:id': operation(z.object({ id: name }), done),
  /** Asks a configured provider whether it takes its credential. */
  'POST /api/providers/:id/test': operation(z.object({ id: name }), check),
  'PUT /api/default-provider': operation(z.object({ id: name }), done),
} as const;
