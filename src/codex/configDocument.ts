import type { TomlTable } from 'smol-toml';
import { notePrefix } from './blockMarks.ts';
import { isOurTable, providerId } from './providerTable.ts';
import {
  type InlineEntry,
  inlineEntries,
  type Statement,
  scanToml,
  type TomlLayout,
} from './tomlScan.ts';
import { parseToml, type TomlProblem } from './tomlText.ts';

/** Codex's config.toml: its text, what it says, and where it says it. */
export interface ConfigDocument {
  readonly text: string;
  readonly table: TomlTable;
  readonly layout: TomlLayout;
}

export type Opened =
  | { readonly ok: true; readonly document: ConfigDocument }
  | { readonly ok: false; readonly problem: TomlProblem };

/** Reads the text of a config.toml. */
export function openConfig(text: string): Opened {
  const parsed = parseToml(text);
  return parsed.ok
    ? { ok: true, document: { text, table: parsed.table, layout: scanToml(text) } }
    : parsed;
}

/**
 * `connected`: Codex uses our provider. `dormant`: our table is there, so that earlier threads can be
 * resumed, but Codex uses another provider.
 */
export type BlockState = 'connected' | 'dormant' | 'none';

/** What a config.toml says of us. */
export function blockState(document: ConfigDocument): BlockState {
  if (!hasOurTable(document)) {
    return 'none';
  }
  return document.table['model_provider'] === providerId ? 'connected' : 'dormant';
}

/** Whether there is a provider of our name and we made it. */
export function hasOurTable({ table, layout }: ConfigDocument): boolean {
  const found = providersOf(table)[providerId];
  return (
    found !== undefined &&
    (isOurTable(found) || layout.comments.some((c) => c.text.startsWith(`${notePrefix} `)))
  );
}

/** The provider tables by id. */
export function providersOf(table: TomlTable): Readonly<Record<string, unknown>> {
  const providers = table['model_providers'];
  return typeof providers === 'object' ? { ...providers } : {};
}

/** The keys outside all tables that a connection sets. */
export const rootNames = ['model_provider', 'model', 'model_catalog_json'] as const;

/** All that a connection does not touch; the setting of a catalog file is the user's unless said so. */
export function othersOf(
  table: TomlTable,
  catalogFileIsOurs: boolean,
): Readonly<Record<string, unknown>> {
  const untouched = (name: string) =>
    name === 'model_catalog_json'
      ? !catalogFileIsOurs
      : name !== 'model' && name !== 'model_provider' && name !== 'model_providers';
  const without = (all: object, keep: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => keep(name)));
  return {
    settings: without(table, untouched),
    providers: without(providersOf(table), (id) => id !== providerId),
  };
}

/** The statement that sets a key outside all tables. */
export function rootPair(layout: TomlLayout, name: string): Statement | undefined {
  return layout.statements.find(
    (s) => s.kind === 'pair' && s.table.length === 0 && s.path.length === 1 && s.path[0] === name,
  );
}

/** `model_providers = { … }`, which is closed to tables of its own. */
export function inlineProviders(layout: TomlLayout): Statement | undefined {
  return rootPair(layout, 'model_providers');
}

/** The entry of our name in `model_providers = { … }`. */
export function inlineOurs(text: string, pair: Statement): InlineEntry | undefined {
  return inlineEntries(text, pair.valueStart).find((entry) => entry.path[0] === providerId);
}

export interface LineRange {
  readonly start: number;
  readonly end: number;
  readonly header: boolean;
}

/** The lines of the provider of our name, however it is written, but for the inline form. */
export function providerRanges(layout: TomlLayout): readonly LineRange[] {
  const isOurs = (path: readonly string[]) =>
    path[0] === 'model_providers' && path[1] === providerId;
  const ranges: LineRange[] = [];
  for (const { kind, path, table, start, end } of layout.statements) {
    const open = ranges.at(-1);
    if (kind === 'pair' && isOurs(table) && open !== undefined) {
      ranges[ranges.length - 1] = { ...open, end };
    } else if (isOurs(path)) {
      ranges.push({ start, end, header: kind === 'header' });
    }
  }
  return ranges;
}
