import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import * as z from 'zod/mini';
import { ChannelServer } from './link/channel.ts';
import type { ProxyNotes, ProxyRequests } from './link/proxyLink.ts';
import { proxyProtocol } from './link/proxyProtocol.ts';
import { serveCodec } from './proxy/codecWorker.ts';
import { createProxy as createProxyWith } from './proxy/proxy.ts';

/**
 * The threads of OpenCodex: the proxy itself, and the one beside it for large requests. Only a thread
 * that is started with a role does anything by itself.
 */

/** For `ocx`: the proxy without a thread of its own. */
export const createProxy: typeof createProxyWith = (options) =>
  createProxyWith({ workerFile: new URL(import.meta.url), ...options });

const roleSchema = z.discriminatedUnion('role', [
  z.object({ role: z.literal('codec') }),
  z.object({
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
  }),
]);

/** What a thread of this file is started with, as `workerData`. */
export type WorkerRole = z.input<typeof roleSchema>;
type ProxyRole = Extract<z.infer<typeof roleSchema>, { role: 'proxy' }>;

const role = roleSchema.safeParse(workerData);
if (parentPort !== null && role.success) {
  if (role.data.role === 'codec') serveCodec(parentPort);
  else void runProxy(parentPort, role.data);
}

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
    onChanged: () => channel.note('changed', null),
  });
  const channel = new ChannelServer<ProxyRequests, ProxyNotes>(port, proxyProtocol, {
    stop: async ({ graceMs }) => {
      await proxy.stop(graceMs);
      return null;
    },
    snapshot: () => proxy.snapshot(),
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
