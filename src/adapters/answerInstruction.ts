import type { Additions } from '../turn/additions.ts';
import type { JsonObject } from '../turn/turn.ts';

/** Asks in words for JSON, where the host cannot be asked for it otherwise. */
export function jsonObjectInstruction(withTools: boolean, additions: Additions): string {
  return additions.add('answer_format', answerIn('one JSON object', withTools));
}

export function jsonSchemaInstruction(
  schema: JsonObject,
  withTools: boolean,
  additions: Additions,
): string {
  const form = 'one JSON value that is valid against the JSON Schema below';
  const text = `${answerIn(form, withTools)}\n\n${JSON.stringify(schema)}`;
  return additions.add('answer_format', text);
}

function answerIn(form: string, withTools: boolean): string {
  const when = withTools ? 'When you give your final answer, it must be' : 'Your answer must be';
  return `${when} ${form} and nothing else: no text before or after it and no code fence.`;
}
