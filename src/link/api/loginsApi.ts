import * as z from 'zod/mini';
import { listOf, name, nothing, operation } from './operation.ts';

/** Account logins, as the proxy runs them for a window or a browser. */

const flow = z.enum(['device', 'browser', 'paste']);

const notice = z.object({
  version: z.number(),
  text: z.string(),
  link: z.string(),
  /** Asked at every login, not only once. */
  everyTime: z.boolean(),
  /** An API key is the way that the provider asks for. */
  keyFirst: z.boolean(),
});

const loginProvider = z.object({
  id: z.string(),
  label: z.string(),
  flows: listOf(flow),
  /** What the provider's terms say, to be shown before anything starts. */
  notice,
  /** Why it cannot be started. */
  forbidden: z.optional(z.string()),
  loggedIn: z.boolean(),
  account: z.optional(z.string()),
  /** The login has ended and has to be done again. */
  needsLogin: z.boolean(),
});

/** How a login stands. What it shows is for the user who asked for it. */
const login = z.object({
  provider: z.string(),
  status: z.enum(['starting', 'waiting', 'finishing', 'unsaved', 'done', 'failed', 'cancelled']),
  /** To be opened in a browser; missing where it is on another machine and the code is pasted. */
  url: z.optional(z.string()),
  /** For a browser that cannot come back by itself: there the user gets a code to paste. */
  manualUrl: z.optional(z.string()),
  /** To be compared with, or entered on, that page. */
  userCode: z.optional(z.string()),
  /** A code or an address can be pasted. */
  canPaste: z.boolean(),
  /** Of `unsaved`: storing it would put an end to something, and `message` asks whether it may. */
  replaces: z.optional(z.boolean()),
  account: z.optional(z.string()),
  /** Why it failed and what to do, or what the user should know. */
  message: z.optional(z.string()),
});

export const loginsApi = {
  'GET /api/oauth/providers': operation(nothing, z.object({ providers: listOf(loginProvider) })),
  /** Starts a login, or gives the one of this provider that runs already. */
  'POST /api/oauth/login': operation(
    z.object({
      provider: name,
      /** Through the browser, also where there is a device code. */
      browser: z.optional(z.boolean()),
      /** The user's browser is on another machine than the proxy. */
      remote: z.optional(z.boolean()),
      /** The version of the notice to which the user has agreed. */
      acceptedNotice: z.number(),
    }),
    login,
  ),
  /** Of the newest login of this provider. */
  'GET /api/oauth/status': operation(z.object({ provider: name }), login),
  'POST /api/oauth/paste': operation(
    z.object({ provider: name, text: z.string().check(z.maxLength(20_000)) }),
    login,
  ),
  /** Tries again to store an `unsaved` login; with `replace`, what is in its way may go. */
  'POST /api/oauth/save': operation(z.object({ provider: name, replace: z.boolean() }), login),
  'POST /api/oauth/cancel': operation(z.object({ provider: name }), login),
  'POST /api/oauth/logout': operation(
    z.object({ provider: name }),
    z.object({ message: z.string() }),
  ),
} as const;
