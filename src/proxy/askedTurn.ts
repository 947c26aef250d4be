import type { InboundHeaders } from '../credentials/forward.ts';
import type { Route } from '../providers/provider.ts';
import type { RequestPeek } from '../responses/peek.ts';
import type { TurnError } from '../turn/error.ts';
import type { Answer } from './clientTurn.ts';
import type { Preparation } from './preparedRequest.ts';
import type { Preparing } from './preparing.ts';
import type { RequestRecord } from './requestLog.ts';
import type { Upstream, UpstreamRequest } from './upstream.ts';

/** What a turn asks for, as it came. */
export interface Asked {
  readonly inbound: InboundHeaders;
  readonly peek: RequestPeek;
  readonly body: Buffer;
  readonly route: Route;
  /** Puts it into a provider's words. */
  prepare(preparing: Omit<Preparing, 'turn' | 'codec'>): Promise<Preparation>;
}

/** The turn of somebody who waits for an answer: Codex over HTTP, or the editor's chat. */
export interface AskedTurn {
  readonly record: RequestRecord;
  /** They have their answer, or have gone. */
  readonly over: boolean;
  /** They have heard something of an answer. */
  readonly committed: boolean;
  start(upstream: Upstream, request: UpstreamRequest, answer: Answer): void;
  letGo(): void;
  endAttempt(): void;
  wait(ms: number, then: () => void): void;
  /** Tells them why there is no answer. */
  reject(error: TurnError): void;
  /** Ends it from our side. */
  stop(error: TurnError): void;
  /** An error without what must not be seen. */
  clean(error: TurnError): TurnError;
}
