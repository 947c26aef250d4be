import type { TurnError } from '../turn/error.ts';
import type { Answer, ClientTurn, Ended } from './clientTurn.ts';
import type { Sink } from './translatedAnswer.ts';

/** Speaks to the client while a sidecar works and no provider is asked. */
export class Standby implements Answer {
  readonly #turn: ClientTurn;
  readonly #sink: Sink;

  constructor(turn: ClientTurn, sink: Sink) {
    this.#turn = turn;
    this.#sink = sink;
  }

  head(): void {}

  data(): void {}

  end(): void {}

  fail(error: TurnError): void {
    if (this.#turn.over) return;
    if (this.#turn.committed) this.#sink.fail(error);
    else this.#turn.reject(error);
  }

  beat(): void {
    this.#sink.beat();
  }

  left(): Ended {
    return { status: 'aborted', usage: undefined, error: undefined };
  }
}
