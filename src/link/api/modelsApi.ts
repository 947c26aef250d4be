import * as z from 'zod/mini';
import { done, listOf, name, nothing, operation } from './operation.ts';

const price = z.object({
  /** US dollars for a million tokens, by the provider's list. */
  input: z.optional(z.number()),
  cachedInput: z.optional(z.number()),
  output: z.optional(z.number()),
});

const model = z.object({
  /** `provider/model` */
  id: z.string(),
  provider: z.string(),
  /** The provider's label. */
  label: z.string(),
  /** Its name at the provider. */
  model: z.string(),
  contextWindow: z.optional(z.number()),
  maxOutputTokens: z.optional(z.number()),
  reasoning: z.optional(z.boolean()),
  efforts: z.optional(listOf(z.string())),
  /** Takes images. */
  vision: z.optional(z.boolean()),
  /** Takes none, and is told in words what they show. */
  imagesInWords: z.optional(z.boolean()),
  /** Calls tools. */
  tools: z.optional(z.boolean()),
  price: z.optional(price),
  /** Shown in Codex and in `/v1/models`. */
  enabled: z.boolean(),
  /** What `opencodex/current` stands for. */
  current: z.boolean(),
  /** `false`: VS Code's chat cannot use it, because it needs the login that Codex sends, or is its own. */
  chat: z.optional(z.boolean()),
  /** The user has taken it out of VS Code's chat. */
  chatHidden: z.optional(z.boolean()),
});

const modelList = z.object({
  provider: z.string(),
  /** When the live list was fetched. */
  at: z.optional(z.number()),
  models: z.number(),
  /** Why there is no newer one. */
  error: z.optional(z.string()),
});

export const modelsApi = {
  /** Also the models that are switched off. */
  'GET /api/models': operation(
    nothing,
    z.object({ models: listOf(model), lists: listOf(modelList) }),
  ),
  /** Asks for the live lists now, of all providers or of one. */
  'POST /api/models/refresh': operation(
    z.object({ provider: z.optional(name) }),
    z.object({ lists: listOf(modelList) }),
  ),
  /** What `opencodex/current` stands for; `null`: the default provider's default model. */
  'PUT /api/current-model': operation(z.object({ model: z.nullable(name) }), done),
  /** Switches models off and on; others stay as they are. */
  'PUT /api/disabled-models': operation(
    z.object({ disable: z.optional(listOf(name)), enable: z.optional(listOf(name)) }),
    done,
  ),
  /** Takes models out of VS Code's chat and puts them back; others stay as they are. */
  'PUT /api/chat-models': operation(
    z.object({ hide: z.optional(listOf(name)), show: z.optional(listOf(name)) }),
    done,
  ),
  'GET /api/subagent-models': operation(
    nothing,
    z.object({
      /** As the user set it; missing: not set. */
      chosen: z.optional(listOf(z.string())),
      /** What Codex offers for sub-agents, in this order. */
      effective: listOf(z.string()),
      most: z.number(),
    }),
  ),
  /** `null`: back to what Codex's own models say. */
  'PUT /api/subagent-models': operation(
    z.object({ models: z.nullable(listOf(name).check(z.maxLength(5))) }),
    done,
  ),
} as const;
