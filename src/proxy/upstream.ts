import type { TurnError } from '../turn/error.ts';

/**
 * Where turns are sent. HTTP is one implementation. Answers are pushed: a receiver gets `head`,
 * then `data` any number of times, then `end`, or at any time `fail`, and after that nothing.
 */
export interface Upstream {
  send(request: UpstreamRequest, receiver: Receiver): Exchange;
}

export interface UpstreamRequest {
  /** How messages name the provider. */
  readonly label: string;
  readonly url: string;
  /** Lower-case names, credentials included. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export type AnswerHeaders = Readonly<Record<string, string | undefined>>;

export interface Receiver {
  /** Header names are lower-case; of repeated ones the first counts. */
  head(status: number, headers: AnswerHeaders): void;
  /** The chunk may be kept: nobody writes to it again. */
  data(chunk: Uint8Array): void;
  end(): void;
  /** `network` before the answer began, `cut` after. Not called after `abort`. */
  fail(error: TurnError): void;
}

/** A request under way. All of these may be called at any time, also when it is over. */
export interface Exchange {
  pause(): void;
  resume(): void;
  /** Ends it at once; the receiver hears nothing more. */
  abort(): void;
}
