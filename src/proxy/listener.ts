import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Limits } from './limits.ts';

const loopback = '127.0.0.1';

/** Answers a request that came in on the given port. */
export type HandleRequest = (
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
) => void;

/** The socket that Codex connects to, on this machine's own address only. */
export class Listener {
  readonly #server: Server;
  #port = 0;
  #closed: Promise<void> | undefined;

  constructor(limits: Limits, handle: HandleRequest) {
    this.#server = createServer(
      {
        maxHeaderSize: limits.headerBytes,
        headersTimeout: limits.headersMs,
        connectionsCheckingInterval: Math.min(5_000, limits.headersMs),
        // Longer than Codex keeps an idle connection, so that it never meets one just closing.
        keepAliveTimeout: 120_000,
        noDelay: true,
      },
      (request, response) => {
        response.on('close', () => this.#letGo());
        handle(request, response, this.#port);
      },
    );
    this.#server.maxConnections = limits.streams * 4;
    this.#server.on('clientError', (error, socket) => refuseBroken(error, socket, limits));
    // Codex falls back to plain HTTP at once on 426, and on nothing else.
    this.#server.on('upgrade', (_request, socket) => {
      socket.on('error', () => {});
      socket.end('HTTP/1.1 426 Upgrade Required\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    });
  }

  get port(): number {
    return this.#port;
  }

  /** Listens; the code of what went wrong otherwise, as `EADDRINUSE`. */
  listen(port: number): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const failed = (thrown: Error): void => {
      resolve('code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.message);
    };
    this.#server.once('error', failed);
    this.#server.listen({ host: loopback, port, exclusive: true }, () => {
      this.#server.off('error', failed);
      const address = this.#server.address();
      this.#port = typeof address === 'object' && address !== null ? address.port : port;
      resolve(undefined);
    });
    return promise;
  }

  /** A connection on which a request has ended must not bring the next one to a closing listener. */
  #letGo(): void {
    if (this.#closed !== undefined) setImmediate(() => this.#server.closeIdleConnections());
  }

  /** Takes no more connections, and ends those on which nothing is going on. */
  refuseNew(): void {
    this.#closed ??= new Promise((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    this.refuseNew();
    this.#server.closeAllConnections();
    await this.#closed;
  }
}

/**
 * Answers what is not even a whole head of a request. Node's own 431 for large headers would be
 * repeated by Codex, and tell its user nothing; the text of a 400 is shown.
 */
function refuseBroken(error: Error, socket: Duplex, limits: Limits): void {
  const code = 'code' in error ? error.code : undefined;
  if (!socket.writable || code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const tooLarge = `OpenCodex: the headers of the request are larger than ${limits.headerBytes / 1024} KiB.`;
  const text = code === 'HPE_HEADER_OVERFLOW' ? tooLarge : '';
  const status = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
  const head = `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${text.length}\r\n\r\n`;
  socket.end(head + text, () => socket.destroy());
}
