import { median } from './statistics.ts';

/** The ways to the same upstream; beside them there may be other programs, by name. */
export const targets = ['direct', 'relay', 'translated', 'passed through'] as const;
export type Target = (typeof targets)[number];

/** What was measured, by figure and way; one number for each round. */
export class Figures {
  readonly #all = new Map<string, Map<string, number[]>>();

  note(figure: string, way: string, value: number): void {
    const ways = this.#all.get(figure) ?? new Map<string, number[]>();
    this.#all.set(figure, ways);
    ways.set(way, [...(ways.get(way) ?? []), value]);
  }

  forget(way: string): void {
    for (const ways of this.#all.values()) ways.delete(way);
  }

  get rows(): readonly Row[] {
    return [...this.#all].map(([figure, values]) => row(figure, values));
  }
}

export interface Row {
  readonly figure: string;
  readonly values: Readonly<Record<Target, number>>;
  /** To the relay of the same round. */
  readonly ratios: Readonly<Record<'translated' | 'passed through', number>>;
  /** Of the other programs, by name, where there were any. */
  readonly peers?: Readonly<Record<string, { readonly value: number; readonly ratio: number }>>;
}

/** Ratios to the relay, per round and then their median. For times to first token only what is added to direct counts. */
function row(figure: string, ways: ReadonlyMap<string, readonly number[]>): Row {
  const added = figure.startsWith('time to first token');
  const noted = (way: string) => ways.get(way) ?? [];
  const value = (way: string) => median(noted(way));
  const cost = (way: string, index: number) =>
    (noted(way)[index] ?? Number.NaN) - (added ? (noted('direct')[index] ?? Number.NaN) : 0);
  const ratio = (way: string) =>
    median(noted(way).map((_, index) => cost(way, index) / cost('relay', index)));
  const own: ReadonlySet<string> = new Set(targets);
  const others = [...ways.keys()].filter((way) => !own.has(way));
  return {
    figure,
    values: {
      direct: value('direct'),
      relay: value('relay'),
      translated: value('translated'),
      'passed through': value('passed through'),
    },
    ratios: { translated: ratio('translated'), 'passed through': ratio('passed through') },
    ...(others.length > 0 && {
      peers: Object.fromEntries(
        others.map((name) => [name, { value: value(name), ratio: ratio(name) }]),
      ),
    }),
  };
}

/** Three digits, or a dash for what was not measured. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

export function times(ratio: number): string {
  return Number.isFinite(ratio) ? `${digits(ratio)}×` : '–';
}

/** The figures as lines of cells, the head first. */
export function cellsOf(rows: readonly Row[]): readonly (readonly string[])[] {
  return [
    ['', 'direct', 'relay', 'translated', 'to relay', 'passed through', 'to relay'],
    ...rows.map(({ figure, values, ratios }) => [
      figure,
      digits(values.direct),
      digits(values.relay),
      digits(values.translated),
      times(ratios.translated),
      digits(values['passed through']),
      times(ratios['passed through']),
    ]),
  ];
}

/** Columns that stand below each other. */
export function aligned(table: readonly (readonly string[])[]): string {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((line) => line[column]?.length ?? 0)),
  );
  const pad = (cell: string, i: number) =>
    i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0);
  return table.map((line) => line.map(pad).join('  ')).join('\n');
}
