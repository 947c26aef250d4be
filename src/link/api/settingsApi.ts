import * as z from 'zod/mini';
import { done, listOf, nothing, operation } from './operation.ts';

const webSearch = {
  enabled: z.nullable(z.boolean()),
  model: z.string().check(z.minLength(1)),
  reasoning: z.string().check(z.minLength(1)),
  maxSearchesPerTurn: z.int().check(z.minimum(0), z.maximum(100)),
  timeoutMs: z.int().check(z.minimum(1), z.maximum(600_000)),
  backends: listOf(z.enum(['provider', 'chatgpt', 'service'])),
};

const vision = {
  enabled: z.nullable(z.boolean()),
  model: z.string().check(z.minLength(1)),
  timeoutMs: z.int().check(z.minimum(1), z.maximum(600_000)),
};

const serviceName = z.enum(['brave', 'tavily', 'exa', 'searxng']);

/** What the user may set about the sidecars. `null` for `enabled`: as it comes. */
export const settingsApi = {
  'GET /api/settings': operation(
    nothing,
    z.object({
      webSearch: z.object({
        ...webSearch,
        service: z.nullable(
          z.object({
            name: serviceName,
            baseUrl: z.optional(z.string()),
            /** Where its key is; never the key itself. */
            key: z.enum(['none', 'config', 'vault']),
          }),
        ),
      }),
      vision: z.object(vision),
    }),
  ),
  /** Fields that are left out stay as they are. */
  'PUT /api/settings': operation(
    z.object({
      webSearch: z.optional(
        z.object({
          ...z.partial(z.object(webSearch)).shape,
          service: z.optional(
            z.nullable(
              z.object({
                name: serviceName,
                baseUrl: z.optional(z.string()),
                /** Goes to a window's secret store; missing: the key stays as it is. */
                key: z.optional(z.string().check(z.minLength(1))),
              }),
            ),
          ),
        }),
      ),
      vision: z.optional(z.partial(z.object(vision))),
    }),
    done,
  ),
} as const;
