import type { AnswerForm } from './structuredText.ts';

/**
 * What is needed to answer a request once its body has been let go: small, plain and cloneable, so
 * that decoding may happen on another thread.
 */
export interface ReplyContext {
  /** The model as the client named it. */
  readonly requestedModel: string;
  /** Who answers: reasoning is sealed for this provider and model family. */
  readonly provider: string;
  readonly model: string;
  readonly stream: boolean;
  /** By flattened name: how the client declared the tool, so that calls come back in that form. */
  readonly tools: Readonly<Record<string, ToolOrigin>>;
  /** Namespaces whose tools can be called although they are not among `tools`. */
  readonly deferred: readonly string[];
  readonly echo: ResponseEcho;
  /** The request ended with a `compaction_trigger`: the answer is exactly one compaction item. */
  readonly compaction: boolean;
  /** The final answer must be JSON of this form; `undefined`: it is prose. */
  readonly form: AnswerForm | undefined;
}

export type ToolOrigin =
  | { readonly kind: 'function'; readonly name: string; readonly namespace: string | undefined }
  | { readonly kind: 'custom'; readonly name: string; readonly namespace: string | undefined }
  | { readonly kind: 'tool_search'; readonly name: string };

/** The request's own values that a Response object repeats. */
export interface ResponseEcho {
  readonly instructions: string | null;
  readonly toolChoice: unknown;
  /** The request's `tools` as JSON text; repeated in whole answers only, a stream's snapshots say `[]`. */
  readonly toolsJson: string;
  readonly parallelToolCalls: boolean;
  readonly reasoningEffort: string | null;
  readonly reasoningSummary: string | null;
  readonly temperature: number | null;
  readonly topP: number | null;
  readonly maxOutputTokens: number | null;
  readonly promptCacheKey: string | null;
  readonly serviceTier: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly textFormat: unknown;
  readonly verbosity: string | null;
}
