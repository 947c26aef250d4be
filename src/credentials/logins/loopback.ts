import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { callbackPages } from './callbackPages.ts';
import type { BrowserRules } from './definitions.ts';

/** The program that a browser comes back to after a login. */
export interface Loopback {
  readonly redirectUri: string;
  /** What came with the right state; `undefined` after too many wrong ones. */
  readonly callback: Promise<URLSearchParams | undefined>;
  /** Ends all connections too. */
  close(): Promise<void>;
}

const path = '/callback';

/** Any page may call this address; but one that keeps trying is not left alone with it. */
const mostWrong = 20;
const mostPortsTried = 5;

/** `undefined` where this machine lets nobody listen. */
export async function openLoopback(
  rules: BrowserRules,
  state: string,
): Promise<Loopback | undefined> {
  const { promise: callback, resolve } = Promise.withResolvers<URLSearchParams | undefined>();
  let host = '';
  let wrong = 0;
  let claimed = false;

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const send = (status: number, page: string): void => {
      response.writeHead(status, { ...pageHeaders, ...crossOrigin(rules, request) }).end(page);
    };
    const url = callbackUrl(request, host, rules.corsOrigin);
    if (url === undefined) {
      send(403, callbackPages.refused);
    } else if (url.pathname !== path) {
      send(404, callbackPages.refused);
    } else if (request.method === 'OPTIONS') {
      send(204, '');
    } else if (request.method !== 'GET') {
      send(405, callbackPages.refused);
    } else if (!isState(state, url.searchParams.getAll('state'))) {
      wrong += 1;
      send(400, callbackPages.foreign);
      if (wrong >= mostWrong && !claimed) resolve(undefined);
    } else if (claimed) {
      send(409, callbackPages.used);
    } else {
      claimed = true;
      send(200, url.searchParams.has('error') ? callbackPages.declined : callbackPages.received);
      resolve(url.searchParams);
    }
  };

  const open = await listen(rules.loopbackHost, answer);
  if (open === undefined) return undefined;
  host = `${rules.loopbackHost}:${open.port}`;
  return {
    redirectUri: `http://${host}${path}`,
    callback,
    close: async () => await closeAll(open.servers),
  };
}

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  connection: 'close',
};

/** The address that was called, if by its own name and by nobody who may not. */
function callbackUrl(
  request: IncomingMessage,
  host: string,
  corsOrigin: string | undefined,
): URL | undefined {
  const hosts = request.headersDistinct['host'] ?? [];
  const { origin } = request.headers;
  if (hosts.length !== 1 || hosts[0] !== host) return undefined;
  if (origin !== undefined && origin !== corsOrigin) return undefined;
  const url = URL.parse(request.url ?? '', `http://${host}`);
  return url?.host === host ? url : undefined;
}

/** The one page that brings the code by a request of its own is told that it may. */
function crossOrigin(
  { corsOrigin }: BrowserRules,
  { headers }: IncomingMessage,
): Readonly<Record<string, string>> {
  if (corsOrigin === undefined || headers.origin !== corsOrigin) return {};
  return {
    'access-control-allow-origin': corsOrigin,
    'access-control-allow-methods': 'GET',
    'access-control-allow-private-network': 'true',
    vary: 'origin',
  };
}

function isState(ours: string, given: readonly string[]): boolean {
  const [expected, presented] = [Buffer.from(ours), Buffer.from(given[0] ?? '')];
  return (
    given.length === 1 &&
    expected.length === presented.length &&
    timingSafeEqual(expected, presented)
  );
}

interface Listening {
  readonly servers: readonly Server[];
  readonly port: number;
}

/** A name may lead a browser to either loopback address, so then both are listened on. */
async function listen(
  loopbackHost: BrowserRules['loopbackHost'],
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Listening | undefined> {
  for (let tries = 0; tries < mostPortsTried; tries += 1) {
    const first = await listenOn('127.0.0.1', 0, answer);
    if (first.kind !== 'listening') continue;
    if (loopbackHost === '127.0.0.1') return { servers: [first.server], port: first.port };
    const second = await listenOn('::1', first.port, answer);
    switch (second.kind) {
      case 'listening':
        return { servers: [first.server, second.server], port: first.port };
      case 'no-such-address':
        return { servers: [first.server], port: first.port };
      case 'taken':
        await closeAll([first.server]);
    }
  }
  return undefined;
}

async function listenOn(
  address: string,
  port: number,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<
  | { readonly kind: 'listening'; readonly server: Server; readonly port: number }
  | { readonly kind: 'taken' | 'no-such-address' }
> {
  const server = createServer(
    { maxHeaderSize: 16 * 1024, headersTimeout: 10_000, requestTimeout: 10_000 },
    answer,
  );
  server.maxConnections = 64;
  try {
    server.listen(port, address);
    await once(server, 'listening');
  } catch (thrown) {
    const taken = thrown instanceof Error && 'code' in thrown && thrown.code === 'EADDRINUSE';
    return { kind: taken ? 'taken' : 'no-such-address' };
  }
  const bound = server.address();
  return bound === null || typeof bound === 'string'
    ? { kind: 'no-such-address' }
    : { kind: 'listening', server, port: bound.port };
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((closed) => {
          server.close(() => closed());
          server.closeAllConnections();
        }),
    ),
  );
}
