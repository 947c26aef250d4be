import { google } from '../../../src/adapters/google/adapter.ts';
import { carryOf } from '../../../src/adapters/google/carry.ts';
import type { Target } from '../../../src/adapters/target.ts';
import type { JsonObject, Message, ReasoningPart, Turn } from '../../../src/turn/turn.ts';
import { checkAddress, checkRequest } from '../../support/geminiRules.ts';
import { at, isRecord, type JsonRecord, listOf } from '../../support/json.ts';
import { gemini } from '../target.ts';
import { type Sent, shell, thought, turnOf } from '../turns.ts';

/** The next call is signed. */
export const signedCall = (signature: string, words = ''): ReasoningPart =>
  thought(words, carryOf({ part: 'call', signature }));
/** The end of the text before it is signed. */
export const signedText = (signature: string, length: number): ReasoningPart =>
  thought('', carryOf({ part: 'text', signature, length }));

/** Encodes a turn and has the vendor's rules accept it. */
export function sent(turn: Turn, target: Target = gemini()): Sent {
  const { url, headers, body: json } = google.encode(turn, target);
  const body: unknown = JSON.parse(json);
  const { name, stream } = checkAddress(new URL(url), [target.model]);
  checkRequest(body, name, stream);
  return { url, headers, body, text: json };
}

/** Of a tool with these parameters, what the provider gets. */
export function sentSchema(parameters: JsonObject): unknown {
  const { body } = sent(turnOf({ tools: [{ ...shell, parameters }] }));
  return at(body, 'tools', 0, 'functionDeclarations', 0, 'parametersJsonSchema');
}

/** The conversation as the provider gets it. */
export function contents(messages: readonly Message[], target = gemini()): readonly unknown[] {
  return listOf(sent(turnOf({ messages }), target).body['contents']);
}

export function config(turn: Partial<Turn>, target: Target = gemini()): JsonRecord {
  const { generationConfig } = sent(turnOf(turn), target).body;
  return isRecord(generationConfig) ? generationConfig : {};
}
