import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
} from 'node:http';
import { connect } from 'node:net';
import type { RunningProxy } from '../support/proxy.ts';
import { until } from '../support/until.ts';

/** Where a proxy is, and what it asks for. */
type Address = Pick<RunningProxy, 'port' | 'token'>;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Default true: the access token is sent. */
  readonly authorized?: boolean;
}

/** A request's answer, also where the connection broke in the middle of it. */
export async function ask(proxy: Address, given: Ask = {}): Promise<Answer> {
  const stream = await open(proxy, given);
  await stream.ended;
  return { status: stream.status, headers: stream.headers, body: stream.text() };
}

/** Sends a turn. */
export function turn(proxy: Address, fields: object = {}, more: Ask = {}): Promise<Answer> {
  return ask(proxy, turnRequest(fields, more));
}

export function openTurn(proxy: Address, fields: object = {}, more: Ask = {}) {
  return open(proxy, turnRequest(fields, more));
}

export function turnRequest(fields: object = {}, more: Ask = {}): Ask {
  const body = JSON.stringify({ model: 'sim/m', input: 'hi', stream: true, ...fields });
  return { method: 'POST', path: '/v1/responses', body, ...more };
}

/** Sends a turn, and gives what a client does that goes away before there is an answer. */
export function sendTurn(proxy: Address): () => void {
  const sent = send(proxy, turnRequest());
  sent.on('error', () => {});
  return () => sent.destroy();
}

export interface OpenStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** What has come so far. */
  text(): string;
  /** Resolves with true when the answer was complete, with false when it was cut. */
  readonly ended: Promise<boolean>;
  has(part: string): Promise<unknown>;
  pause(): void;
  resume(): void;
  close(): void;
}

export function open(proxy: Address, given: Ask = {}): Promise<OpenStream> {
  const { promise, resolve, reject } = Promise.withResolvers<OpenStream>();
  const sent = send(proxy, given);
  sent.on('response', (answer) => resolve(streamOf(answer, () => sent.destroy())));
  sent.on('error', reject);
  return promise;
}

function send(proxy: Address, given: Ask): ClientRequest {
  const { method = 'GET', path = '/v1/models', body, authorized = true } = given;
  const headers: Record<string, string> = {
    ...(authorized ? { authorization: `Bearer ${proxy.token}` } : {}),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...given.headers,
  };
  const { port } = proxy;
  const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
  return sent.end(body);
}

function streamOf(answer: IncomingMessage, close: () => void): OpenStream {
  const chunks: Buffer[] = [];
  const text = (): string => Buffer.concat(chunks).toString();
  answer.on('data', (chunk: Buffer) => chunks.push(chunk));
  answer.on('error', () => {});
  const ended = new Promise<boolean>((resolve) => {
    answer.on('close', () => resolve(answer.complete));
  });
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    text,
    ended,
    has: (part) => until(`"${part}"`, () => text().includes(part)),
    pause: () => answer.pause(),
    resume: () => answer.resume(),
    close,
  };
}

/** Sends bytes as they are and gives back what comes until the connection closes. */
export function raw(port: number, text: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let got = '';
  const socket = connect({ host: '127.0.0.1', port }, () => socket.write(text));
  socket.on('data', (chunk) => {
    got += chunk.toString('latin1');
  });
  socket.on('close', () => resolve(got));
  socket.on('error', reject);
  return promise;
}

/** The events of a stream, without keep-alives of pass-through. */
export function eventsOf(
  text: string,
): readonly { readonly type: string; readonly [key: string]: unknown }[] {
  return text
    .split('\n\n')
    .flatMap((event) => event.split('\n').filter((line) => line.startsWith('data: ')))
    .map((line) => JSON.parse(line.slice(6)));
}

/** The text that a stream's deltas make. */
export function textOf(text: string): string {
  return eventsOf(text)
    .filter((event) => event.type === 'response.output_text.delta')
    .map((event) => String(event['delta']))
    .join('');
}

/** A provider entry for a fake upstream. */
export function chatEntry(url: string, more: object = {}): object {
  return { adapter: 'openai-chat', baseUrl: `${url}/v1`, apiKey: 'sim-key-0123456789', ...more };
}

export function responsesEntry(url: string, more: object = {}): object {
  return {
    adapter: 'openai-responses',
    baseUrl: url,
    apiKey: 'sim-key-0123456789',
    passthrough: true,
    ...more,
  };
}
