import * as z from 'zod/mini';
import { apiEvent } from './api/proxyApi.ts';
import { proxyState } from './state.ts';

/**
 * What the host and the dashboard's page say to each other. Both sides check what they receive:
 * the page is the less trusted one, and a page of an older version may still be open.
 */

/** The commands that the page may run, without the `opencodex.` prefix. */
export const dashboardCommands = [
  'addProvider',
  'allowEditorModels',
  'changePort',
  'checkSetup',
  'connectCodex',
  'copyConnection',
  'disconnectCodex',
  'openConfig',
  'removeProvider',
  'restartProxy',
  'setProviderKey',
  'showLog',
  'signIn',
  'signOut',
  'startProxy',
  'stopProxy',
  'switchModel',
] as const;

const pageCall = z.object({
  method: z.string().check(z.regex(/^(GET|POST|PUT|DELETE)$/)),
  path: z.string().check(z.startsWith('/api/'), z.maxLength(4_000)),
  /** The operation's own schema checks it. */
  body: z.optional(z.unknown()),
});

const hostMessage = z.discriminatedUnion('type', [
  /** This window's proxy: known also while none answers. */
  z.object({ type: z.literal('proxy'), state: proxyState }),
  z.object({
    type: z.literal('reply'),
    id: z.number(),
    reply: z.object({ status: z.number(), body: z.unknown() }),
  }),
  z.object({ type: z.literal('event'), event: apiEvent }),
  /** A link elsewhere in the editor leads to this page. */
  z.object({ type: z.literal('show'), tab: z.string() }),
]);

const pageMessage = z.discriminatedUnion('type', [
  /** The page listens now. */
  z.object({ type: z.literal('ready') }),
  z.object({
    type: z.literal('run'),
    command: z.enum(dashboardCommands),
    /** What it is about: a provider, a model. */
    about: z.optional(z.string().check(z.maxLength(300))),
  }),
  z.object({ type: z.literal('call'), id: z.number(), call: pageCall }),
  /** An `https:` page of a provider. */
  z.object({ type: z.literal('open'), url: z.string().check(z.maxLength(2_000)) }),
  z.object({ type: z.literal('copy'), text: z.string().check(z.maxLength(100_000)) }),
  /** The user is asked where to save it. */
  z.object({
    type: z.literal('save'),
    name: z.string().check(z.maxLength(100)),
    text: z.string().check(z.maxLength(20_000_000)),
  }),
]);

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
