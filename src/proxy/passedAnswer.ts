import { relayedHeaders } from '../adapters/openaiResponses/answerHeaders.ts';
import { EventTail } from '../adapters/openaiResponses/eventTail.ts';
import { failureEvents, keepAliveEvent } from '../adapters/openaiResponses/insertedEvents.ts';
import {
  errorInStream,
  outcomeOfResponse,
  outcomeOfStream,
} from '../adapters/openaiResponses/outcome.ts';
import type { Target } from '../adapters/target.ts';
import {
  errorFromAnswer,
  errorFromNonsense,
  errorFromPayload,
} from '../adapters/upstreamErrors.ts';
import type { TurnError } from '../turn/error.ts';
import { isJsonObject, parseJson } from '../turn/json.ts';
import type { AttemptLink } from './attemptLink.ts';
import { CappedText } from './cappedText.ts';
import { type Answer, type ClientTurn, type Ended, streamHeaders } from './clientTurn.ts';
import { cut, redirected } from './translatedAnswer.ts';
import type { AnswerHeaders } from './upstream.ts';

export interface PassedContext {
  readonly target: Target;
  /** The client asked for a stream. */
  readonly stream: boolean;
  /** Headers of a good answer, where the upstream does not give them itself. */
  readonly headers: Readonly<Record<string, string>>;
  readonly link: AttemptLink;
}

/** A whole answer is read along up to this size, for its usage. */
const wholeCapacity = 8 * 1024 * 1024;

type Mode =
  | { readonly name: 'waiting' }
  | { readonly name: 'streaming'; readonly tail: EventTail }
  /** One JSON object. */
  | { readonly name: 'whole'; readonly copy: CappedText }
  | { readonly name: 'relayingError'; readonly status: number; readonly copy: CappedText }
  | {
      readonly name: 'collecting';
      readonly collected: CappedText;
      readonly error: (body: string) => TurnError;
    };

/** Hands a Responses answer through as it is. */
export class PassedAnswer implements Answer {
  readonly #turn: ClientTurn;
  readonly #context: PassedContext;
  #mode: Mode = { name: 'waiting' };

  constructor(turn: ClientTurn, context: PassedContext) {
    this.#turn = turn;
    this.#context = context;
  }

  head(status: number, headers: AnswerHeaders): void {
    const { target, link, stream } = this.#context;
    link.heard(status);
    if (status >= 300 && status < 400) {
      this.#fail(redirected(target, status));
    } else if (status >= 400) {
      if (link.relays(status)) {
        this.#mode = { name: 'relayingError', status, copy: new CappedText() };
        this.#turn.commit(status, relayedHeaders(headers));
      } else {
        this.#collect((body) => errorFromAnswer({ status, headers, body }, target));
      }
    } else {
      const type = headers['content-type'] ?? (stream ? 'text/event-stream' : 'application/json');
      if (type.includes('text/event-stream')) {
        this.#mode = { name: 'streaming', tail: new EventTail() };
        this.#commit(streamHeaders, headers);
      } else if (!stream && type.includes('json')) {
        this.#mode = { name: 'whole', copy: new CappedText(wholeCapacity) };
        this.#commit({ 'content-type': type }, headers);
      } else {
        this.#collect((body) => unexpected(body, target));
      }
    }
  }

