import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { serveIn } from './listen.ts';
import type { Scope } from './scope.ts';
import type { Answer, SeenRequest, Turn } from './script.ts';
import type { FakeProvider } from './wire.ts';

/** A request that has arrived whole; nobody has looked at it yet. */
export interface Arrived {
  readonly method: string | undefined;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `undefined` where it is no JSON. */
  readonly body: unknown;
  readonly outcome: SeenRequest['outcome'];
}

/** How a vendor says that it does not take a request. */
export interface FakeRefusal {
  /** For the test to read. */
  readonly note: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

/** What makes a server of HTTP one vendor's. */
export interface Vendor {
  readonly apiKey: string;
  /** The provider's record for config.json. */
  entry(origin: string): FakeProvider['entry'];
  /**
   * Throws what the vendor would refuse. `next` keeps the request, as it was understood, and gives
   * what the script says to answer.
   */
  respond(
    arrived: Arrived,
    response: ServerResponse,
    next: (seen: SeenRequest) => Answer,
  ): Promise<void>;
  /** Of what `respond` has thrown, a fault of the fake's own included. */
  refusalOf(thrown: unknown): FakeRefusal;
}

/** Starts a fake provider: it keeps a record of its requests and plays the script's turns in order. */
export async function startFake(scope: Scope, vendor: Vendor): Promise<FakeProvider> {
  const requests: SeenRequest[] = [];
  const refusals: string[] = [];
  const turns: Turn[] = [];
  let always: Turn | undefined;
  let posts = 0;

  const server = createServer((request, response) => {
    void receive(request, response).catch((thrown: unknown) => {
      const { note, status, headers, body } = vendor.refusalOf(thrown);
      refusals.push(note);
      if (response.headersSent) response.destroy();
      else response.writeHead(status, { ...headers }).end(JSON.stringify(body));
    });
  });

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (asksForModels(request)) {
      response.writeHead(404).end();
      return;
    }
    const body = parse(await readBody(request));
    if (request.method === 'POST') posts += 1;
    const arrived: Arrived = {
      method: request.method,
      url: request.url ?? '/',
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      ),
      body,
      outcome: new Promise((settle) => {
        response.once('close', () => settle(response.writableFinished ? 'answered' : 'aborted'));
      }),
    };
    await vendor.respond(arrived, response, (seen) => {
      requests.push(seen);
      const turn = turns.shift() ?? always;
      if (turn === undefined) throw new Error('the script has no turn for this request');
      return typeof turn === 'function' ? turn(seen) : turn;
    });
  }

  const port = await serveIn(scope, server);

  return {
    entry: vendor.entry(`http://127.0.0.1:${port}`),
    apiKey: vendor.apiKey,
    requests,
    refusals,
    get posts() {
      return posts;
    },
    get unplayed() {
      return turns.length;
    },
    play: (...more) => void turns.push(...more),
    playAlways: (turn) => {
      always = turn;
    },
  };
}

/** The proxy may ask which models there are; the fakes are about turns and do not tell. */
export function asksForModels({ method, url = '' }: IncomingMessage): boolean {
  return method === 'GET' && /\/models(?:\?.*)?$/.test(url);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
