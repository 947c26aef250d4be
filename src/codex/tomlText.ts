import { parse, TomlError, type TomlTable } from 'smol-toml';

/** Why a config.toml is left alone. */
export interface TomlProblem {
  /** From 1; `undefined` where no place is meant. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** A sentence without the place. */
  readonly reason: string;
}

export type ParsedToml =
  | { readonly ok: true; readonly table: TomlTable }
  | { readonly ok: false; readonly problem: TomlProblem };

/** The content of a TOML text, or where it is wrong. */
export function parseToml(text: string): ParsedToml {
  try {
    return { ok: true, table: parse(text, { integersAsBigInt: 'asNeeded' }) };
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) {
      throw thrown;
    }
    // The rest of the message quotes the file, which may hold secrets.
    const [first = ''] = thrown.message.split('\n');
    const reason = `${first.replace(/^Invalid TOML document: /, '')}.`;
    return {
      ok: false,
      problem: {
        line: thrown.line,
        column: thrown.column,
        reason: reason.charAt(0).toUpperCase() + reason.slice(1),
      },
    };
  }
}

/** Replaces the part of a text from `start` to `end`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly insert: string;
}

/** Applies splices; of those at one place the first given comes first, of nested ones the outer wins. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  let result = '';
  let done = 0;
  for (const { start, end, insert } of splices.toSorted((a, b) => a.start - b.start)) {
    if (start >= done) {
      result += text.slice(done, start) + insert;
      done = end;
    } else {
      done = Math.max(done, end);
    }
  }
  return result + text.slice(done);
}

/** The line break that a text uses. */
export function lineBreakOf(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? '\n';
}
