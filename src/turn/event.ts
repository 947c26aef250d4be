import type { TurnError } from './error.ts';
import type { Json } from './turn.ts';

/**
 * What a provider's answer is made of, in order. A decoder keeps this grammar:
 *
 *     answer  = block* start? delta* usage? (finish | error)
 *     block   = start delta* end        of one kind; blocks never overlap
 *
 * A block that is still open when `finish` or `error` comes is abandoned: it has no end.
 *
 * A tool call's `end` is emitted only when the provider's own stream says that the step is over:
 * Codex runs a tool the moment it sees it, so a half call must never get there.
 */
export type TurnEvent =
  | { readonly type: 'text.start' }
  | { readonly type: 'text.delta'; readonly text: string }
  | { readonly type: 'text.end' }
  | {
      readonly type: 'reasoning.start';
      /** `summary`: written for people. `raw`: the model's own chain of thought. */
      readonly kind: 'summary' | 'raw';
    }
  | { readonly type: 'reasoning.delta'; readonly text: string }
  /** A new paragraph of a summary begins. */
  | { readonly type: 'reasoning.part' }
  | {
      readonly type: 'reasoning.end';
      /** What the provider needs back verbatim on later turns; see `ReasoningPart.carry`. */
      readonly carry?: Json;
    }
  | {
      readonly type: 'call.start';
      /** The provider's id; `undefined` where it gave none: the Responses writer makes one. */
      readonly callId: string | undefined;
      readonly name: string;
    }
  | { readonly type: 'call.delta'; readonly arguments: string }
  | { readonly type: 'call.end' }
  /** Never from a decoder: the proxy itself searches the web for the model, between blocks. */
  | { readonly type: 'search.start'; readonly query: string }
  | { readonly type: 'search.end'; readonly found: FoundSearch; readonly ok: boolean }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'finish'; readonly reason: FinishReason }
  | { readonly type: 'error'; readonly error: TurnError };

/** A search as the model reads of it on later turns: its call and what came of it. */
export interface FoundSearch {
  readonly query: string;
  readonly result: string;
}

/** Token counts. Input includes cached tokens, output includes reasoning tokens. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  readonly cacheWriteTokens: number;
  readonly reasoningTokens: number;
}

export type FinishReason =
  /** The model is done, or waits for tool results. */
  | 'stop'
  /** The token limit cut the answer. */
  | 'length'
  /** The provider withheld (the rest of) the answer. */
  | 'content_filter'
  /** The provider paused a long turn and wants to be asked again (Anthropic `pause_turn`). */
  | 'pause';
