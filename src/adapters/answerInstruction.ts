import type { JsonObject } from '../turn/turn.ts';

/** Asks in words for JSON, where the host cannot be asked for it otherwise. */
export function jsonObjectInstruction(withTools: boolean): string {
  return answerIn('one JSON object', withTools);
}

export function jsonSchemaInstruction(schema: JsonObject, withTools: boolean): string {
  const form = 'one JSON value that is valid against the JSON Schema below';
  return `${answerIn(form, withTools)}\n\n${JSON.stringify(schema)}`;
}

function answerIn(form: string, withTools: boolean): string {
  const when = withTools ? 'When you give your final answer, it must be' : 'Your answer must be';
  return `${when} ${form} and nothing else: no text before or after it and no code fence.`;
}
