import type { Adapter, Decoder } from '../adapters/adapter.ts';
import type { Target } from '../adapters/target.ts';
import { errorFromNonsense } from '../adapters/upstreamErrors.ts';
import { failsInStream } from '../responses/errors.ts';
import type { ReplyContext } from '../responses/reply.ts';
import { ResponseStream } from '../responses/stream.ts';
import { wholeResponse } from '../responses/whole.ts';
import { type TurnError, turnError } from '../turn/error.ts';
import type { TurnEvent } from '../turn/event.ts';
import { CappedText } from './cappedText.ts';
import { type Answer, type ClientTurn, type Ended, streamHeaders } from './clientTurn.ts';
import type { AnswerHeaders } from './upstream.ts';

export interface TranslatedContext {
  readonly adapter: Adapter;
  readonly target: Target;
  readonly reply: ReplyContext;
  /** Headers of a good answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Makes an error of the provider more helpful with what only we know. */
  readonly explain: (error: TurnError) => TurnError;
}

/** Turns a provider's answer into Responses events. */
export function translatedAnswer(turn: ClientTurn, context: TranslatedContext): Answer {
  const sink = context.reply.stream
    ? new StreamedSink(turn, context)
    : new WholeSink(turn, context);
  return new TranslatedAnswer(turn, context, sink);
}

/** Where the events of an answer go. */
interface Sink {
  write(events: readonly TurnEvent[]): void;
  fail(error: TurnError): void;
  beat(): void;
}

type Mode =
  /** No byte has come that tells how the answer is framed. */
  | { readonly name: 'undecided'; readonly headers: AnswerHeaders }
  | { readonly name: 'decoding'; readonly decoder: Decoder }
  /** An HTTP error, or a web page where the API should be. */
  | { readonly name: 'collecting'; readonly error: (body: string) => TurnError };

class TranslatedAnswer implements Answer {
  readonly #turn: ClientTurn;
  readonly #context: TranslatedContext;
  readonly #sink: Sink;
  readonly #collected = new CappedText();
  #mode: Mode = { name: 'undecided', headers: {} };

  constructor(turn: ClientTurn, context: TranslatedContext, sink: Sink) {
    this.#turn = turn;
    this.#context = context;
    this.#sink = sink;
  }

  head(status: number, headers: AnswerHeaders): void {
    const { adapter, target } = this.#context;
    if (status >= 200 && status < 300) {
      this.#mode = { name: 'undecided', headers };
    } else if (status < 400) {
      this.#fail(redirected(target, status));
    } else {
      this.#mode = {
        name: 'collecting',
        error: (body) => adapter.error({ status, headers, body }, target),
      };
    }
  }

  data(chunk: Uint8Array): void {
    if (this.#turn.over) return;
    switch (this.#mode.name) {
      case 'decoding':
        this.#take(this.#mode.decoder.push(chunk));
        break;
      case 'collecting':
        this.#collected.push(chunk);
        break;
      case 'undecided':
        this.#decide(chunk, this.#mode.headers);
        break;
    }
  }

  end(): void {
    this.#turn.upstreamEnded();
    if (this.#turn.over) return;
    switch (this.#mode.name) {
      case 'decoding':
        this.#take(this.#mode.decoder.end());
        if (!this.#turn.over) this.#fail(cut(this.#context.target));
        break;
      case 'collecting':
        this.#fail(this.#mode.error(this.#collected.text()));
        break;
      case 'undecided':
        this.#fail(errorFromNonsense('', this.#context.target));
        break;
    }
  }

  fail(error: TurnError): void {
    this.#turn.upstreamEnded();
    if (this.#turn.over) return;
    // A refusal says more than that its body could not be read to the end.
    const mode = this.#mode;
    const refused = mode.name === 'collecting' && error.kind === 'cut';
    this.#fail(refused ? mode.error(this.#collected.text()) : error);
  }

  beat(): void {
    this.#sink.beat();
  }

  left(): Ended {
    return { status: 'aborted', usage: undefined, error: undefined };
  }

  /** Content types are often wrong; how the first byte looks is not. */
  #decide(chunk: Uint8Array, headers: AnswerHeaders): void {
    const first = chunk.find((byte) => byte > 0x20);
    if (first === undefined) return;
    const { adapter, target } = this.#context;
    const character = String.fromCharCode(first);
    if (character === '<' || headers['content-type']?.includes('text/html') === true) {
      this.#mode = { name: 'collecting', error: (body) => errorFromNonsense(body, target) };
    } else {
      const kind = character === '{' || character === '[' ? 'json' : 'sse';
      this.#mode = { name: 'decoding', decoder: adapter.decoder(target, kind) };
    }
    this.data(chunk);
  }

  #take(events: readonly TurnEvent[]): void {
    if (events.length === 0) return;
    const last = events[events.length - 1];
    if (last?.type !== 'error') {
      this.#sink.write(events);
      return;
    }
    if (events.length > 1) this.#sink.write(events.slice(0, -1));
    this.#fail(last.error);
  }

  #fail(error: TurnError): void {
    this.#sink.fail(this.#turn.clean(this.#context.explain(error)));
  }
}

