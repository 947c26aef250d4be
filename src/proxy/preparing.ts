import type { Target } from '../adapters/target.ts';
import type { InboundHeaders } from '../credentials/forward.ts';
import type { Provider } from '../providers/provider.ts';
import type { RequestPeek } from '../responses/peek.ts';
import type { Vision } from '../sidecars/vision.ts';
import type { WebSearch } from '../sidecars/webSearch.ts';
import type { ClientTurn } from './clientTurn.ts';
import type { Codec } from './codec.ts';

/** What models lack, and for whom it is done. */
export interface Sidecars {
  readonly vision: Vision;
  readonly search: WebSearch;
  readonly inbound: InboundHeaders;
}

/** A turn that is to be put into a provider's words. */
export interface Preparing {
  readonly turn: ClientTurn;
  readonly codec: Codec;
  readonly provider: Provider;
  readonly target: Target;
  /** Of `body`. */
  readonly peek: RequestPeek;
  /** Is handed over; what is left of it comes with the result. */
  readonly body: Buffer;
  /** The body may be needed for another model: it must stay as it is. */
  readonly keep: boolean;
  /** Headers of a good answer. */
  readonly answerHeaders: Readonly<Record<string, string>>;
  /** What is done beside a turn for models that lack it. */
  readonly sidecars?: Sidecars;
}
