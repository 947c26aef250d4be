// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts show what users write
import type { CommandOptions } from './command.ts';
import { CommandFailure, type Terminal } from './terminal.ts';

/** The flags that say where a key comes from. It is never an argument: those can be seen and are kept. */
export const keyOptions = {
  'key-env': { type: 'string' },
  'key-stdin': { type: 'boolean' },
  'no-key': { type: 'boolean' },
} as const;

/** What goes into config.json as `apiKey`: a reference, or a key that is typed unseen or piped in. */
export async function keyAnswer(
  options: CommandOptions,
  terminal: Terminal,
  { label, page, optional }: { label: string; page: string | undefined; optional: boolean },
): Promise<string> {
  const variable = options['key-env'];
  if (typeof variable === 'string') {
    const name = /^\$?\{?([A-Za-z_]\w*)\}?$/.exec(variable)?.[1];
    if (name === undefined) {
      throw new CommandFailure('--key-env takes the name of an environment variable.');
    }
    return `\${${name}}`;
  }
  if (options['no-key'] === true) return '';
  if (options['key-stdin'] !== true) {
    const where = page === undefined ? '' : `, from ${page}`;
    const blank = optional ? ', empty for none' : '';
    terminal.note(`API key of ${label}${where} (not shown; \${NAME} for a variable${blank}):`);
  }
  const typed = await terminal.readSecret();
  const key = typed?.trim() ?? '';
  if (key === '' && !optional) {
    throw new CommandFailure(
      `${label} needs an API key. Type it, pipe it in, or give the variable that holds it with --key-env NAME.`,
    );
  }
  return key;
}
