import type { TurnErrorKind } from '../../turn/error.ts';
import type { FinishReason } from '../../turn/event.ts';

/** How the hosts' words for the end of an answer read: as a finish, or as a failure. */
export type Ending =
  | { readonly ok: true; readonly reason: FinishReason }
  | { readonly ok: false; readonly kind: TurnErrorKind };

const endings: Readonly<Record<string, Ending>> = {
  length: { ok: true, reason: 'length' },
  max_tokens: { ok: true, reason: 'length' },
  model_length: { ok: true, reason: 'length' },
  content_filter: { ok: true, reason: 'content_filter' },
  sensitive: { ok: true, reason: 'content_filter' },
  safety: { ok: true, reason: 'content_filter' },
  model_context_window_exceeded: { ok: false, kind: 'context_overflow' },
  insufficient_system_resource: { ok: false, kind: 'overloaded' },
  network_error: { ok: false, kind: 'upstream' },
  error: { ok: false, kind: 'upstream' },
  abort: { ok: false, kind: 'cut' },
};

const stop: Ending = { ok: true, reason: 'stop' };

/** `stop`, `tool_calls`, `function_call`, `end`, `eos` and words nobody knows are a normal end. */
export function endingOf(word: string): Ending {
  return Object.hasOwn(endings, word.toLowerCase()) ? (endings[word.toLowerCase()] ?? stop) : stop;
}
