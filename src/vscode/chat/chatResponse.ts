import {
  CancellationError,
  type CancellationToken,
  type LanguageModelChatRequestMessage,
  LanguageModelDataPart,
  LanguageModelError,
  type LanguageModelResponsePart,
  LanguageModelTextPart,
  LanguageModelToolCallPart,
  LanguageModelToolResultPart,
  type Progress,
  type ProvideLanguageModelChatResponseOptions,
} from 'vscode';
import type { ChatTurnEnd } from '../../link/chatTurn.ts';
import type { TurnError } from '../../turn/error.ts';
import type { TurnEvent } from '../../turn/event.ts';
import type { Turn } from '../../turn/turn.ts';
import { AnswerParts } from './answerParts.ts';
import { readChat } from './chatTurn.ts';
import { estimateTokens, imageTokens } from './tokenEstimate.ts';

/** Runs a turn in the thread of this window. */
export type RunChat = (
  turn: Turn,
  events: (events: readonly TurnEvent[]) => void,
  signal: AbortSignal,
) => Promise<ChatTurnEnd>;

export interface ChatQuestion {
  /** `provider/model` */
  readonly model: string;
  readonly messages: readonly LanguageModelChatRequestMessage[];
  readonly options: Pick<ProvideLanguageModelChatResponseOptions, 'tools' | 'toolMode'>;
  readonly progress: Progress<LanguageModelResponsePart>;
  readonly token: CancellationToken;
}

/** Answers the editor's chat. What went wrong is thrown in the form that the chat understands. */
export async function chatResponse(run: RunChat, question: ChatQuestion): Promise<void> {
  const { model, messages, options, progress, token } = question;
  const { turn, tools } = readChat(model, messages, options);
  const parts = new AnswerParts(tools, (part) => progress.report(part));
  const cancel = new AbortController();
  const listening = token.onCancellationRequested(() => cancel.abort());
  if (token.isCancellationRequested) cancel.abort();
  try {
    const end = await run(turn, (events) => parts.write(events), cancel.signal);
    if (cancel.signal.aborted) throw new CancellationError();
    parts.flush();
    if (!end.ok) throw chatError(end.error);
  } finally {
    parts.drop();
    listening.dispose();
  }
}

/** An error as the chat tells it: some kinds have a form of their own there. */
export function chatError({ kind, message }: TurnError): Error {
  switch (kind) {
    case 'auth':
    case 'permission':
      return LanguageModelError.NoPermissions(message);
    case 'rate_limit':
    case 'overloaded':
    case 'billing':
      return LanguageModelError.Blocked(message);
    case 'unknown_model':
      return LanguageModelError.NotFound(message);
    default:
      return new Error(message);
  }
}

/** Guesses the tokens of a text or a message, for the chat's own budget. */
export function countTokens(text: string | LanguageModelChatRequestMessage): number {
  if (typeof text === 'string') return estimateTokens(text);
  // What frames a message.
  return 4 + text.content.reduce<number>((sum, part) => sum + partTokens(part), 0);
}

function partTokens(part: unknown): number {
  if (part instanceof LanguageModelTextPart) return estimateTokens(part.value);
  if (part instanceof LanguageModelToolCallPart) {
    return estimateTokens(part.name + JSON.stringify(part.input));
  }
  if (part instanceof LanguageModelToolResultPart) {
    return part.content.reduce<number>((sum, inner) => sum + partTokens(inner), 4);
  }
  if (part instanceof LanguageModelDataPart) {
    return part.mimeType.startsWith('image/') ? imageTokens : Math.ceil(part.data.length / 4);
  }
  return 0;
}
