import { CommandFailure, type Terminal } from './terminal.ts';

/**
 * Asks for a value that no flag gave. The question goes to stderr, so that results can be piped on.
 * Without an answer the default holds; without a default the flag to give is named.
 */
export async function ask(
  terminal: Terminal,
  question: string,
  how: { readonly flag: string; readonly default?: string },
): Promise<string> {
  const usual = how.default === undefined ? '' : ` [${how.default}]`;
  terminal.note(`${question}${usual}:`);
  const answer = (await terminal.readLine())?.trim() ?? '';
  if (answer !== '') return answer;
  if (how.default !== undefined) return how.default;
  throw new CommandFailure(`this needs an answer: ${question}. Scripts give it as ${how.flag}.`);
}

/** `y` agrees; anything else, and nobody being there, does not. */
export async function agrees(terminal: Terminal, question: string): Promise<boolean> {
  terminal.note(`${question} (y/n)`);
  return /^y(es)?$/i.test((await terminal.readLine())?.trim() ?? '');
}
