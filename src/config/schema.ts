// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts show what users write in config.json
import * as z from 'zod/mini';
import { anthropicQuirksSchema } from '../adapters/anthropic/quirks.ts';
import { googleQuirksSchema } from '../adapters/google/quirks.ts';
import { chatQuirksSchema } from '../adapters/openaiChat/quirks.ts';
import { responsesQuirksSchema } from '../adapters/openaiResponses/quirks.ts';
import { wires } from '../adapters/target.ts';
import { docs, isWebAddress, modelId } from './schemaTerms.ts';
import { visionSchema, webSearchSchema } from './sidecarSchema.ts';

/** The fields of config.json. Fields are only ever added; unknown ones stay in the file (save.ts). */

/** Where the ChatGPT login's Responses API is. */
export const chatgptBaseUrl = 'https://chatgpt.com/backend-api/codex';

/** The port that is tried first where config.json names none. */
export const defaultPort = 10100;

/** These names have a meaning in model ids (`opencodex/current`, `vscode/…`). */
export const reservedProviderNames: readonly string[] = ['opencodex', 'vscode'];

export const authModes = ['key', 'forward', 'oauth'] as const;

const headersSchema = z.record(
  z.string().check(z.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'is not a valid header name')),
  z.string().check(z.regex(/^[^\r\n\0]*$/, 'must not contain line breaks')),
);

const quirksSchema = z.object({
  chat: z.exactOptional(
    chatQuirksSchema.register(docs, {
      description: 'Deviations of a Chat Completions host (adapter `openai-chat`).',
    }),
  ),
  anthropic: z.exactOptional(
    anthropicQuirksSchema.register(docs, {
      description: 'Deviations of a Messages host (adapter `anthropic`).',
    }),
  ),
  google: z.exactOptional(
    googleQuirksSchema.register(docs, {
      description: 'Deviations of a Gemini host (adapter `google`).',
    }),
  ),
  responses: z.exactOptional(
    responsesQuirksSchema.register(docs, {
      description:
        'Deviations of a Responses host for which requests are translated (adapters `openai-responses` and `azure` without `passthrough`).',
    }),
  ),
  rewriteIdentity: z.exactOptional(
    z.boolean().register(docs, {
      description:
        "Replace the sentence in Codex's base prompt that says the model is GPT. Default `true`.",
    }),
  ),
  webSearch: z.exactOptional(
    z
      .object({
        wire: z.exactOptional(z.enum(wires)),
        field: z.string(),
        entry: z.record(z.string(), z.json()),
        allowedDomains: z.exactOptional(z.string()),
        blockedDomains: z.exactOptional(z.string()),
        mostDomains: z.exactOptional(z.int()),
        location: z.exactOptional(z.string()),
        contextSize: z.exactOptional(z.string()),
      })
      .register(docs, {
        description:
          'How its models are made to search the web on its own servers: a request whose list `field` holds `entry`. `wire` is the wire format of that request, where it is not that of `adapter`. `allowedDomains`, `blockedDomains`, `location` and `contextSize` say where in the entry Codex’s own wishes go, with dots between the names of fields; `mostDomains` how many domains it takes.',
        examples: [
          {
            field: 'tools',
            entry: { type: 'web_search' },
            allowedDomains: 'filters.allowed_domains',
          },
        ],
      }),
  ),
  extraBody: z.exactOptional(
    z.record(z.string(), z.json()).register(docs, {
      description: 'Fields that are merged into the top level of every request body, last.',
      examples: [{ top_k: 40 }],
    }),
  ),
});

export const providerSchema = z.object({
  adapter: z.enum(wires).register(docs, {
    description: 'The wire format that the provider speaks.',
  }),
  baseUrl: z
    .string()
    .check(z.refine(isWebAddress, 'must be an http or https address without a user name'))
    .register(docs, {
      description: 'The address of the API, as in the provider’s documentation.',
      examples: ['https://api.deepseek.com', 'http://localhost:11434/v1'],
    }),
  label: z.exactOptional(
    z.string().register(docs, { description: 'The name that menus and messages show.' }),
  ),
  enabled: z.exactOptional(
    z.boolean().register(docs, {
      description:
        '`false`: the provider keeps its entry and is not used. Its models are hidden, and requests for them are refused. Default `true`.',
    }),
  ),
  authMode: z._default(z.enum(authModes), 'key').register(docs, {
    description:
      '`key`: the API key is sent. `forward`: the ChatGPT login that Codex itself sends is relayed, nothing is stored. `oauth`: a stored account login is used.',
  }),
  apiKey: z.exactOptional(
    z.string().register(docs, {
      description:
        'The API key, or the environment variable that holds it as `${NAME}` or `$NAME`. Leave it out for local servers that need none. Better: enter the key in the editor, which keeps it in its secret store.',
      examples: ['${DEEPSEEK_API_KEY}'],
    }),
  ),
  keySource: z.exactOptional(
    z.enum(['vault']).register(docs, {
      description: "`vault`: the API key is in the editor's secret store. Set by the editor.",
    }),
  ),
  defaultModel: z.exactOptional(
    modelId().register(docs, {
      description: 'The model that is used where only the provider is named.',
    }),
  ),
  models: z.exactOptional(
    z.array(modelId()).register(docs, {
      description:
        'Model ids to offer before those that the provider lists itself, and where its list is not to be had. Default: a selection of the catalog’s, as far as the provider lists it.',
    }),
  ),
  headers: z.exactOptional(
    headersSchema.register(docs, {
      description: 'Extra request headers. Values may be `${NAME}` references.',
      examples: [{ 'x-team': 'research' }],
    }),
  ),
  placeholders: z.exactOptional(
    z.record(z.string().check(z.minLength(1)), z.string().check(z.minLength(1))).register(docs, {
      description:
        'What this provider’s other addresses need to know. GitLab Duo: the address of your GitLab `instance`.',
      examples: [{ instance: 'https://gitlab.example.com' }],
    }),
  ),
  noReasoningModels: z.exactOptional(
    z.array(modelId()).register(docs, {
      description:
        'Models that take no reasoning parameter. A name without a `:size` tag covers every size: `gpt-oss` covers `gpt-oss:120b`.',
    }),
  ),
  noVisionModels: z.exactOptional(
    z.array(modelId()).register(docs, {
      description: 'Models that take text only. Matched like `noReasoningModels`.',
    }),
  ),
  passthrough: z.exactOptional(
    z.boolean().register(docs, {
      description:
        'With adapter `openai-responses`: requests and answers pass byte for byte. Default: `true` for the hosts of OpenAI, ChatGPT and Azure, else `false`.',
    }),
  ),
  quirks: z.exactOptional(
    quirksSchema.register(docs, {
      description:
        'How this provider departs from its wire format’s documentation. Overrides what OpenCodex knows of it.',
    }),
  ),
});

