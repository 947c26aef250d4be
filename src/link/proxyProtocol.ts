import * as z from 'zod/mini';
import type { Guard, Protocol } from './channel.ts';
import type { ProxyNotes, ProxyRequests } from './proxyLink.ts';

const nothing = guardOf<null>(z.null());

const activity = z.object({
  active: z.number(),
  lastModel: z.union([z.string(), z.undefined()]),
  served: z.number(),
});

const state = z.union([
  z.object({ status: z.enum(['starting', 'stopped']) }),
  z.object({ status: z.enum(['listening', 'elsewhere']), port: z.number() }),
  z.object({
    status: z.literal('failed'),
    failure: z.object({
      kind: z.enum(['port_in_use', 'config', 'home', 'internal']),
      message: z.string(),
      port: z.union([z.number(), z.undefined()]),
    }),
  }),
]);

/** The link between the extension host and the proxy's thread. */
export const proxyProtocol: Protocol<ProxyRequests, ProxyNotes> = {
  requests: {
    stop: { request: guardOf(z.object({ graceMs: z.number() })), reply: nothing },
    snapshot: {
      request: nothing,
      reply: guardOf(
        z.looseObject({
          state,
          activity,
          defaultProvider: z.string(),
          providers: z.array(z.looseObject({ id: z.string(), models: z.array(z.string()) })),
          requests: z.array(z.looseObject({ id: z.string(), status: z.string() })),
        }),
      ),
    },
    vault: {
      request: guardOf(z.record(z.string(), z.union([z.string(), z.null()]))),
      reply: nothing,
    },
  },
  notes: {
    state: guardOf(state),
    activity: guardOf(activity),
    log: guardOf(z.object({ level: z.enum(['debug', 'info', 'warn', 'error']), text: z.string() })),
    changed: nothing,
  },
};

/** The schemas say what would break the other side; the rest is theirs by agreement. */
function guardOf<T>(schema: z.ZodMiniType): Guard<T> {
  return (value): value is T => z.safeParse(schema, value).success;
}
