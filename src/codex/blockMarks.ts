import { type Statement, scanToml, type TomlLayout } from './tomlScan.ts';
import type { Splice } from './tomlText.ts';

/*
 * What undo needs is in config.toml itself, as comments: one atomic write does everything, and the
 * memory travels with the file. Earlier settings become comments in place; a comment above a key or
 * a table survives the edits that Codex itself makes.
 */

/** Starts the comment above our provider. */
export const notePrefix = '#opencodex#';
/** Starts the comment that holds the facts. */
const factsPrefix = '#opencodex-undo#';
/** Starts a line that was a setting before. */
const wasPrefix = '#opencodex-was#';

const note = `${notePrefix} "Disconnect Codex" removes this and brings back the lines marked ${wasPrefix}`;

/** What undo must bring back beyond the text. */
export interface UndoFacts {
  /** The file did not end with a line break. */
  readonly noFinalNewline: boolean;
  /** The permissions, where they were others than we set. */
  readonly mode: number | undefined;
  /** What did not exist before. */
  readonly created: 'nothing' | 'file' | 'folder';
}

/** The comment lines above our provider. */
export function noteLines(facts: UndoFacts): readonly string[] {
  const words = [
    ...(facts.noFinalNewline ? ['no-final-newline'] : []),
    ...(facts.mode === undefined ? [] : [`mode=${facts.mode.toString(8)}`]),
    ...(facts.created === 'nothing' ? [] : [`created=${facts.created}`]),
  ];
  return words.length === 0 ? [note] : [note, `${factsPrefix} ${words.join(' ')}`];
}

/** The facts that a file's comments hold. */
export function undoFacts(layout: TomlLayout): UndoFacts {
  const line = layout.comments.find((c) => c.text.startsWith(`${factsPrefix} `))?.text ?? '';
  const words = line.split(' ');
  const mode = words.find((word) => /^mode=[0-7]{3}$/.test(word))?.slice('mode='.length);
  const created = (['folder', 'file'] as const).find((what) => words.includes(`created=${what}`));
  return {
    noFinalNewline: words.includes('no-final-newline'),
    mode: mode === undefined ? undefined : Number.parseInt(mode, 8),
    created: created ?? 'nothing',
  };
}

/** Our own comments: note and facts. */
export function noteComments(layout: TomlLayout): TomlLayout['comments'] {
  return layout.comments.filter(
    (c) => c.text.startsWith(`${notePrefix} `) || c.text.startsWith(`${factsPrefix} `),
  );
}

/** Makes whole lines comments. The text must end with a line break. */
export function hideLines(text: string, start: number, end: number): readonly Splice[] {
  const splices: Splice[] = [];
  for (let at = start; at < end; at = text.indexOf('\n', at) + 1) {
    splices.push({ start: at, end: at, insert: `${wasPrefix} ` });
  }
  return splices;
}

/** A line that was a setting before. */
export interface HiddenLine {
  readonly start: number;
  /** Where the earlier line begins, behind the mark. */
  readonly contentStart: number;
  readonly end: number;
  /** The statement of which it was a line. */
  readonly statement: Statement | undefined;
}

/** Finds the lines that `hideLines` made comments. */
export function hiddenLines(text: string, layout: TomlLayout): readonly HiddenLine[] {
  const lines = layout.comments
    .filter((comment) => comment.text.startsWith(wasPrefix))
    .map(({ start, end }) => {
      const mark = text.indexOf(wasPrefix, start) + wasPrefix.length;
      return { start, contentStart: text[mark] === ' ' ? mark + 1 : mark, end };
    });
  const found: HiddenLine[] = [];
  let from = 0;
  // A statement may have had several lines, so lines that follow each other are read together.
  for (const [index, line] of lines.entries()) {
    if (lines[index + 1]?.start === line.end) {
      continue;
    }
    const run = lines.slice(from, index + 1);
    from = index + 1;
    const contents = run.map(({ contentStart, end }) => text.slice(contentStart, end));
    const { statements } = scanToml(contents.join(''));
    let offset = 0;
    for (const [position, member] of run.entries()) {
      const at = offset;
      found.push({ ...member, statement: statements.find((s) => s.start <= at && at < s.end) });
      offset += contents[position]?.length ?? 0;
    }
  }
  return found;
}
