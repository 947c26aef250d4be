import * as z from 'zod/mini';
import { activity, proxyState } from '../state.ts';
import { done, name, nothing, operation } from './operation.ts';

/** The proxy as a whole, and the windows that work with it. */

const totals = z.object({
  requests: z.number(),
  failures: z.number(),
  inputTokens: z.number(),
  cachedTokens: z.number(),
  outputTokens: z.number(),
  /** Of the requests that are still in the log. */
  medianFirstTokenMs: z.optional(z.number()),
});

const codexConnection = z.object({
  kind: z.enum(['connected', 'outdated', 'dormant', 'disconnected', 'unreadable']),
  /** Codex's folder. */
  home: z.string(),
  /** Why its config cannot be read. */
  message: z.optional(z.string()),
});

/** Where the keys of the editor are: the window that asks another one to serve keeps its own. */
const heldKeys = z.record(name, z.nullable(z.string()));

export const changedThing = z.enum(['config', 'models', 'accounts', 'requests', 'windows']);

/** What `GET /api/events` says, one JSON object in a line. */
export const apiEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('state'), state: proxyState }),
  z.object({ type: z.literal('activity'), activity }),
  /** Something that the other operations answer is not as it was. */
  z.object({
    type: z.literal('changed'),
    what: changedThing,
  }),
  /** For one window: a turn for the editor's models, or that nobody waits for it any more. */
  z.object({ type: z.literal('editorTurn'), id: z.string(), over: z.boolean() }),
  /** For one window: a key for its editor's secret store. */
  z.object({ type: z.literal('keepKey'), id: z.string(), provider: z.string(), key: z.string() }),
  /** It is still there. */
  z.object({ type: z.literal('beat') }),
]);

export const proxyApi = {
  'GET /api/state': operation(
    nothing,
    z.object({
      version: z.string(),
      /** The version of this API between proxies. */
      link: z.number(),
      pid: z.number(),
      startedAt: z.number(),
      state: proxyState,
      activity,
      configPath: z.string(),
      configError: z.optional(z.string()),
      defaultProvider: z.string(),
      currentModel: z.optional(z.string()),
      /** How many windows beside the serving one are attached. */
      windows: z.number(),
      last24Hours: totals,
      lastFailure: z.optional(z.object({ at: z.number(), model: z.string(), message: z.string() })),
      codex: codexConnection,
    }),
  ),
  'GET /api/health': operation(
    nothing,
    z.looseObject({
      product: z.string(),
      version: z.string(),
      link: z.number(),
      pid: z.number(),
      state: proxyState,
      activity,
      configError: z.optional(z.string()),
    }),
  ),
  /** Ends the proxy for good; running turns get a little time. */
  'POST /api/stop': operation(nothing, z.object({ stopping: z.literal(true) })),
  /**
   * A newer OpenCodex asks for the port: running turns get time to end, new ones go to the newer
   * one. The older proxy then waits as a follower.
   */
  'POST /api/yield': operation(
    z.object({ version: z.string(), link: z.number() }),
    z.object({ yielding: z.boolean(), reason: z.optional(z.string()) }),
  ),
  /** Keys of an attached window's secret store, `null` for one that is gone; kept in memory only. */
  'POST /api/vault': operation(z.object({ window: name, keys: heldKeys }), done),
  /** Whether the window that was asked by a `keepKey` event has kept the key. */
  'POST /api/kept-keys/:id': operation(z.object({ id: name, kept: z.boolean() }), done),
} as const;

export type ChangedThing = z.infer<typeof changedThing>;
export type ApiEvent = Readonly<z.infer<typeof apiEvent>>;
