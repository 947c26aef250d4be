/** One call beside a turn, as the request log tells of it: never what was asked or found. */
export interface SidecarCall {
  readonly kind: 'web_search' | 'vision';
  /** Who did it: `provider/model`, or a search service. */
  readonly by?: string;
  readonly ms: number;
  readonly error?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}
