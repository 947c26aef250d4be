import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Server as HttpServer } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Server } from 'node:net';

/** Listens on a free port of this machine, and gives it. */
export async function listen(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

/** The same for as long as the scope is open. */
export async function serveIn(
  scope: { add(closer: () => unknown): void },
  server: Server,
): Promise<number> {
  const port = await listen(server);
  scope.add(() => {
    server.close();
    if (server instanceof HttpServer || server instanceof HttpsServer) server.closeAllConnections();
  });
  return port;
}
