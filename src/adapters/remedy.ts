import type { ErrorAnswer } from './adapter.ts';
import { readErrorBody } from './errorBody.ts';
import type { Target } from './target.ts';

/**
 * The texts with which vendors refuse reasoning that they gave before: its signature is of another key,
 * model or conversation, or a block of it is missing. Behind a gateway any of them may come on any wire.
 */
const refusedReasoning = new RegExp(
  [
    'thought[ _]?signature',
    '`?signature`? in `?thinking`? block',
    'bound to a different conversation',
    'thinking`? blocks.{0,60}cannot be modified',
    'expected `?thinking`?.{0,40}but found',
    'encrypted[ _]content.{0,80}(?:could not be|cannot be|invalid|not valid)',
  ].join('|'),
  'i',
);

/**
 * Where the provider refuses the reasoning that it gave before: the target for the same request
 * without it. The model loses a thought, the user would lose the turn.
 */
export function withoutReasoning(
  { status, body }: ErrorAnswer,
  target: Target,
): Target | undefined {
  if (status !== 400 || target.forgetReasoning === true) return undefined;
  const { text, codes } = readErrorBody(body);
  const refused = codes.includes('invalid_encrypted_content') || refusedReasoning.test(text);
  return refused ? { ...target, forgetReasoning: true } : undefined;
}
