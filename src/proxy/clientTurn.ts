import type { ServerResponse } from 'node:http';
import { failedStream } from '../adapters/openaiResponses/insertedEvents.ts';
import type { Redactor } from '../credentials/redact.ts';
import type { LogLine } from '../link/state.ts';
import { failsInStream, httpAnswer } from '../responses/errors.ts';
import type { SidecarCall } from '../sidecars/sidecarCall.ts';
import type { TurnError } from '../turn/error.ts';
import type { Usage } from '../turn/event.ts';
import { send, wantsJson } from './answer.ts';
import type { KeepAlive, KeptAlive } from './keepAlive.ts';
import type { Ending, RequestRecord } from './requestLog.ts';
import type { Exchange, Receiver, Upstream, UpstreamRequest } from './upstream.ts';

/** How long an upstream that has said everything may take to close, so that its connection is kept. */
export const lingerMs = 1_000;

/** What answers a turn: it hears the upstream and writes to the client. */
export interface Answer extends Receiver {
  /** The client has heard nothing for the whole keep-alive interval. */
  beat(): void;
  /** The client has closed the connection; what had become of the answer by then. */
  left(): Ended;
}

export interface Ended {
  readonly status: Ending;
  readonly usage: Usage | undefined;
  readonly error: string | undefined;
}

export interface TurnServices {
  readonly keepAlive: KeepAlive;
  readonly redactor: Redactor;
  log(line: LogLine): void;
}

/**
 * The client's side of one turn. Writes are gathered until the current callbacks are done, so that
 * the events of one network read leave together. A client that reads slowly holds the upstream; one
 * that goes away ends it.
 */
export class ClientTurn implements KeptAlive {
  readonly record: RequestRecord;
  /** The client asked for a stream. */
  stream = false;
  /** It may have to be sent once more although its answer has begun. */
  keepsRequest = false;
  silentTicks = 0;
  readonly #response: ServerResponse;
  readonly #services: TurnServices;
  readonly #settled: (turn: ClientTurn) => void;
  #answer: Answer | undefined;
  #exchange: Exchange | undefined;
  #linger: NodeJS.Timeout | undefined;
  #waiting: NodeJS.Timeout | undefined;
  #held: (() => void)[] = [];
  readonly #whenOver: (() => void)[] = [];
  #text = '';
  #bytes: Uint8Array[] = [];
  #scheduled = false;
  #over = false;

