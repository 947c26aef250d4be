import type { PromptAddition } from '../turn/additions.ts';
import type { TurnError } from '../turn/error.ts';
import type { TurnEvent } from '../turn/event.ts';
import type { Turn } from '../turn/turn.ts';
import type { Target } from './target.ts';

/** One wire format: pure functions between the neutral model and a provider's bytes. */
export interface Adapter {
  /** The same Turn and Target always give the same bytes (prompt caches and signatures hang on it). */
  encode(turn: Turn, target: Target): EncodedRequest;
  /** A decoder is made afresh for each answer and holds all of its state. */
  decoder(target: Target, kind: AnswerKind): Decoder;
  /** Reads an answer whose status is not 2xx. `body` is capped text, perhaps HTML, perhaps empty. */
  error(answer: ErrorAnswer, target: Target): TurnError;
  /** The request by which an answer that the provider paused in its own tools goes on. */
  resume?(asked: EncodedRequest, answer: string): EncodedRequest | undefined;
  /** The target for which the same turn is encoded so that this refusal does not come again. */
  remedy?(answer: ErrorAnswer, target: Target): Target | undefined;
}

export interface EncodedRequest {
  /** Absolute URL. A model's name can never steer host or path. */
  readonly url: string;
  /** Lower-case names; no credentials, no content-length. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body: string;
  /** What its prompt says that the Turn does not. */
  readonly additions: readonly PromptAddition[];
}

/** How the answer's bytes are framed: by content type, else by their first character. */
export type AnswerKind = 'sse' | 'json';

/**
 * Incremental: the same bytes, split anywhere, give the same events in total. Never throws; what
 * cannot be read becomes an `error` event. After `finish` or `error` it gives nothing more.
 */
export interface Decoder {
  push(chunk: Uint8Array): readonly TurnEvent[];
  /** The upstream closed properly. An answer that is not complete by now becomes a `cut` error. */
  end(): readonly TurnEvent[];
}

export interface ErrorAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}
