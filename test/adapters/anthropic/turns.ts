import { anthropic } from '../../../src/adapters/anthropic/adapter.ts';
import type { Target } from '../../../src/adapters/target.ts';
import type { JsonObject, ReasoningPart, Turn } from '../../../src/turn/turn.ts';
import { checkRequest } from '../../support/anthropicRules.ts';
import { isRecord } from '../../support/json.ts';
import { claude } from '../target.ts';
import { type Sent, shell, thought, turnOf } from '../turns.ts';

export const signed = (words: string, signature: string): ReasoningPart =>
  thought(words, [{ type: 'thinking', thinking: words, signature }]);

/** Encodes a turn and has the vendor's rules accept it. */
export function sent(turn: Turn, target: Target = claude()): Sent {
  const { url, headers, body: json } = anthropic.encode(turn, target);
  const body: unknown = JSON.parse(json);
  checkRequest(body, headers, [target.model]);
  if (!isRecord(body)) throw new Error('the body is no object');
  return { url, headers, body, text: json };
}

/** Of a tool with these parameters, what the provider gets. */
export function sentSchema(parameters: JsonObject): unknown {
  const { body } = sent(turnOf({ tools: [{ ...shell, parameters }] }), uncached());
  const [tool] = Array.isArray(body['tools']) ? body['tools'] : [];
  return isRecord(tool) ? tool['input_schema'] : undefined;
}

/** A target without marks, where they would only be in the way. */
export function uncached(model?: string): Target {
  return claude(model, { cacheControl: 'off' });
}
