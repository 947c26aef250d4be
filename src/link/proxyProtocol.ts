import * as z from 'zod/mini';
import { offeredModels } from './api/editorModelsApi.ts';
import { changedThing } from './api/proxyApi.ts';
import type { Guard, Protocol } from './channel.ts';
import type { ProxyNotes, ProxyRequests } from './proxyLink.ts';
import { activity, proxyState } from './state.ts';

const nothing = guardOf<null>(z.null());

/** The link between the extension host and the proxy's thread. */
export const proxyProtocol: Protocol<ProxyRequests, ProxyNotes> = {
  requests: {
    stop: { request: guardOf(z.object({ graceMs: z.number() })), reply: nothing },
    api: {
      request: guardOf(z.object({ method: z.string(), path: z.string() })),
      reply: guardOf(z.object({ status: z.number() })),
    },
    serving: {
      request: guardOf(z.object({ port: z.number() })),
      reply: guardOf(
        z.union([
          z.object({ kind: z.literal('ours'), version: z.string(), models: z.number() }),
          z.object({ kind: z.literal('foreign'), name: z.optional(z.string()) }),
          z.object({ kind: z.literal('nobody') }),
        ]),
      ),
    },
    roundTrip: {
      request: guardOf(z.object({ port: z.number() })),
      reply: guardOf(
        z.union([
          z.object({ ok: z.literal(true), answer: z.string() }),
          z.object({ ok: z.literal(false), message: z.string() }),
        ]),
      ),
    },
    snapshot: {
      request: nothing,
      reply: guardOf(
        z.looseObject({
          state: proxyState,
          activity,
          defaultProvider: z.string(),
          providers: z.array(z.looseObject({ id: z.string(), models: z.array(z.string()) })),
          requests: z.array(z.looseObject({ id: z.string(), status: z.string() })),
        }),
      ),
    },
    chat: {
      request: guardOf(
        z.object({
          id: z.number(),
          turn: z.looseObject({ model: z.string(), messages: z.array(z.looseObject({})) }),
        }),
      ),
      reply: guardOf(z.looseObject({ ok: z.boolean() })),
    },
    endChat: { request: guardOf(z.object({ id: z.number() })), reply: nothing },
    editorModels: { request: guardOf(offeredModels), reply: nothing },
    vault: {
      request: guardOf(z.record(z.string(), z.union([z.string(), z.null()]))),
      reply: nothing,
    },
  },
  notes: {
    state: guardOf(proxyState),
    activity: guardOf(activity),
    log: guardOf(z.object({ level: z.enum(['debug', 'info', 'warn', 'error']), text: z.string() })),
    changed: guardOf(changedThing),
    chatEvents: guardOf(
      z.object({ id: z.number(), events: z.array(z.looseObject({ type: z.string() })) }),
    ),
    editorTurn: guardOf(z.object({ id: z.string(), over: z.boolean() })),
    keepKey: guardOf(z.object({ id: z.string(), provider: z.string(), key: z.string() })),
  },
};

/** The schemas say what would break the other side; the rest is theirs by agreement. */
function guardOf<T>(schema: z.ZodMiniType): Guard<T> {
  return (value): value is T => z.safeParse(schema, value).success;
}