/** A stream that stays uncommitted until there is something to say, so that errors get a status. */
class StreamedSink implements Sink {
  readonly #turn: ClientTurn;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #stream: ResponseStream;
  #opened = false;

  constructor(turn: ClientTurn, context: TranslatedContext) {
    this.#turn = turn;
    this.#headers = { ...streamHeaders, ...context.headers };
    this.#stream = new ResponseStream(context.reply);
  }

  write(events: readonly TurnEvent[]): void {
    if (!this.#opened) this.#open();
    this.#turn.markFirstToken();
    const stream = this.#stream;
    const text = stream.write(events);
    if (text !== '') this.#turn.writeText(text);
    if (stream.ended) this.#finish();
  }

  fail(error: TurnError): void {
    if (!this.#opened) {
      if (!failsInStream(error)) {
        this.#turn.reject(error);
        return;
      }
      this.#open();
    }
    this.#turn.writeText(this.#stream.fail(error));
    this.#finish();
  }

  beat(): void {
    if (this.#opened) this.#turn.writeText(this.#stream.keepAlive());
    else this.#open();
  }

  #open(): void {
    this.#opened = true;
    this.#turn.commit(200, this.#headers);
    this.#turn.writeText(this.#stream.open());
  }

  #finish(): void {
    const { status, usage, error } = this.#stream;
    this.#turn.finish({
      status: status === 'in_progress' ? 'failed' : status,
      usage,
      error: error?.message,
    });
  }
}

/** One JSON object at the end. */
class WholeSink implements Sink {
  readonly #turn: ClientTurn;
  readonly #context: TranslatedContext;
  readonly #events: TurnEvent[] = [];

  constructor(turn: ClientTurn, context: TranslatedContext) {
    this.#turn = turn;
    this.#context = context;
  }

  write(events: readonly TurnEvent[]): void {
    this.#turn.markFirstToken();
    for (const event of events) this.#events.push(event);
    if (events[events.length - 1]?.type !== 'finish') return;
    const whole = wholeResponse(this.#context.reply, this.#events);
    if (whole.ok) {
      this.#turn.reply(JSON.stringify(whole.response), this.#context.headers);
      this.#turn.finish({
        status: whole.status === 'in_progress' ? 'failed' : whole.status,
        usage: whole.usage,
        error: undefined,
      });
    } else {
      this.fail(whole.error);
    }
  }

  fail(error: TurnError): void {
    this.#turn.reject(error);
  }

  beat(): void {
    // A JSON body has no place for signs of life.
  }
}

/** A redirect would take the credential to another place. */
export function redirected(target: Pick<Target, 'label' | 'provider'>, status: number): TurnError {
  return turnError(
    'rejected',
    `${target.label} answered with a redirect (${status}), which is not followed. Check "baseUrl" of provider "${target.provider}".`,
    { status },
  );
}

export function cut(target: Pick<Target, 'label'>): TurnError {
  return turnError('cut', `${target.label} ended its answer before it was complete.`);
}
