import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { identify } from '../../src/proxy/identity.ts';
import { serveIn } from '../support/listen.ts';
import type { Scope } from '../support/scope.ts';

/** A request of the management API as the leader got it. */
export interface LeaderCall {
  readonly path: string;
  readonly body: string;
}

export interface FakeLeader {
  readonly port: number;
  readonly token: string;
  readonly calls: readonly LeaderCall[];
  /** Ends the requests that are held. */
  letGo(): void;
}

/** Proves that it is the user's own proxy, holds those who listen, and leaves the rest to a test. */
export async function startFakeLeader(
  scope: Scope,
  answer: (call: LeaderCall, response: ServerResponse) => unknown,
  holds = true,
): Promise<FakeLeader> {
  const token = 'fake-leader-token';
  const calls: LeaderCall[] = [];
  const held = new Set<ServerResponse>();
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    if (pathname === '/api/identity') {
      const who = { token, port: request.socket.localPort ?? 0, version: '1.0.0' };
      response.end(JSON.stringify(identify(searchParams.get('nonce'), who)));
    } else if (pathname === '/api/events') {
      if (!holds) return;
      held.add(response);
      response.writeHead(200).flushHeaders();
    } else {
      const call = { path: pathname, body: await text(request) };
      calls.push(call);
      await answer(call, response);
    }
  };
  const server = createServer((request, response) => void take(request, response));
  const port = await serveIn(scope, server);
  return {
    ...{ port, token, calls },
    letGo: () => {
      for (const response of held) response.end();
      held.clear();
    },
  };
}
