import type { IncomingHttpHeaders } from 'node:http';
import type { Transform } from 'node:stream';
import type { Dispatcher } from 'undici';
import { reasonOf } from '../language/reason.ts';
import type { WebCall } from '../providers/webCall.ts';
import { type TurnError, turnError } from '../turn/error.ts';
import { codingsOf, contentDecoder } from './contentCoding.ts';
import { createDispatcher, type NetworkOptions } from './network.ts';
import { networkError } from './networkError.ts';
import type { AnswerHeaders, Exchange, Receiver, Upstream, UpstreamRequest } from './upstream.ts';
import { webCall } from './webCall.ts';

interface Place {
  readonly origin: string;
  readonly path: string;
}

const mostPlaces = 100;

/** Sends turns over HTTP, never following a redirect: it would take the credential elsewhere. */
export class HttpUpstream implements Upstream {
  /** Small requests over the same connections. */
  readonly call: WebCall;
  readonly #dispatcher: Dispatcher;
  readonly #places = new Map<string, Place>();

  constructor(env: Readonly<Record<string, string | undefined>>, network: NetworkOptions) {
    this.#dispatcher = createDispatcher(env, network);
    this.call = webCall(this.#dispatcher);
  }

  send(request: UpstreamRequest, receiver: Receiver): Exchange {
    const exchange = new HttpExchange(request, receiver);
    try {
      this.#dispatcher.dispatch(
        {
          ...this.#placeOf(request.url),
          method: 'POST',
          headers: request.headers,
          body: request.body,
        },
        exchange,
      );
    } catch (thrown) {
      exchange.onResponseError(undefined, thrown);
    }
    return exchange;
  }

  /** Taking an address apart takes longer than finding it again, and there are few. */
  #placeOf(url: string): Place {
    const known = this.#places.get(url);
    if (known !== undefined) return known;
    const { origin, pathname, search } = new URL(url);
    const place = { origin, path: pathname + search };
    if (this.#places.size >= mostPlaces) this.#places.clear();
    this.#places.set(url, place);
    return place;
  }

  /** Ends every connection. */
  async dispose(): Promise<void> {
    await this.#dispatcher.destroy();
  }
}

class HttpExchange implements Dispatcher.DispatchHandler, Exchange {
  // Not the whole request: its body is to be let go when it has been sent.
  readonly #label: string;
  readonly #url: string;
  readonly #receiver: Receiver;
  #controller: Dispatcher.DispatchController | undefined;
  #decoder: Transform | undefined;
  #began = false;
  #over = false;

  constructor(request: UpstreamRequest, receiver: Receiver) {
    this.#label = request.label;
    this.#url = request.url;
    this.#receiver = receiver;
  }

  pause(): void {
    if (this.#decoder === undefined) this.#controller?.pause();
    else this.#decoder.pause();
  }

  resume(): void {
    if (this.#over) return;
    if (this.#decoder === undefined) this.#controller?.resume();
    else this.#decoder.resume();
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#decoder?.destroy();
    this.#controller?.abort(new Error('aborted'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) controller.abort(new Error('aborted'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < 200 || this.#over) return;
    this.#began = true;
    const codings = codingsOf(headers['content-encoding']);
    const [coding] = codings;
    if (coding !== undefined) {
      this.#decoder = codings.length === 1 ? contentDecoder(coding) : undefined;
      if (this.#decoder === undefined) {
        this.#fail(
          turnError(
            'upstream',
            `${this.#label} answered in an encoding that was not asked for (${codings.join(', ')}).`,
            { status },
          ),
        );
        return;
      }
      this.#follow(this.#decoder);
    }
    try {
      this.#receiver.head(status, firstOfEach(headers));
    } catch (thrown) {
      this.#fault(thrown);
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    if (this.#decoder === undefined) this.#data(chunk);
    else if (!this.#decoder.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#over) return;
    if (this.#decoder === undefined) this.#end();
    else this.#decoder.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, thrown: unknown): void {
    if (this.#over) return;
    this.#fail(networkError(this.#label, this.#url, thrown, this.#began));
  }

  /** Some hosts compress although they were asked not to. */
  #follow(decoder: Transform): void {
    decoder.on('data', (chunk: Buffer) => {
      if (!this.#over) this.#data(chunk);
    });
    decoder.on('drain', () => this.#controller?.resume());
    decoder.on('end', () => {
      if (!this.#over) this.#end();
    });
    decoder.on('error', () => {
      if (this.#over) return;
      this.#fail(turnError('cut', `${this.#label}: the compressed answer is damaged.`));
    });
  }

  #data(chunk: Buffer): void {
    try {
      this.#receiver.data(chunk);
    } catch (thrown) {
      this.#fault(thrown);
    }
  }

  #end(): void {
    this.#over = true;
    try {
      this.#receiver.end();
    } catch (thrown) {
      this.#fault(thrown);
    }
  }

  /** A fault of ours must not be told as one of the connection. */
  #fault(thrown: unknown): void {
    const reason = reasonOf(thrown);
    const message = `OpenCodex could not read the answer of ${this.#label}: ${reason}`;
    this.#fail(turnError('internal', message));
  }

  #fail(error: TurnError): void {
    this.abort();
    this.#receiver.fail(error);
  }
}

function firstOfEach(headers: IncomingHttpHeaders): AnswerHeaders {
  const first: Record<string, string | undefined> = {};
  for (const name in headers) {
    const value = headers[name];
    first[name] = typeof value === 'string' ? value : value?.[0];
  }
  return first;
}
