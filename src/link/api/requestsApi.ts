import * as z from 'zod/mini';
import { requestSummary } from '../state.ts';
import { done, listOf, name, nothing, operation, queryNumber } from './operation.ts';

/** What one request went through. Later parts may say more of it. */
export const requestDetail = z.looseObject({
  ...requestSummary.shape,
  cacheWriteTokens: z.optional(z.number()),
  /** What happened when, in milliseconds after the start. */
  timeline: listOf(z.object({ at: z.number(), what: z.string() })),
  /** Every text of ours in the prompt: where it frames or replaces words of the client, and how often. */
  additions: listOf(
    z.object({
      kind: z.string(),
      text: z.string(),
      replaces: z.optional(z.string()),
      times: z.number(),
    }),
  ),
  /** Calls beside the turn: a web search, a description of an image. */
  sidecars: listOf(
    z.object({
      kind: z.string(),
      /** Who did it: `provider/model`, or a search service. */
      by: z.optional(z.string()),
      ms: z.number(),
      error: z.optional(z.string()),
      inputTokens: z.optional(z.number()),
      outputTokens: z.optional(z.number()),
    }),
  ),
});

export const usageRow = z.object({
  /** `YYYY-MM-DD`, in the time zone of the machine. */
  day: z.string(),
  provider: z.string(),
  /** `provider/model` */
  model: z.string(),
  requests: z.number(),
  failures: z.number(),
  inputTokens: z.number(),
  /** Part of the input. */
  cachedTokens: z.number(),
  outputTokens: z.number(),
  /** Part of the output. */
  reasoningTokens: z.number(),
});

export const requestsApi = {
  /**
   * Newest first. `since` is a `cursor` of an earlier answer: then only what has begun or changed
   * after it. `complete`: it is the whole list, and what was known before is void.
   */
  'GET /api/requests': operation(
    z.object({ since: z.optional(z.string()), limit: z.optional(queryNumber(1, 10_000)) }),
    z.object({ cursor: z.string(), complete: z.boolean(), requests: listOf(requestSummary) }),
  ),
  'GET /api/requests/:id': operation(z.object({ id: name }), requestDetail),
  /** A request of a window's own chat, which that window has written down. */
  'POST /api/requests': operation(requestDetail, done),
  /** Forgets the requests, also those on disk. Usage totals stay. */
  'DELETE /api/requests': operation(nothing, done),
  /** Sums by day, provider and model, for today and the days before it. */
  'GET /api/usage': operation(
    z.object({ days: z.optional(queryNumber(1, 400)) }),
    z.object({ days: listOf(z.string()), rows: listOf(usageRow) }),
  ),
} as const;

export type RequestDetail = Readonly<z.infer<typeof requestDetail>>;
export type UsageRow = Readonly<z.infer<typeof usageRow>>;
