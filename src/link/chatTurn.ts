import type { TurnError } from '../turn/error.ts';
import type { TurnEvent, Usage } from '../turn/event.ts';
import type { Turn } from '../turn/turn.ts';

/** A turn of the editor's own chat, which runs in the thread of its window. */
export interface ChatTurnRequest {
  /** Names it among those of the window. */
  readonly id: number;
  /** Its `model` is an id, `provider/model`. What `carry` holds came as a text in `ChatTurnNote`. */
  readonly turn: Turn;
}

/** What has come of the answer. Providers' own reasoning data is packed as a text. */
export interface ChatTurnNote {
  readonly id: number;
  readonly events: readonly TurnEvent[];
}

/** How it ended. */
export type ChatTurnEnd =
  | { readonly ok: true; readonly usage: Usage | undefined }
  | { readonly ok: false; readonly error: TurnError };
