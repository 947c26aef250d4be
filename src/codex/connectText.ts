import { isDeepStrictEqual } from 'node:util';
import { hideLines, noteLines, type UndoFacts, undoFacts } from './blockMarks.ts';
import {
  blockState,
  type ConfigDocument,
  inlineOurs,
  inlineProviders,
  openConfig,
  othersOf,
  providerRanges,
  providersOf,
  rootPair,
} from './configDocument.ts';
import { disconnectText, type Edited } from './disconnectText.ts';
import { currentModelId, isOurCatalogFile, providerId, tomlString } from './providerTable.ts';
import { inlineEntries, type Statement, type TomlLayout } from './tomlScan.ts';
import { applySplices, lineBreakOf, parseToml, type Splice } from './tomlText.ts';

/** The fields of our provider as TOML source. */
export type ProviderSource = readonly (readonly [name: string, value: string])[];

/** What connecting writes. */
export interface Connection {
  readonly provider: ProviderSource;
  /** The file with the models, where the installed Codex reads no URL. */
  readonly catalogFile?: string | undefined;
}

/**
 * Makes Codex use our provider. Every byte of others stays; settings that ours replace become
 * comments. Where Codex uses us already, only our table is brought up to date: the model that the
 * user has picked in Codex stays. `facts` describes the file as it is now.
 */
export function connectText(text: string, connection: Connection, facts: UndoFacts): Edited {
  const opened = openConfig(text);
  if (!opened.ok) {
    return opened;
  }
  const { document } = opened;
  if (blockState(document) === 'connected') {
    const refreshed = refreshTable(document, connection);
    if (refreshed !== undefined) {
      return { ok: true, text: refreshed, facts: undoFacts(document.layout) };
    }
  }
  const undone = disconnectText(text, { keepProvider: false });
  if (!undone.ok) {
    return undone;
  }
  // What an earlier connection has changed counts, not what it left.
  const { mode, created } = undone.facts;
  return addBlock(undone.text, connection, {
    noFinalNewline: undone.text !== '\uFEFF' && /[^\n]$/.test(undone.text),
    mode: mode ?? facts.mode,
    created: created === 'nothing' ? facts.created : created,
  });
}

function addBlock(original: string, connection: Connection, facts: UndoFacts): Edited {
  const { provider, catalogFile } = connection;
  const eol = lineBreakOf(original);
  const text = facts.noFinalNewline ? original + eol : original;
  const opened = openConfig(text);
  if (!opened.ok) {
    return opened;
  }
  const { document } = opened;
  const inline = inlineProviders(document.layout);
  if (inline !== undefined && inlineOurs(text, inline) !== undefined) {
    const line = text.slice(0, inline.start).split('\n').length;
    const reason = `model_providers is an inline table that has an entry ${providerId} already. Rename or remove that entry.`;
    return { ok: false, problem: { line, column: undefined, reason } };
  }
  const comments = noteLines(facts).map((line) => line + eol);
  const table = tableText(provider, eol);
  const result = applySplices(text, [
    ...setRoot(document, catalogFile, eol),
    ...providerRanges(document.layout).flatMap(({ start, end }) => hideLines(text, start, end)),
    ...(inline === undefined ? [] : [insertInline(text, inline, provider)]),
    insertion(text.length, eol + comments.join('') + (inline === undefined ? table : '')),
  ]);
  if (!meansOnly(result, document, table, catalogFile)) {
    const reason = 'OpenCodex cannot add its provider without changing what else the file says.';
    return { ok: false, problem: { line: undefined, column: undefined, reason } };
  }
  return { ok: true, text: result, facts };
}

/** Whether a text says what the document says, but for our provider and its use. */
function meansOnly(
  text: string,
  before: ConfigDocument,
  ourTable: string,
  catalogFile: string | undefined,
): boolean {
  const after = parseToml(text);
  const wanted = parseToml(ourTable);
  return (
    after.ok &&
    wanted.ok &&
    after.table['model_provider'] === providerId &&
    after.table['model'] === currentModelId &&
    isDeepStrictEqual(
      providersOf(after.table)[providerId],
      providersOf(wanted.table)[providerId],
    ) &&
    (catalogFile === undefined || after.table['model_catalog_json'] === catalogFile) &&
    isDeepStrictEqual(
      othersOf(after.table, catalogFile !== undefined),
      othersOf(before.table, catalogFile !== undefined),
    )
  );
}

function tableText(provider: ProviderSource, eol: string): string {
  const lines = provider.map(([name, value]) => `${name} = ${value}`);
  return [`[model_providers.${providerId}]`, ...lines].map((line) => line + eol).join('');
}

/** Sets the root keys; an earlier value becomes a comment in its place. */
function setRoot(
  { text, layout }: ConfigDocument,
  catalogFile: string | undefined,
  eol: string,
): readonly Splice[] {
  const place = rootPlace(text, layout);
  const keys = [
    { name: 'model_provider', value: providerId },
    { name: 'model', value: currentModelId },
    ...(catalogFile === undefined ? [] : [{ name: 'model_catalog_json', value: catalogFile }]),
  ].map(({ name, value }) => ({
    line: `${name} = ${tomlString(value)}${eol}`,
    found: rootPair(layout, name),
  }));
  // In this order neighbours do not mix, and a replaced line stays right below what it was.
  const order = ({ found }: { readonly found: Statement | undefined }) => found?.start ?? Infinity;
  return keys
    .toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
    .flatMap(({ line, found }) =>
      found === undefined
        ? [insertion(place, line)]
        : [...hideLines(text, found.start, found.end), insertion(found.end, line)],
    );
}

/** Root keys must stand before the first table; `#:` lines are for editors and stay on top. */
function rootPlace(text: string, layout: TomlLayout): number {
  const last = layout.statements.findLast((s) => s.kind === 'pair' && s.table.length === 0);
  if (last !== undefined) {
    return last.end;
  }
  let place = text.startsWith('\uFEFF') ? 1 : 0;
  for (const comment of layout.comments) {
    if (comment.start === place && comment.text.startsWith('#:')) {
      place = comment.end;
    }
  }
  return place;
}

function insertInline(text: string, pair: Statement, provider: ProviderSource): Splice {
  const fields = provider.map(([name, value]) => `${name} = ${value}`).join(', ');
  const comma = inlineEntries(text, pair.valueStart).length === 0 ? '' : ',';
  return insertion(pair.valueStart + 1, ` ${providerId} = { ${fields} }${comma}`);
}

/** Our table with new content in the same place; `undefined` where it has another form. */
function refreshTable(
  { text, table, layout }: ConfigDocument,
  { provider, catalogFile }: Connection,
): string | undefined {
  const named = table['model_catalog_json'];
  if (named !== catalogFile && (catalogFile !== undefined || isOurCatalogFile(named))) {
    return undefined;
  }
  const fresh = tableText(provider, lineBreakOf(text));
  const wanted = parseToml(fresh);
  if (
    wanted.ok &&
    isDeepStrictEqual(providersOf(table)[providerId], providersOf(wanted.table)[providerId])
  ) {
    return text;
  }
  const [range, ...others] = providerRanges(layout);
  if (range === undefined || others.length > 0 || !range.header) {
    return undefined;
  }
  return applySplices(text, [{ start: range.start, end: range.end, insert: fresh }]);
}

function insertion(at: number, insert: string): Splice {
  return { start: at, end: at, insert };
}
