import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import * as z from 'zod/mini';
import type { Environment } from './config/home.ts';
import { loadConfig } from './config/load.ts';
import { Accounts } from './credentials/accounts/accounts.ts';
import { Logins } from './credentials/logins/logins.ts';
import { apiCall, apiResult } from './link/api.ts';
import { ChannelServer } from './link/channel.ts';
import type { ProxyNotes, ProxyRequests } from './link/proxyLink.ts';
import { proxyProtocol } from './link/proxyProtocol.ts';
import type { ProxySnapshot } from './link/state.ts';
import type { WebCall } from './providers/webCall.ts';
import type { RunningChatTurn } from './proxy/chatTurns.ts';
import { createDispatcher } from './proxy/network.ts';
import { createProxy as createProxyWith, type Proxy as LocalProxy } from './proxy/proxy.ts';
import { roundTrip, servingAt } from './proxy/setup.ts';
import { webCall } from './proxy/webCall.ts';

/** The proxy's thread. Only a thread that is started with a role does anything by itself. */

/** The thread beside it for large requests, which loads what it needs and no more. */
const codecFile = new URL(
  import.meta.url.endsWith('.ts') ? './codecThread.ts' : './codec.cjs',
  import.meta.url,
);

/** For `ocx`: the proxy without a thread of its own. */
export const createProxy: typeof createProxyWith = (options) =>
  createProxyWith({ workerFile: codecFile, ...options });

/** For `ocx start`, which then loads Codex's config and ours once. */
export * as codexStay from './cli/codexStay.ts';

/** For `ocx`: small requests to providers' services, over the network as the environment says. */
export function createWebCall(env: Environment): WebCall {
  return webCall(createDispatcher(env, {}));
}

/** For `ocx`: the account logins of a folder, and what ends their watch over it. */
export async function openLogins(
  home: string,
  version: string,
  env: Environment,
): Promise<{ readonly logins: Logins; readonly accounts: Accounts; dispose(): void }> {
  const call = createWebCall(env);
  const loaded = await loadConfig(home);
  const permitted = loaded.ok && loaded.config.allowAnthropicLogin;
  const accounts = new Accounts({ home, version, call, permitted: () => permitted });
  const logins = new Logins({ home, version, call, accounts });
  return {
    logins,
    accounts,
    dispose: () => {
      logins.dispose();
      accounts.dispose();
    },
  };
}

/** What a window shows: the requests are those of the proxy that serves the port. */
async function snapshotOf(proxy: LocalProxy): Promise<ProxySnapshot> {
  const own = proxy.snapshot();
  if (own.state.status !== 'elsewhere') return own;
  const call = apiCall('GET /api/requests', { limit: 500 });
  const page = apiResult('GET /api/requests', await proxy.api(call));
  return page.ok ? { ...own, requests: page.value.requests } : own;
}

const roleSchema = z.object({
  role: z.literal('proxy'),
  home: z.string(),
  version: z.string(),
  /** Over the environment of the thread. */
  env: z.exactOptional(z.record(z.string(), z.string())),
  port: z.exactOptional(z.number()),
  network: z.exactOptional(
    z.object({
      proxy: z.exactOptional(z.string()),
      noProxy: z.exactOptional(z.string()),
      certificates: z.exactOptional(z.array(z.string())),
    }),
  ),
  keepAliveMs: z.exactOptional(z.number()),
});

/** What a thread of this file is started with, as `workerData`. */
export type WorkerRole = z.input<typeof roleSchema>;
type ProxyRole = z.infer<typeof roleSchema>;

const role = roleSchema.safeParse(workerData);
if (parentPort !== null && role.success) void runProxy(parentPort, role.data);

async function runProxy(
  port: MessagePort,
  { role: _role, env, ...given }: ProxyRole,
): Promise<void> {
  const proxy = createProxy({
    ...given,
    env: { ...process.env, ...env },
    log: (line) => channel.note('log', line),
    onState: (state) => channel.note('state', state),
    onActivity: (activity) => channel.note('activity', activity),
    onChanged: (what) => channel.note('changed', what),
    onEditorTurn: (note) => channel.note('editorTurn', note),
    onKeepKey: (key) => channel.note('keepKey', key),
  });
  const chats = new Map<number, RunningChatTurn>();
  const channel = new ChannelServer<ProxyRequests, ProxyNotes>(port, proxyProtocol, {
    stop: async ({ graceMs }) => {
      await proxy.stop(graceMs);
      return null;
    },
    api: (call) => proxy.api(call),
    serving: ({ port }) => servingAt(given.home, port),
    roundTrip: ({ port }) => roundTrip(given.home, port),
    snapshot: () => snapshotOf(proxy),
    chat: async ({ id, turn }) => {
      const chat = proxy.chat(turn, (events) => channel.note('chatEvents', { id, events }));
      chats.set(id, chat);
      const end = await chat.end;
      chats.delete(id);
      return end;
    },
    endChat: ({ id }) => {
      chats.get(id)?.abort();
      return null;
    },
    editorModels: (models) => {
      proxy.offerModels(models);
      return null;
    },
    vault: (keys) => {
      proxy.setVault(keys);
      return null;
    },
  });
  // After an unforeseen error nothing here can be trusted: the host starts the thread again.
  process.on('uncaughtException', (thrown) => {
    proxy.report(thrown);
    process.exit(1);
  });
  await proxy.start();
}
