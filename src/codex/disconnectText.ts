import { isDeepStrictEqual } from 'node:util';
import { hiddenLines, noteComments, type UndoFacts, undoFacts } from './blockMarks.ts';
import {
  type ConfigDocument,
  hasOurTable,
  inlineOurs,
  inlineProviders,
  openConfig,
  othersOf,
  providerRanges,
  providersOf,
  rootNames,
  rootPair,
} from './configDocument.ts';
import { currentModelId, isOurCatalogFile, providerId } from './providerTable.ts';
import type { Statement } from './tomlScan.ts';
import { applySplices, parseToml, type Splice, type TomlProblem } from './tomlText.ts';

export type Edited =
  | { readonly ok: true; readonly text: string; readonly facts: UndoFacts }
  | { readonly ok: false; readonly problem: TomlProblem };

/**
 * Takes our edits of config.toml back. What others have changed in between stays. With
 * `keepProvider` our table stays too, so that threads made through the proxy can still be opened.
 */
export function disconnectText(text: string, options: { readonly keepProvider: boolean }): Edited {
  const opened = openConfig(text);
  if (!opened.ok) {
    return opened;
  }
  const { document } = opened;
  const facts = undoFacts(document.layout);
  const root = restoreRoot(document);
  const hidden = showHiddenTables(document);
  // Somebody else's provider of our name can come back only when ours goes.
  const table =
    options.keepProvider && hidden.length === 0 ? [] : [...hidden, ...removeTable(document)];
  let result = applySplices(text, [...root, ...table]);
  if (facts.noFinalNewline && table.some(({ end }) => end === text.length)) {
    result = result.replace(/\r?\n$/, '');
  }
  const after = parseToml(result);
  const ourFile = isOurCatalogFile(document.table['model_catalog_json']);
  if (
    !after.ok ||
    !isDeepStrictEqual(othersOf(after.table, ourFile), othersOf(document.table, ourFile))
  ) {
    const reason = 'The lines that OpenCodex added cannot be told from the others.';
    return { ok: false, problem: { line: undefined, column: undefined, reason } };
  }
  return { ok: true, text: result, facts };
}

/** Takes our root keys away and brings earlier ones back, unless somebody has set new ones. */
function restoreRoot(document: ConfigDocument): readonly Splice[] {
  const { text, table, layout } = document;
  const removed = ourRootNames(document);
  const splices: Splice[] = [];
  for (const name of removed) {
    const pair = rootPair(layout, name);
    if (pair !== undefined) {
      splices.push({ start: pair.start, end: pair.end, insert: '' });
    }
  }
  const firstHeader = layout.statements.find((s) => s.kind === 'header')?.start ?? text.length;
  for (const { start, contentStart, end, statement } of hiddenLines(text, layout)) {
    const name = rootName(statement);
    if (name !== undefined) {
      const back = start < firstHeader && (removed.includes(name) || !(name in table));
      splices.push({ start, end: back ? contentStart : end, insert: '' });
    }
  }
  return splices;
}

/** Which of the root keys hold what we, or Codex's picker because of us, have set. */
function ourRootNames(document: ConfigDocument): readonly string[] {
  const { table } = document;
  const model = table['model'];
  // Without any table of that name the key is what is left of a connection.
  const provider =
    table['model_provider'] === providerId &&
    (hasOurTable(document) || providersOf(table)[providerId] === undefined);
  // While connected, Codex's picker offers `provider/model` names, which mean nothing without us.
  const picked = provider && typeof model === 'string' && model.includes('/');
  return [
    ...(provider ? ['model_provider'] : []),
    ...(picked || model === currentModelId ? ['model'] : []),
    ...(isOurCatalogFile(table['model_catalog_json']) ? ['model_catalog_json'] : []),
  ];
}

/** Which of the root keys a statement sets. */
function rootName(statement: Statement | undefined): string | undefined {
  const [first] = statement?.path ?? [];
  return statement?.path.length === 1 ? rootNames.find((name) => name === first) : undefined;
}

/** Brings the other lines back that connecting had made comments. */
function showHiddenTables({ text, layout }: ConfigDocument): readonly Splice[] {
  return hiddenLines(text, layout)
    .filter(({ statement }) => rootName(statement) === undefined)
    .map(({ start, contentStart }) => ({ start, end: contentStart, insert: '' }));
}

/** Takes our table and the comments above it away. */
function removeTable(document: ConfigDocument): readonly Splice[] {
  const { text, layout } = document;
  const notes = noteComments(layout);
  const cuts: { readonly start: number; readonly end: number }[] = [...notes];
  if (notes[0] !== undefined) {
    cuts.push(blankLineBefore(text, notes[0].start));
  }
  if (hasOurTable(document)) {
    cuts.push(...providerRanges(layout));
    const inline = inlineProviders(layout);
    const entry = inline && inlineOurs(text, inline);
    if (inline !== undefined && entry !== undefined) {
      const end = text[entry.end] === ',' ? entry.end + 1 : entry.end;
      cuts.push({ start: inline.valueStart + 1, end });
    }
  }
  return cuts.map(({ start, end }) => ({ start, end, insert: '' }));
}

function blankLineBefore(
  text: string,
  end: number,
): { readonly start: number; readonly end: number } {
  const blank = /(?:^\uFEFF?|\n)(\r?\n)$/.exec(text.slice(0, end))?.[1] ?? '';
  return { start: end - blank.length, end };
}
