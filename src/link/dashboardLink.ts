import * as z from 'zod/mini';

/**
 * What the host and the dashboard's page say to each other. Both sides check what they receive:
 * the page is the less trusted one, and a page of an older version may still be open.
 */

const request = z.object({
  id: z.string(),
  startedAt: z.number(),
  /** `provider/model` */
  model: z.string(),
  status: z.enum(['running', 'completed', 'incomplete', 'failed', 'aborted']),
  error: z.optional(z.string()),
  firstTokenMs: z.optional(z.number()),
  totalMs: z.optional(z.number()),
  inputTokens: z.number(),
  cachedTokens: z.number(),
  outputTokens: z.number(),
});

const provider = z.object({
  id: z.string(),
  label: z.string(),
  adapter: z.string(),
  authMode: z.string(),
  models: z.readonly(z.array(z.string())),
});

const view = z.object({
  status: z.enum(['starting', 'listening', 'elsewhere', 'failed', 'stopped']),
  /** Why it failed and what to do. */
  failure: z.optional(z.string()),
  /** The base URL that clients use, while one is served. */
  address: z.optional(z.string()),
  codex: z.enum(['connected', 'outdated', 'disconnected', 'unknown']),
  active: z.number(),
  served: z.number(),
  currentModel: z.optional(z.string()),
  defaultProvider: z.optional(z.string()),
  configError: z.optional(z.string()),
  providers: z.readonly(z.array(provider)),
  /** The newest first. */
  requests: z.readonly(z.array(request)),
});

/** The commands that the page's buttons may run, without the `opencodex.` prefix. */
export const dashboardCommands = [
  'switchModel',
  'setProviderKey',
  'connectCodex',
  'disconnectCodex',
  'startProxy',
  'stopProxy',
  'restartProxy',
  'changePort',
  'copyConnection',
  'openConfig',
  'showLog',
] as const;

const hostMessage = z.object({ type: z.literal('view'), view });

const pageMessage = z.discriminatedUnion('type', [
  /** The page listens now: send it a view. */
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('run'), command: z.enum(dashboardCommands) }),
]);

export type DashboardView = Readonly<z.infer<typeof view>>;
export type DashboardRequest = Readonly<z.infer<typeof request>>;
export type DashboardProvider = Readonly<z.infer<typeof provider>>;
export type DashboardCommand = (typeof dashboardCommands)[number];
export type HostMessage = Readonly<z.infer<typeof hostMessage>>;
export type PageMessage = Readonly<z.infer<typeof pageMessage>>;

/** The message, or `undefined` where it is none of ours. */
export function readHostMessage(value: unknown): HostMessage | undefined {
  return hostMessage.safeParse(value).data;
}

/** The message, or `undefined` where it is none of ours. */
export function readPageMessage(value: unknown): PageMessage | undefined {
  return pageMessage.safeParse(value).data;
}
