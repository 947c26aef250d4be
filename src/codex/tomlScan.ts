import { parse } from 'smol-toml';

/**
 * Where the statements of a TOML text stand. The text must have parsed: this finds boundaries for
 * edits that keep every other byte, it checks nothing.
 */
export interface TomlLayout {
  readonly statements: readonly Statement[];
  readonly comments: readonly Comment[];
}

export interface Statement {
  readonly kind: 'header' | 'pair';
  /** All names from the root on: of a pair, the table's and its own. */
  readonly path: readonly string[];
  /** The names of the table that a pair stands in; empty before the first header. */
  readonly table: readonly string[];
  /** The start of its first line. */
  readonly start: number;
  /** After the line break of its last line. */
  readonly end: number;
  /** Of a pair: where its value stands. */
  readonly valueStart: number;
  readonly valueEnd: number;
}

export interface Comment {
  /** The start of its line. */
  readonly start: number;
  /** After the line break. */
  readonly end: number;
  /** From the number sign to the end of the line. */
  readonly text: string;
}

export interface InlineEntry {
  readonly path: readonly string[];
  readonly start: number;
  readonly end: number;
}

/** Finds statements, and comments that have a line to themselves. */
export function scanToml(text: string): TomlLayout {
  const statements: Statement[] = [];
  const comments: Comment[] = [];
  let table: readonly string[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  while (at < text.length) {
    const start = at;
    at = skipBlanks(text, at);
    if (text[at] === '#') {
      const end = lineEnd(text, at);
      comments.push({ start, end, text: text.slice(at, end).trimEnd() });
      at = end;
    } else if (text[at] === '[') {
      const depth = text[at + 1] === '[' ? 2 : 1;
      const key = readKey(text, at + depth);
      const end = lineEnd(text, key.end);
      table = key.path;
      statements.push({
        kind: 'header',
        path: table,
        table,
        start,
        end,
        valueStart: end,
        valueEnd: end,
      });
      at = end;
    } else if (isLineBreak(text, at)) {
      at = lineEnd(text, at);
    } else {
      const key = readKey(text, at);
      const valueStart = skipBlanks(text, key.end + 1);
      const valueEnd = skipValue(text, valueStart);
      const end = lineEnd(text, valueEnd);
      const path = [...table, ...key.path];
      statements.push({ kind: 'pair', path, table, start, end, valueStart, valueEnd });
      at = end;
    }
  }
  return { statements, comments };
}

/** The entries of an inline table whose opening brace is at `open`. */
export function inlineEntries(text: string, open: number): readonly InlineEntry[] {
  const entries: InlineEntry[] = [];
  let at = skipFiller(text, open + 1);
  while (at < text.length && text[at] !== '}') {
    const key = readKey(text, at);
    const end = skipValue(text, skipFiller(text, key.end + 1));
    entries.push({ path: key.path, start: at, end });
    at = skipFiller(text, end);
    if (text[at] === ',') {
      at = skipFiller(text, at + 1);
    }
  }
  return entries;
}

/** Reads a dotted key; `end` is at the sign that follows it. */
function readKey(
  text: string,
  from: number,
): { readonly path: readonly string[]; readonly end: number } {
  const path: string[] = [];
  let at = skipBlanks(text, from);
  for (;;) {
    const start = at;
    if (text[at] === '"' || text[at] === "'") {
      at = skipString(text, at);
    } else {
      while (at < text.length && !' \t.=]\r\n'.includes(text.charAt(at))) {
        at += 1;
      }
    }
    path.push(keyName(text.slice(start, at)));
    at = skipBlanks(text, at);
    if (text[at] !== '.') {
      return { path, end: at };
    }
    at = skipBlanks(text, at + 1);
  }
}

function keyName(raw: string): string {
  if (raw.startsWith("'")) {
    return raw.slice(1, -1);
  }
  if (!raw.startsWith('"')) {
    return raw;
  }
  return raw.includes('\\') ? (Object.keys(parse(`${raw} = 0`))[0] ?? '') : raw.slice(1, -1);
}

/** Gives the offset after a value. */
function skipValue(text: string, from: number): number {
  const sign = text[from];
  if (sign === '"' || sign === "'") {
    return skipString(text, from);
  }
  if (sign === '[' || sign === '{') {
    return skipBrackets(text, from);
  }
  let at = from;
  while (at < text.length && !',]}#\r\n'.includes(text.charAt(at))) {
    at += 1;
  }
  while (at > from && (text[at - 1] === ' ' || text[at - 1] === '\t')) {
    at -= 1;
  }
  return at;
}

/** Gives the offset after the bracket that closes the one at `from`; strings and comments hide theirs. */
function skipBrackets(text: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const sign = text.charAt(at);
    if (sign === '"' || sign === "'") {
      at = skipString(text, at);
    } else if (sign === '#') {
      at = lineEnd(text, at);
    } else {
      at += 1;
      if (sign === '[' || sign === '{') {
        depth += 1;
      } else if (sign === ']' || sign === '}') {
        depth -= 1;
      }
      if (depth === 0) {
        return at;
      }
    }
  }
  return at;
}

function skipString(text: string, start: number): number {
  const quote = text.charAt(start);
  const long = text.startsWith(quote.repeat(3), start);
  const close = long ? quote.repeat(3) : quote;
  let at = start + close.length;
  while (at < text.length && !text.startsWith(close, at)) {
    at += quote === '"' && text[at] === '\\' ? 2 : 1;
  }
  at += close.length;
  // Up to two quotes may stand right before the closing three.
  while (long && text[at] === quote) {
    at += 1;
  }
  return at;
}

/** Skips blanks, line breaks and comments, as they may stand inside brackets. */
function skipFiller(text: string, from: number): number {
  let at = from;
  for (;;) {
    at = skipBlanks(text, at);
    if (text[at] === '#') {
      at = lineEnd(text, at);
    } else if (isLineBreak(text, at)) {
      at += 1;
    } else {
      return at;
    }
  }
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') {
    at += 1;
  }
  return at;
}

function isLineBreak(text: string, at: number): boolean {
  return text[at] === '\n' || (text[at] === '\r' && text[at + 1] === '\n');
}

function lineEnd(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  return newline === -1 ? text.length : newline + 1;
}
