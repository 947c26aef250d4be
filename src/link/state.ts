import * as z from 'zod/mini';

/** What a proxy tells about itself: plain, cloneable, and never a secret. */

const startFailure = z.object({
  kind: z.enum(['port_in_use', 'config', 'home', 'internal']),
  /** What happened, why, what to do. */
  message: z.string(),
  port: z.optional(z.number()),
});

export const proxyState = z.discriminatedUnion('status', [
  z.object({ status: z.literal('starting') }),
  z.object({ status: z.literal('listening'), port: z.number() }),
  /** Another OpenCodex (a window, or `ocx start`) serves this port; we take over when it ends. */
  z.object({ status: z.literal('elsewhere'), port: z.number() }),
  z.object({ status: z.literal('failed'), failure: startFailure }),
  z.object({ status: z.literal('stopped') }),
]);

export const activity = z.object({
  /** Turns that are running now. */
  active: z.number(),
  /** `provider/model` of the newest turn. */
  lastModel: z.optional(z.string()),
  /** Turns that were answered since the start. */
  served: z.number(),
});

export const logLine = z.object({
  level: z.enum(['debug', 'info', 'warn', 'error']),
  /** Redacted, without a time. */
  text: z.string(),
});

export const outage = z.object({
  /** In a row. */
  failures: z.number(),
  /** The last of them, as a sentence. */
  error: z.string(),
  /** When it is asked again, in milliseconds since 1970. */
  retryAt: z.number(),
});

export const providerSummary = z.object({
  id: z.string(),
  label: z.string(),
  adapter: z.string(),
  authMode: z.string(),
  models: z.readonly(z.array(z.string())),
  /** Its key should be in a window's secret store, and no window has it. */
  keyMissing: z.optional(z.boolean()),
  /** It failed again and again, and is left alone for a while. */
  outage: z.optional(outage),
});

export const requestStatus = z.enum(['running', 'completed', 'incomplete', 'failed', 'aborted']);

/** One time that a model was asked for a turn. */
const attempt = z.object({
  model: z.string(),
  /** Before it was asked. */
  waitedMs: z.number(),
  /** Why it gave no answer. */
  error: z.optional(z.string()),
});

export const requestSummary = z.object({
  id: z.string(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  /** `provider/model`: the one that answers, or was asked last. */
  model: z.string(),
  provider: z.string(),
  /** Mostly one. */
  attempts: z.optional(z.readonly(z.array(attempt))),
  status: requestStatus,
  error: z.optional(z.string()),
  firstTokenMs: z.optional(z.number()),
  totalMs: z.optional(z.number()),
  inputTokens: z.number(),
  cachedTokens: z.number(),
  outputTokens: z.number(),
  /** Part of the output. */
  reasoningTokens: z.optional(z.number()),
});

/** What a window shows about the proxy. */
export const proxySnapshot = z.object({
  state: proxyState,
  activity,
  defaultProvider: z.string(),
  currentModel: z.optional(z.string()),
  providers: z.readonly(z.array(providerSummary)),
  /** The sentence of the config file's error, while the last good config stays in force. */
  configError: z.optional(z.string()),
  /** Newest first. */
  requests: z.readonly(z.array(requestSummary)),
});

export type StartFailure = Readonly<z.infer<typeof startFailure>>;
export type ProxyState = Readonly<z.infer<typeof proxyState>>;
export type Activity = Readonly<z.infer<typeof activity>>;
export type LogLine = Readonly<z.infer<typeof logLine>>;
export type Outage = Readonly<z.infer<typeof outage>>;
export type ProviderSummary = Readonly<z.infer<typeof providerSummary>>;
export type RequestSummary = Readonly<z.infer<typeof requestSummary>>;
export type ProxySnapshot = Readonly<z.infer<typeof proxySnapshot>>;
