import type { Scope } from './scope.ts';
import type { SeenRequest, Turn } from './script.ts';

/** A wire format under test: its fake provider and the entry that makes the proxy use it. */
export interface Wire {
  readonly name: string;
  /** The arguments of a call are an object, not text: a model cannot write anything else there. */
  readonly objectArguments?: true;
  start(scope: Scope, options?: FakeOptions): Promise<FakeProvider>;
}

export interface FakeOptions {
  /** Models that exist there. */
  readonly models?: readonly string[];
  /** Slices in which each piece of the answer is written to the socket; default: whole. */
  readonly sliceBytes?: number;
}

/** A strict provider: what its vendor would refuse, it refuses, and remembers. */
export interface FakeProvider {
  /** The provider's record for config.json. */
  readonly entry: Readonly<Record<string, unknown>>;
  /** The key that it accepts, to look for in places where no key may be. */
  readonly apiKey: string;
  /** In order of arrival, refused ones left out. */
  readonly requests: readonly SeenRequest[];
  /** Every POST, refused ones as well. */
  readonly posts: number;
  /** Why requests were refused. A scenario without a fault leaves this empty. */
  readonly refusals: readonly string[];
  /** Turns that no request has asked for yet. */
  readonly unplayed: number;
  /** What to answer next, one turn for each request. */
  play(...turns: readonly Turn[]): void;
  /** What to answer when nothing else is left to play. */
  playAlways(turn: Turn): void;
}