  data(chunk: Uint8Array): void {
    if (this.#turn.over) return;
    const mode = this.#mode;
    switch (mode.name) {
      case 'streaming':
        this.#turn.markFirstToken();
        mode.tail.push(chunk);
        this.#turn.writeBytes(chunk);
        break;
      case 'whole':
        this.#turn.markFirstToken();
        mode.copy.push(chunk);
        this.#turn.writeBytes(chunk);
        break;
      case 'relayingError':
        mode.copy.push(chunk);
        this.#turn.writeBytes(chunk);
        break;
      case 'collecting':
        mode.collected.push(chunk);
        if (!mode.collected.complete) this.#fail(mode.error(mode.collected.text()));
        break;
      case 'waiting':
        break;
    }
  }

  end(): void {
    this.#turn.upstreamEnded();
    if (this.#turn.over) return;
    const mode = this.#mode;
    switch (mode.name) {
      case 'streaming':
        this.#endStream(mode.tail, cut(this.#context.target));
        break;
      case 'whole':
        this.#turn.finish(wholeEnded(mode.copy));
        break;
      case 'relayingError':
        this.#turn.finish(this.#refused(mode.status, mode.copy));
        break;
      case 'collecting':
        this.#fail(mode.error(mode.collected.text()));
        break;
      case 'waiting':
        this.#fail(cut(this.#context.target));
        break;
    }
  }

  fail(error: TurnError): void {
    this.#turn.upstreamEnded();
    if (this.#turn.over) return;
    const mode = this.#mode;
    switch (mode.name) {
      case 'streaming':
        this.#endStream(mode.tail, error);
        break;
      case 'whole':
      case 'relayingError':
        this.#turn.breakOff(error);
        break;
      case 'collecting':
        this.#fail(error.kind === 'cut' ? mode.error(mode.collected.text()) : error);
        break;
      case 'waiting':
        this.#fail(error);
        break;
    }
  }

  beat(): void {
    if (this.#mode.name === 'streaming' && this.#mode.tail.between) {
      this.#turn.writeText(keepAliveEvent);
    }
  }

  /** Codex closes on the last event without waiting for the end. */
  left(): Ended {
    const outcome =
      this.#mode.name === 'streaming' ? outcomeOfStream(this.#mode.tail.newest()) : undefined;
    return outcome ?? { status: 'aborted', usage: undefined, error: undefined };
  }

  #commit(own: Readonly<Record<string, string>>, upstream: AnswerHeaders): void {
    this.#context.link.answered();
    this.#turn.commit(200, { ...this.#context.headers, ...own, ...relayedHeaders(upstream) });
  }

  #collect(error: (body: string) => TurnError): void {
    this.#mode = { name: 'collecting', collected: new CappedText(), error };
  }

  /** A stream without its last event is given one, so that nobody waits for it. */
  #endStream(tail: EventTail, whyCut: TurnError): void {
    if (!tail.between) this.#turn.writeText('\n\n');
    const outcome = outcomeOfStream(tail.newest());
    if (outcome !== undefined || tail.overflown) {
      this.#turn.finish(outcome ?? { status: 'completed', usage: undefined, error: undefined });
      return;
    }
    const { target } = this.#context;
    const said = errorInStream(tail.newest());
    const payload = { error: { message: said } };
    const error = this.#turn.clean(said === undefined ? whyCut : errorFromPayload(payload, target));
    this.#turn.writeText(failureEvents(this.#turn.record, error));
    this.#turn.finish({ status: 'failed', usage: undefined, error: error.message });
  }

  #refused(status: number, copy: CappedText): Ended {
    const answer = { status, headers: {}, body: copy.text() };
    const { message } = this.#turn.clean(errorFromAnswer(answer, this.#context.target));
    return { status: 'failed', usage: undefined, error: message };
  }

  #fail(error: TurnError): void {
    const { link } = this.#context;
    link.failed(link.explain(error));
  }
}

function wholeEnded(copy: CappedText): Ended {
  const response = copy.complete ? parseJson(copy.text()) : undefined;
  return isJsonObject(response)
    ? outcomeOfResponse(response)
    : { status: 'completed', usage: undefined, error: undefined };
}

/** A 200 that is no stream: an error in JSON, or a web page. */
function unexpected(body: string, target: Target): TurnError {
  const value = parseJson(body);
  return isJsonObject(value) && value['error'] !== undefined
    ? errorFromPayload(value, target)
    : errorFromNonsense(body, target);
}
