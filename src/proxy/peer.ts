import { Agent, type ClientRequestArgs, type IncomingMessage, request } from 'node:http';
import { connect, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ApiCall, ApiReply } from '../link/api.ts';
import { parseJson } from '../turn/json.ts';
import { CappedText } from './cappedText.ts';
import { type Occupant, occupantOf } from './identity.ts';

/** Some operations ask a provider, or the user of another window. */
const answerMs = 60_000;

/** The head of a request that is held. */
const headMs = 10_000;

/** Far more than the longest answer of the management API. */
const mostAnswerBytes = 64 * 1024 * 1024;

/** How long the other may take. */
export interface Patience {
  /** For a whole answer. */
  readonly answerMs: number;
  /** For the head of an answer whose body goes on for ever. */
  readonly headMs: number;
}

/** The other one has shown who it is, and then did not answer in time. */
export class PeerSilent extends Error {
  override readonly name = 'PeerSilent';

  constructor(ms: number) {
    super(`There was no answer within ${Math.ceil(ms / 1000)} seconds.`);
  }
}

export type Found =
  | (Extract<Occupant, { kind: 'ours' }> & { readonly peer: Peer })
  | Exclude<Occupant, { kind: 'ours' }>;

/**
 * Connects to whoever serves the port. The proof that it is an OpenCodex of this user holds for that
 * one connection: what follows on it cannot reach a program that takes the port in between.
 */
export async function connectPeer(
  port: number,
  token: string,
  patience: Partial<Patience> = {},
): Promise<Found> {
  const agent = new OneConnection();
  const occupant = await occupantOf(port, token, agent);
  if (occupant.kind === 'ours') {
    return { ...occupant, peer: new Peer(port, token, agent, { answerMs, headMs, ...patience }) };
  }
  agent.destroy();
  return occupant;
}

/** Another proxy that has shown who it is. To be closed after use. */
export class Peer {
  readonly #port: number;
  readonly #token: string;
  readonly #agent: Agent;
  readonly #patience: Patience;

  constructor(port: number, token: string, agent: Agent, patience: Patience) {
    this.#port = port;
    this.#token = token;
    this.#agent = agent;
    this.#patience = patience;
  }

  /** Rejects when the connection is lost, and with `PeerSilent` when the answer takes too long. */
  async call(call: ApiCall): Promise<ApiReply> {
    const { answerMs } = this.#patience;
    return await this.#within(answerMs, async (signal) => {
      const answer = await this.#send(call, signal);
      const text = new CappedText(mostAnswerBytes);
      for await (const chunk of answer) if (Buffer.isBuffer(chunk)) text.push(chunk);
      return { status: answer.statusCode ?? 0, body: parseJson(text.text()) };
    });
  }

  /** The answer's head; its body is the caller's to read, for as long as it lasts. */
  open(call: ApiCall): Promise<IncomingMessage> {
    return this.#within(this.#patience.headMs, (signal) => this.#send(call, signal));
  }

  async #within<T>(ms: number, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), ms);
    try {
      return await act(late.signal);
    } catch (thrown) {
      throw late.signal.aborted ? new PeerSilent(ms) : thrown;
    } finally {
      clearTimeout(timer);
    }
  }

  #send({ method, path, body }: ApiCall, signal: AbortSignal): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = {
      'x-opencodex-token': this.#token,
      accept: 'application/json',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    };
    const at = { host: '127.0.0.1', port: this.#port, agent: this.#agent, signal };
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

  override createConnection(
    { port }: ClientRequestArgs,
    created?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | undefined {
    if (this.#used) {
      // Handing out a destroyed socket instead makes an agent ask again and again.
      created?.(new Error('The connection is gone.'), new Socket().destroy());
      return undefined;
    }
    this.#used = true;
    return connect({ host: '127.0.0.1', port: Number(port), noDelay: true });
  }
}
