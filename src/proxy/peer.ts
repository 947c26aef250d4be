import { Agent, type ClientRequestArgs, type IncomingMessage, request } from 'node:http';
import { connect, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ApiCall, ApiReply } from '../link/api.ts';
import { parseJson } from '../turn/json.ts';
import { CappedText } from './cappedText.ts';
import { type Occupant, occupantOf } from './identity.ts';

/** Far more than the longest answer of the management API. */
const mostAnswerBytes = 64 * 1024 * 1024;

export type Found =
  | (Extract<Occupant, { kind: 'ours' }> & { readonly peer: Peer })
  | Exclude<Occupant, { kind: 'ours' }>;

/**
 * Connects to whoever serves the port. The proof that it is an OpenCodex of this user holds for that
 * one connection: what follows on it cannot reach a program that takes the port in between.
 */
export async function connectPeer(port: number, token: string): Promise<Found> {
  const agent = new OneConnection();
  const occupant = await occupantOf(port, token, agent);
  if (occupant.kind === 'ours') return { ...occupant, peer: new Peer(port, token, agent) };
  agent.destroy();
  return occupant;
}

/** Another proxy that has shown who it is. To be closed after use. */
export class Peer {
  readonly #port: number;
  readonly #token: string;
  readonly #agent: Agent;

  constructor(port: number, token: string, agent: Agent) {
    this.#port = port;
    this.#token = token;
    this.#agent = agent;
  }

  /** Rejects when the connection is lost. */
  async call(call: ApiCall): Promise<ApiReply> {
    const answer = await this.open(call);
    const text = new CappedText(mostAnswerBytes);
    for await (const chunk of answer) if (Buffer.isBuffer(chunk)) text.push(chunk);
    return { status: answer.statusCode ?? 0, body: parseJson(text.text()) };
  }

  /** The answer's head; its body is the caller's to read. */
  open({ method, path, body }: ApiCall): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = {
      'x-opencodex-token': this.#token,
      accept: 'application/json',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    };
    const at = { host: '127.0.0.1', port: this.#port, agent: this.#agent };
    const sent = request({ ...at, method, path, headers }, resolve);
    sent.on('error', reject);
    sent.end(text);
    return promise;
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Connects once: when that connection is gone, so is everything that was to follow on it. */
class OneConnection extends Agent {
  #used = false;

  constructor() {
    super({ keepAlive: true, maxSockets: 1 });
  }

  override createConnection({ port }: ClientRequestArgs): Duplex {
    if (this.#used) return new Socket().destroy();
    this.#used = true;
    return connect({ host: '127.0.0.1', port: Number(port), noDelay: true });
  }
}
