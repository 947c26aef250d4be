import type { Adapter, Decoder, ErrorAnswer } from '../adapters/adapter.ts';
import type { Target } from '../adapters/target.ts';
import { errorFromNonsense } from '../adapters/upstreamErrors.ts';
import type { ReplyContext } from '../responses/reply.ts';
import { ResponseStream } from '../responses/stream.ts';
import { wholeResponse } from '../responses/whole.ts';
import { type TurnError, turnError } from '../turn/error.ts';
import type { TurnEvent } from '../turn/event.ts';
import type { AttemptLink } from './attemptLink.ts';
import { CappedText } from './cappedText.ts';
import { type Answer, type ClientTurn, type Ended, streamHeaders } from './clientTurn.ts';
import type { AnswerHeaders } from './upstream.ts';

export interface TranslatedContext {
  readonly adapter: Adapter;
  readonly target: Target;
  readonly reply: ReplyContext;
  /** Headers of a good answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly link: AttemptLink;
}

/** Turns a provider's answer into Responses events. */
export function translatedAnswer(turn: ClientTurn, context: TranslatedContext): Answer {
  return new TranslatedAnswer(turn, context, sinkFor(turn, context));
}

interface SinkContext extends Pick<TranslatedContext, 'reply' | 'headers'> {
  readonly link: Pick<AttemptLink, 'answered'>;
}

/** Writes Responses events, or one object, as the client asked for. */
export function sinkFor(turn: ClientTurn, context: SinkContext): Sink {
  return context.reply.stream ? new StreamedSink(turn, context) : new WholeSink(turn, context);
}

/** Where the events of an answer go. */
export interface Sink {
  write(events: readonly TurnEvent[]): void;
  /** Tells the client, which has had a part of the answer. */
  fail(error: TurnError): void;
  beat(): void;
}

type Mode =
  /** No byte has come that tells how the answer is framed. */
  | { readonly name: 'undecided'; readonly headers: AnswerHeaders }
  | { readonly name: 'decoding'; readonly decoder: Decoder }
  /** An HTTP error, or a web page where the API should be. */
  | {
      readonly name: 'collecting';
      /** `undefined`: a web page. */
      readonly refusal: Omit<ErrorAnswer, 'body'> | undefined;
    }
  /** It has said everything; the sink may still have to do. */
  | { readonly name: 'finished' }
  | { readonly name: 'failed' };

type HeardTurn = Pick<ClientTurn, 'over' | 'upstreamEnded'>;
type HeardContext = Pick<TranslatedContext, 'adapter' | 'target' | 'link'>;

/** Hears a provider's answer and makes events of it. */
export class TranslatedAnswer implements Answer {
  readonly #turn: HeardTurn;
  readonly #context: HeardContext;
  readonly #sink: Sink;
  readonly #collected = new CappedText();
  #mode: Mode = { name: 'undecided', headers: {} };

  constructor(turn: HeardTurn, context: HeardContext, sink: Sink) {
    this.#turn = turn;
    this.#context = context;
    this.#sink = sink;
  }

  head(status: number, headers: AnswerHeaders): void {
    this.#context.link.heard(status);
    if (status >= 200 && status < 300) {
      this.#mode = { name: 'undecided', headers };
    } else if (status < 400) {
      this.#fail(redirected(this.#context.target, status));
    } else {
      this.#mode = { name: 'collecting', refusal: { status, headers } };
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
        // Who goes on and on has said what there is to say.
        if (!this.#collected.complete) this.#refuse(this.#mode.refusal);
        break;
      case 'undecided':
        this.#decide(chunk, this.#mode.headers);
        break;
      case 'finished':
      case 'failed':
        break;
    }
  }

  end(): void {
    this.#turn.upstreamEnded();
    if (this.#turn.over) return;
    switch (this.#mode.name) {
      case 'decoding':
        this.#take(this.#mode.decoder.end());
        if (!this.#turn.over && !this.#finished) this.#fail(cut(this.#context.target));
        break;
      case 'collecting':
        this.#refuse(this.#mode.refusal);
        break;
      case 'undecided':
        this.#fail(errorFromNonsense('', this.#context.target));
        break;
      case 'finished':
      case 'failed':
        break;
    }
  }

  fail(error: TurnError): void {
    this.#turn.upstreamEnded();
    if (this.#turn.over) return;
    // A refusal says more than that its body could not be read to the end.
    const mode = this.#mode;
    if (mode.name === 'collecting' && error.kind === 'cut') this.#refuse(mode.refusal);
    else this.#fail(error);
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
      this.#mode = { name: 'collecting', refusal: undefined };
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
      if (last?.type === 'finish') this.#mode = { name: 'finished' };
      this.#sink.write(events);
      return;
    }
    if (events.length > 1) this.#sink.write(events.slice(0, -1));
    this.#fail(last.error);
  }

  /** It has said everything; what else is to be done, the sink does. */
  get #finished(): boolean {
    return this.#mode.name === 'finished';
  }

  #refuse(refusal: Omit<ErrorAnswer, 'body'> | undefined): void {
    const { adapter, target } = this.#context;
    const body = this.#collected.text();
    if (refusal === undefined) {
      this.#fail(errorFromNonsense(body, target));
    } else {
      const answer = { ...refusal, body };
      this.#fail(adapter.error(answer, target), answer);
    }
  }

  #fail(error: TurnError, answer?: ErrorAnswer): void {
    if (this.#mode.name === 'failed') return;
    this.#mode = { name: 'failed' };
    const { link } = this.#context;
    const explained = link.explain(error);
    if (!link.failed(explained, answer)) this.#sink.fail(explained);
  }
}

/** A stream that stays uncommitted until there is something to say: until then nothing is lost. */
class StreamedSink implements Sink {
  readonly #turn: ClientTurn;
  readonly #link: SinkContext['link'];
  readonly #headers: Readonly<Record<string, string>>;
  readonly #stream: ResponseStream;
  #opened = false;
  #begun = false;

  constructor(turn: ClientTurn, context: SinkContext) {
    this.#turn = turn;
    this.#link = context.link;
    this.#headers = { ...streamHeaders, ...context.headers };
    this.#stream = new ResponseStream(context.reply);
  }

  write(events: readonly TurnEvent[]): void {
    if (!this.#begun) this.#begin();
    const stream = this.#stream;
    const text = stream.write(events);
    if (text !== '') this.#turn.writeText(text);
    if (stream.ended) this.#finish();
  }

  fail(error: TurnError): void {
    this.#turn.writeText(this.#stream.fail(error));
    this.#finish();
  }

  beat(): void {
    if (this.#opened) this.#turn.writeText(this.#stream.keepAlive());
    else this.#open();
  }

  #begin(): void {
    this.#begun = true;
    if (!this.#opened) this.#open();
    this.#turn.markFirstToken();
    this.#link.answered();
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
  readonly #context: SinkContext;
  readonly #events: TurnEvent[] = [];

  constructor(turn: ClientTurn, context: SinkContext) {
    this.#turn = turn;
    this.#context = context;
  }

  write(events: readonly TurnEvent[]): void {
    if (this.#events.length === 0) {
      this.#turn.markFirstToken();
      this.#context.link.answered();
    }
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
