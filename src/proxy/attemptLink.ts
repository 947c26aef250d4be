import type { ErrorAnswer } from '../adapters/adapter.ts';
import type { TurnError } from '../turn/error.ts';
import type { Answer } from './clientTurn.ts';
import type { UpstreamRequest } from './upstream.ts';

/** What an answer tells of its attempt. */
export interface AttemptLink {
  /** The provider has said how it answers. */
  heard(status: number): void;
  /** An error as the client may see it, with what only we know. */
  explain(error: TurnError): TurnError;
  /** Whether an HTTP error goes to the client as it is: the login is Codex's own. */
  relays(status: number): boolean;
  /** The provider's answer has begun, so what was sent is not needed again. */
  answered(): void;
  /** Sends a further request of the same turn, with the same credential. */
  more(request: UpstreamRequest, answer: Answer): Promise<void>;
  /**
   * The attempt has failed. `true`: there is another one, or the client has been told. `false`: the
   * client has had a part of this answer, which must say it.
   */
  failed(error: TurnError, answer?: ErrorAnswer): boolean;
}
