import type { ChatQuirks } from '../adapters/openaiChat/quirks.ts';
import type { JsonObject } from '../turn/turn.ts';
import type { CatalogModel, Refusal } from './catalogEntry.ts';

/**
 * The effort words that a model takes, weakest first. `[]`: it reasons, and takes no word for how
 * much. `false`: it must get no reasoning parameter. `undefined`: unknown.
 */
type Reasoning = readonly string[] | false | undefined;

/** A model that takes text and images. */
export function seeing(
  id: string,
  contextWindow: number,
  maxOutputTokens: number | undefined,
  reasoning: Reasoning,
  chat?: ChatQuirks,
): CatalogModel {
  return row(id, contextWindow, maxOutputTokens, reasoning, chat, true);
}

/** A model that takes text only. */
export function textOnly(
  id: string,
  contextWindow: number,
  maxOutputTokens: number | undefined,
  reasoning: Reasoning,
  chat?: ChatQuirks,
): CatalogModel {
  return row(id, contextWindow, maxOutputTokens, reasoning, chat, false);
}

function row(
  id: string,
  contextWindow: number,
  maxOutputTokens: number | undefined,
  reasoning: Reasoning,
  chat: ChatQuirks | undefined,
  vision: boolean,
): CatalogModel {
  const traits = {
    contextWindow,
    maxOutputTokens,
    reasoning: reasoning === undefined ? undefined : reasoning !== false,
    efforts: reasoning === false ? undefined : reasoning,
    vision,
  };
  return chat === undefined ? { id, traits } : { id, traits, chat };
}

export const lowToHigh = ['low', 'medium', 'high'];
export const lowToXhigh = [...lowToHigh, 'xhigh'];
export const lowToMax = [...lowToXhigh, 'max'];
export const lowToHighMax = [...lowToHigh, 'max'];
export const minimalToHigh = ['minimal', ...lowToHigh];
export const noneToHigh = ['none', ...lowToHigh];
export const noneToXhigh = ['none', ...lowToXhigh];
export const noneToMax = ['none', ...lowToMax];
export const noneHigh = ['none', 'high'];
export const lowHighMax = ['low', 'high', 'max'];
export const noneLowHighMax = ['none', ...lowHighMax];
export const highMax = ['high', 'max'];
export const noneHighMax = ['none', ...highMax];
export const lowMediumXhigh = ['low', 'medium', 'xhigh'];

/** For hosts that refuse a bad key with 403 too, with which firewalls and regions also answer. */
export const keyDenied: readonly Refusal[] = [
  { status: 401 },
  { status: 403, body: /key|token|credential|authori[sz]|authentic/i },
];

/** The cheapest chat request there is: one token. */
export function oneToken(model: string): JsonObject {
  return { model, messages: [{ role: 'user', content: 'hi' }], max_tokens: 1 };
}
