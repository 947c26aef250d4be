import { createServer } from 'node:http';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { serveIn } from './listen.ts';
import type { Scope } from './scope.ts';

const authority = fileURLToPath(new URL('../fixtures/tls/authority.pem', import.meta.url));

/** A company's HTTP proxy, through which a test's fakes are reached under the real hosts' names. */
export interface ConnectProxy {
  readonly url: string;
  /** Makes a program use it, and trust the tests' certificates (test/fixtures/tls). */
  readonly env: Readonly<Record<'HTTPS_PROXY' | 'NODE_EXTRA_CA_CERTS', string>>;
  /** The hosts that somebody wanted to reach, each with its port. */
  readonly asked: readonly string[];
}

/** Connects to the port of this machine that `portOf` names; other hosts cannot be reached. */
export async function startConnectProxy(
  scope: Scope,
  portOf: (host: string) => number | undefined,
): Promise<ConnectProxy> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(String(request.url));
    response.writeHead(502).end();
  });
  server.on('connect', (request, socket) => {
    const target = request.url ?? '';
    asked.push(target);
    const [host = '', port] = target.split(':');
    const local = port === '443' ? portOf(host) : undefined;
    socket.on('error', () => {});
    scope.add(() => socket.destroy());
    if (local === undefined) {
      socket.end('HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n');
      return;
    }
    const onward = connect({ host: '127.0.0.1', port: local }, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  });
  const url = `http://127.0.0.1:${await serveIn(scope, server)}`;
  return { url, env: { HTTPS_PROXY: url, NODE_EXTRA_CA_CERTS: authority }, asked };
}
