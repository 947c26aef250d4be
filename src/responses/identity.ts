import { Additions } from '../turn/additions.ts';

/**
 * The sentence with which Codex's base prompts name the model, and what another model reads
 * instead. It stands at the start of the base prompt, or of a line in a `<model_switch>` message.
 * (`codex debug models --bundled` prints the prompts.)
 */
export const identitySentences: readonly { readonly from: RegExp; readonly to: string }[] = [
  {
    from: /^You are Codex, (an agent|a coding agent) based on GPT-[\w.-]*\w\./gm,
    to: 'You are Codex, $1.',
  },
  { from: /^You are Codex, based on GPT-[\w.-]*\w\./gm, to: 'You are Codex, a coding agent.' },
  {
    from: /^You are GPT-[\w.-]*\w running in the Codex CLI,/gm,
    to: 'You are a coding agent running in the Codex CLI,',
  },
];

/** Instructions without the claim to be a GPT model. The same text always gives the same text. */
export function modelAgnostic(instructions: string, additions = new Additions()): string {
  if (!instructions.includes('GPT-')) return instructions;
  return identitySentences.reduce(
    (text, { from, to }) =>
      text.replace(from, (sentence, kind: string) =>
        additions.add('identity', to.replace('$1', kind), sentence),
      ),
    instructions,
  );
}
