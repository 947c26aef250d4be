export interface Sorting {
  readonly column: string;
  readonly descending: boolean;
}

export interface Sortable<T> {
  readonly id: string;
  /** What rows are sorted by; a column without it is not sortable. */
  readonly sortBy?: (row: T) => string | number;
}

/** The rows in the order that the user chose; without a choice as they came. */
export function sorted<T>(
  rows: readonly T[],
  columns: readonly Sortable<T>[],
  sorting: Sorting,
): readonly T[] {
  const sortBy = columns.find(({ id }) => id === sorting.column)?.sortBy;
  if (sortBy === undefined) return rows;
  const sign = sorting.descending ? -1 : 1;
  return rows.toSorted((a, b) => sign * compare(sortBy(a), sortBy(b)));
}

/** Made once: a comparison that looks the language up each time is slow on long lists. */
const words = new Intl.Collator(undefined, { numeric: true });

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return words.compare(String(a), String(b));
}
