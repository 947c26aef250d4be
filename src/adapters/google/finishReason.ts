import type { TurnErrorKind } from '../../turn/error.ts';

/** What a `finishReason` means: the answer is over, or it is none. */
export type Ending =
  | { readonly type: 'stop' | 'length' | 'content_filter' | 'continuation' }
  | { readonly type: 'error'; readonly kind: TurnErrorKind };

const stop: Ending = { type: 'stop' };
const withheld: Ending = { type: 'content_filter' };
/** The model wrote something that cannot be used: the same request often works again. */
const failed: Ending = { type: 'error', kind: 'upstream' };

/** https://ai.google.dev/api/generate-content#FinishReason */
const endings: ReadonlyMap<string, Ending> = new Map<string, Ending>([
  ['STOP', stop],
  ['MAX_TOKENS', { type: 'length' }],
  ['CONTINUATION', { type: 'continuation' }],
  ['SAFETY', withheld],
  ['RECITATION', withheld],
  ['LANGUAGE', withheld],
  ['BLOCKLIST', withheld],
  ['PROHIBITED_CONTENT', withheld],
  ['SPII', withheld],
  ['MODEL_ARMOR', withheld],
  ['IMAGE_SAFETY', withheld],
  ['IMAGE_PROHIBITED_CONTENT', withheld],
  ['IMAGE_RECITATION', withheld],
  ['MISSING_THOUGHT_SIGNATURE', { type: 'error', kind: 'rejected' }],
]);

/** `OTHER`, `MALFORMED_FUNCTION_CALL`, `TOO_MANY_TOOL_CALLS`, … and words nobody knows are failures. */
export function endingOf(reason: string): Ending {
  return endings.get(reason) ?? failed;
}
