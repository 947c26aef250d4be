import type { HostedSearch } from '../responses/webSearch.ts';
import type { Message } from '../turn/turn.ts';

/** What may happen to a turn on its way to the provider: plain data, so that it can go to another thread. */
export interface SidecarJob {
  /** Descriptions of images by content; `undefined`: the images stay as they are. */
  readonly descriptions: ReadonlyMap<string, string> | undefined;
  readonly search: SearchOffer | undefined;
}

export interface SearchOffer {
  /** Somebody is there who searches an index only, and fetches nothing for it. */
  readonly indexed: boolean;
  /** Somebody is there who searches the web as it is now. */
  readonly live: boolean;
  /** What the model did since the client's request, and what came of it. */
  readonly steps: readonly Message[];
  /** There are no searches left: the model has to answer. */
  readonly spent: boolean;
}

/** An image that nobody has described yet. */
export interface PendingImage {
  readonly key: string;
  readonly url: string;
}

/** What a translation found for the sidecars to do. */
export interface SidecarWork {
  /** The model was offered a search, on the client's terms. */
  readonly search?: HostedSearch;
  /** The images that must be described before the request can be sent. */
  readonly images?: readonly PendingImage[];
}