  constructor(
    response: ServerResponse,
    record: RequestRecord,
    services: TurnServices,
    settled: (turn: ClientTurn) => void,
  ) {
    this.#response = response;
    this.record = record;
    this.#services = services;
    this.#settled = settled;
    response.on('close', () => this.#closed());
    response.on('drain', () => this.#exchange?.resume());
    // A client that vanishes while it is written to: `close` says the same.
    response.on('error', () => {});
  }

  /** Whether the client has its answer, or has gone. */
  get over(): boolean {
    return this.#over;
  }

  /** Whether the client has been told that the answer is a 200. */
  get committed(): boolean {
    return this.#response.headersSent;
  }

  /** Sends the request, and from now on `answer` hears of it. */
  start(upstream: Upstream, request: UpstreamRequest, answer: Answer): void {
    if (this.#over) return;
    this.#answer = answer;
    this.#services.keepAlive.add(this);
    const exchange = upstream.send(request, answer);
    if (this.#over) exchange.abort();
    else this.#exchange = exchange;
  }

  /** No provider is asked for a while; `answer` speaks to the client until one is. */
  attend(answer: Answer): void {
    if (this.#over) return;
    this.endAttempt();
    this.#answer = answer;
    this.#services.keepAlive.add(this);
  }

  /** Has `stop` called when the client has its answer, or has gone. */
  whenOver(stop: () => void): void {
    if (this.#over) stop();
    else this.#whenOver.push(stop);
  }

  /** Writes down a call beside the turn. */
  noteSidecar(call: SidecarCall): void {
    const { error } = call;
    const { redactor } = this.#services;
    this.record.sidecars.push(
      error === undefined ? call : { ...call, error: redactor.redact(error) },
    );
  }

  /** Has `release` called when the request will not be sent again. */
  hold(release: () => void): void {
    if (this.#over) release();
    else this.#held.push(release);
  }

  /** The request will not be sent again. */
  letGo(): void {
    if (this.keepsRequest && !this.#over) return;
    for (const release of this.#held.splice(0)) release();
  }

  /** Ends an attempt of which the client has heard nothing. */
  endAttempt(): void {
    this.#answer = undefined;
    this.#exchange?.abort();
    this.#exchange = undefined;
  }

  /** Goes on after a while, unless the turn is over by then. */
  wait(ms: number, then: () => void): void {
    clearTimeout(this.#waiting);
    if (!this.#over) this.#waiting = setTimeout(then, ms);
  }

  beat(): void {
    if (!this.#over && !this.#response.writableNeedDrain) this.#answer?.beat();
  }

  /** Decides status and headers; they leave with the first bytes, or with these callbacks' end. */
  commit(status: number, headers: Readonly<Record<string, string>>): void {
    if (this.#over) return;
    this.letGo();
    this.#response.writeHead(status, headers);
    this.#schedule();
  }

  writeText(text: string): void {
    if (this.#bytes.length === 0) this.#text += text;
    else this.#bytes.push(Buffer.from(text));
    this.#schedule();
  }

  /** The bytes must not change any more. */
  writeBytes(bytes: Uint8Array): void {
    if (this.#text !== '') {
      this.#bytes.push(Buffer.from(this.#text));
      this.#text = '';
    }
    this.#bytes.push(bytes);
    this.#schedule();
  }

  /** The moment of the first event that says something. */
  markFirstToken(): void {
    this.record.firstToken();
  }

  /** Ends the client's answer; what was written before goes out first. */
  finish(ended: Ended): void {
    if (this.#over) return;
    this.#flush();
    this.#response.end();
    this.#settle(ended);
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    if (ended.status === 'failed') {
      exchange.abort();
    } else {
      exchange.resume();
      process.nextTick(linger, this);
    }
  }

  /** Ends the client's answer so that it can tell: it was cut, and there is no way to say so. */
  breakOff(error: TurnError): void {
    if (this.#over) return;
    this.#settle({ status: 'failed', usage: undefined, error: error.message });
    this.#response.destroy();
    this.#exchange?.abort();
  }

  /**
   * Answers with an error; only possible before `commit`. Codex shows the text of a passing failure
   * only as the end of a stream, and that of a lasting one only as an HTTP error.
   */
  reject(error: TurnError): void {
    if (this.#over) return;
    if (this.stream && failsInStream(error)) {
      this.commit(200, streamHeaders);
      this.writeText(failedStream(this.record, error));
      this.finish({ status: 'failed', usage: undefined, error: error.message });
      return;
    }
    const { status, headers, body } = httpAnswer(error, wantsJson(this.#response));
    const { 'content-type': contentType = 'text/plain; charset=utf-8', ...others } = headers;
    send(this.#response, status, contentType, body, others);
    this.#settle({ status: 'failed', usage: undefined, error: error.message });
    this.#exchange?.abort();
  }

  /** Answers with a whole body; `finish` follows. */
  reply(body: string, headers: Readonly<Record<string, string>>): void {
    if (this.#over) return;
    send(this.#response, 200, 'application/json; charset=utf-8', body, headers);
  }

  /** Ends the turn from our side, with an error that the client gets to read. */
  stop(error: TurnError): void {
    // An answer that fails takes its exchange for ended.
    const exchange = this.#exchange;
    if (this.#answer === undefined) this.reject(error);
    else this.#answer.fail(error);
    exchange?.abort();
  }

  /** The upstream has ended by itself. */
  upstreamEnded(): void {
    this.#exchange = undefined;
    clearTimeout(this.#linger);
  }

  /** An error as the client and the log may see it: providers like to quote keys. */
  clean(error: TurnError): TurnError {
    const message = this.#services.redactor.redact(error.message);
    return message === error.message ? error : { ...error, message };
  }

  #schedule(): void {
    if (this.#scheduled || this.#over) return;
    this.#scheduled = true;
    process.nextTick(flush, this);
  }

  /** Only for `linger`: mostly the upstream has ended by then. */
  endLater(): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    this.#linger = setTimeout(() => exchange.abort(), lingerMs);
    this.#linger.unref();
  }

  /** Only for `flush`. */
  flushGathered(): void {
    this.#scheduled = false;
    if (this.#over) return;
    if (this.#text === '' && this.#bytes.length === 0) this.#response.flushHeaders();
    else if (!this.#flush()) this.#exchange?.pause();
  }

  #flush(): boolean {
    this.silentTicks = 0;
    let flowing = true;
    if (this.#text !== '') {
      flowing = this.#response.write(this.#text);
      this.#text = '';
    }
    const [first] = this.#bytes;
    if (first !== undefined) {
      flowing = this.#response.write(this.#bytes.length === 1 ? first : Buffer.concat(this.#bytes));
      this.#bytes = [];
    }
    return flowing;
  }

  #closed(): void {
    if (this.#over) return;
    this.#exchange?.abort();
    this.#settle(this.#answer?.left() ?? { status: 'aborted', usage: undefined, error: undefined });
  }

  #settle({ status, usage, error }: Ended): void {
    this.#over = true;
    clearTimeout(this.#waiting);
    this.letGo();
    for (const stop of this.#whenOver.splice(0)) stop();
    this.#services.keepAlive.delete(this);
    const { record } = this;
    record.status = status;
    record.usage = usage;
    record.error = error;
    record.totalMs = Date.now() - record.startedAt;
    this.#text = '';
    this.#bytes = [];
    if (error !== undefined) {
      this.#services.log({ level: 'warn', text: `${record.model}: ${error}` });
    }
    this.#settled(this);
  }
}

export const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
} as const;

function linger(turn: ClientTurn): void {
  turn.endLater();
}

function flush(turn: ClientTurn): void {
  turn.flushGathered();
}
