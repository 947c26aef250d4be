import { readFileSync } from 'node:fs';
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { serveIn } from './listen.ts';
import { gate } from './until.ts';

/** A request as the fake provider got it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Resolves when the connection closes before the answer has ended. */
  readonly aborted: Promise<void>;
}

export type Respond = (request: SeenRequest, response: ServerResponse) => unknown;

/** A provider of nothing but HTTP: what it answers is the test's. */
export interface FakeUpstream {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly SeenRequest[];
  readonly connections: number;
  respond: Respond;
}

const certificate = (name: string) =>
  readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));

/** `secure`: under the names of the tests' certificate, which clients reach through a proxy. */
export async function startUpstream(
  scope: { add(closer: () => unknown): void },
  respond: Respond = (_request, response) => response.end(),
  { secure = false }: { readonly secure?: boolean } = {},
): Promise<FakeUpstream> {
  const requests: SeenRequest[] = [];
  let connections = 0;
  const receive: RequestListener = async (request, response) => {
    const aborted = gate();
    response.on('close', () => {
      if (!response.writableFinished) aborted.open();
    });
    response.on('error', () => {});
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;
    }
    const seen: SeenRequest = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks),
      aborted: aborted.opened,
    };
    requests.push(seen);
    await upstream.respond(seen, response);
  };
  const server = secure
    ? createSecureServer({ key: certificate('serverKey.pem'), cert: certificate('server.pem') })
    : createServer();
  server.on('request', receive);
  server.on('connection', () => {
    connections += 1;
  });
  const port = await serveIn(scope, server);
  const upstream: FakeUpstream = {
    url: `${secure ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    get connections() {
      return connections;
    },
    respond,
  };
  return upstream;
}

/** Chat Completions chunks as an event stream. */
export function chatStream(...deltas: readonly object[]): string {
  const chunks = deltas.map((delta, i) => ({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: i === deltas.length - 1 ? 'stop' : null }],
  }));
  const usage = {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [],
    usage: { prompt_tokens: 10, completion_tokens: 3, total_tokens: 13 },
  };
  return `${[...chunks, usage].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`;
}

/** One chunk of such a stream, without an end. */
export function chatChunk(text: string): string {
  return `data: ${JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta: { content: text }, finish_reason: null }],
  })}\n\n`;
}

export const eventStream = { 'content-type': 'text/event-stream' } as const;

/** Answers every turn with one word. */
export function sayOk(_request: unknown, response: ServerResponse): void {
  response.writeHead(200, eventStream).end(chatStream({ content: 'ok' }));
}
