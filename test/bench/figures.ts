import { median } from './statistics.ts';

/** The ways to the same upstream. */
export const targets = ['direct', 'relay', 'translated', 'passed through'] as const;
export type Target = (typeof targets)[number];

/** What was measured, by figure and way; one number for each round. */
export class Figures {
  readonly #all = new Map<string, Record<Target, number[]>>();

  note(figure: string, target: Target, value: number): void {
    const values = this.#all.get(figure) ?? noValues();
    this.#all.set(figure, values);
    values[target].push(value);
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
}

function noValues(): Record<Target, number[]> {
  return { direct: [], relay: [], translated: [], 'passed through': [] };
}

/** Ratios to the relay, per round and then their median. For times to first token only what is added to direct counts. */
function row(figure: string, values: Record<Target, number[]>): Row {
  const added = figure.startsWith('time to first token');
  const cost = (target: Target, index: number) =>
    (values[target][index] ?? Number.NaN) - (added ? (values.direct[index] ?? Number.NaN) : 0);
  const ratio = (target: Target) =>
    median(values[target].map((_, index) => cost(target, index) / cost('relay', index)));
  return {
    figure,
    values: {
      direct: median(values.direct),
      relay: median(values.relay),
      translated: median(values.translated),
      'passed through': median(values['passed through']),
    },
    ratios: { translated: ratio('translated'), 'passed through': ratio('passed through') },
  };
}

/** Three digits, or a dash for what was not measured. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

/** The figures as lines of cells, the head first. */
export function cellsOf(rows: readonly Row[]): readonly (readonly string[])[] {
  const times = (ratio: number) => (Number.isFinite(ratio) ? `${digits(ratio)}×` : '–');
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