const providerName = z
  .string()
  .check(z.regex(/^[^/\s]+$/, 'must not be empty or contain a slash or a blank'))
  .check(
    z.refine(
      (name) => !reservedProviderNames.includes(name.toLowerCase()),
      'is reserved: OpenCodex uses this name in its own model ids',
    ),
  );

const fallbackList = z
  .array(modelId())
  .check(z.refine((list) => new Set(list).size === list.length, 'must not name a model twice'));

/** What a missing `providers` means: the ChatGPT login that Codex sends is relayed to OpenAI. */
const defaultProviders = (): Record<string, z.input<typeof providerSchema>> => ({
  openai: { adapter: 'openai-responses', baseUrl: chatgptBaseUrl, authMode: 'forward' },
});

export const configSchema = z.object({
  port: z.exactOptional(
    z
      .int()
      .check(z.minimum(1), z.maximum(65_535))
      .register(docs, {
        description:
          'The port of the proxy on 127.0.0.1. Chosen at the first start (10100, else the next free one) and then kept, because running Codex threads hold on to it.',
        examples: [defaultPort],
      }),
  ),
  providers: z.prefault(z.record(providerName, providerSchema), defaultProviders).register(docs, {
    description:
      'The providers by name. Models are called `name/model`. The names `opencodex` and `vscode` are reserved. Default: `openai`, which relays the ChatGPT login.',
  }),
  defaultProvider: z._default(z.string(), 'openai').register(docs, {
    description: 'The provider of model names that no other rule claims.',
  }),
  currentModel: z.exactOptional(
    modelId().register(docs, {
      description:
        'What Codex’s model `opencodex/current` stands for, as `provider/model`. The status bar sets it.',
      examples: ['deepseek/deepseek-v4-pro'],
    }),
  ),
  fallbacks: z
    ._default(z.record(modelId(), fallbackList), {})
    .check(z.refine(noneForItself, 'must not name a model as its own fallback'))
    .register(docs, {
      description:
        'Which models, as `provider/model`, stand in for one that cannot answer: its provider cannot be reached, is overloaded, limits the rate or wants payment. They are asked in this order, and only before Codex has got anything of an answer. The fallbacks of a fallback are not asked.',
      examples: [{ 'deepseek/deepseek-v4-pro': ['openrouter/deepseek/deepseek-v4-pro'] }],
    }),
  subagentModels: z.exactOptional(
    z.array(modelId()).check(z.maxLength(5)).register(docs, {
      description:
        'Up to five models, as `provider/model`, that Codex offers for sub-agents, in this order. An empty list is respected.',
    }),
  ),
  disabledModels: z._default(z.array(modelId()), []).register(docs, {
    description: 'Models, as `provider/model`, that are hidden from Codex and from `/v1/models`.',
  }),
  chatHiddenModels: z._default(z.array(modelId()), []).register(docs, {
    description:
      'Models, as `provider/model`, that VS Code’s chat does not list. Codex is offered them all the same.',
  }),
  modelCacheTtlMs: z._default(z.int().check(z.minimum(0)), 300_000).register(docs, {
    description:
      'How long a provider’s own list of models is kept, in milliseconds. It is asked for when somebody asks for models; an older one is renewed while turns run, and nothing waits for it.',
  }),
  webSearchSidecar: z.prefault(webSearchSchema, {}).register(docs, {
    description: 'Web search for models that have none of their own.',
  }),
  visionSidecar: z.prefault(visionSchema, {}).register(docs, {
    description: 'Image descriptions for models that take text only.',
  }),
  disconnectOnExit: z.exactOptional(
    z.boolean().register(docs, {
      description:
        'Give Codex its own config back while no OpenCodex runs, and connect it again at the next start. Default: on where Codex has a ChatGPT login and others have a home on the machine, because one of them could listen on the port meanwhile.',
    }),
  ),
  allowAnthropicLogin: z._default(z.boolean(), false).register(docs, {
    description:
      "Offer the login with a Claude account. Off, because Anthropic's terms do not permit it in programs other than its own and accounts may be limited without notice; an API key is the way that Anthropic allows.",
  }),
});

export type Config = Readonly<z.infer<typeof configSchema>>;
export type ProviderConfig = Readonly<z.infer<typeof providerSchema>>;

/** What is in force without a config.json. */
export const defaultConfig: Config = configSchema.parse({});

function noneForItself(fallbacks: Readonly<Record<string, readonly string[]>>): boolean {
  return Object.entries(fallbacks).every(([model, list]) => !list.includes(model));
}
