import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

export interface Column<T> {
  readonly id: string;
  readonly title: string;
  readonly number?: boolean;
  /** What rows are sorted by; a column without it is not sortable. */
  readonly sortBy?: (row: T) => string | number;
  readonly cell: (row: T) => ComponentChildren;
}

export interface Sorting {
  readonly column: string;
  readonly descending: boolean;
}

interface LongTableProps<T> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  /** The first column names the row. */
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  readonly sorting?: Sorting;
  readonly onSort?: (sorting: Sorting) => void;
  /** Opens a row; its first cell is then a button. */
  readonly onOpen?: (row: T) => void;
  readonly opened?: string;
}

/** The height of a row; style.css says the same. */
const rowHeight = 32;
/** Rows above and below the visible ones, so that scrolling shows no gaps. */
const spare = 12;

/** A table of any length: only the rows in sight exist. Every row is one line. */
export function LongTable<T>(props: LongTableProps<T>) {
  const { label, columns, rows, keyOf, sorting, onSort } = props;
  const box = useRef<HTMLElement>(null);
  const [first, count] = useVisibleRows(box, rows.length);
  const shown = rows.slice(first, first + count);
  return (
    // A region that scrolls must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: axe's scrollable-region-focusable asks for it
    <section class="long" ref={box} aria-label={label} tabIndex={0}>
      <table aria-rowcount={rows.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <Heading key={column.id} column={column} sorting={sorting} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer rows={first} columns={columns.length} />
          {shown.map((row, index) => (
            <Row key={keyOf(row)} row={row} index={first + index + 2} table={props} />
          ))}
          <Spacer rows={rows.length - first - shown.length} columns={columns.length} />
        </tbody>
      </table>
    </section>
  );
}

interface RowProps<T> {
  readonly row: T;
  readonly index: number;
  readonly table: LongTableProps<T>;
}

function Row<T>({ row, index, table: { columns, keyOf, onOpen, opened } }: RowProps<T>) {
  const isOpen = opened === keyOf(row);
  return (
    <tr aria-rowindex={index} class={isOpen ? 'opened' : undefined}>
      {columns.map((column, at) => {
        const content = column.cell(row);
        if (at > 0) {
          return (
            <td key={column.id} class={column.number ? 'number' : undefined}>
              {content}
            </td>
          );
        }
        return (
          <th key={column.id} scope="row">
            {onOpen === undefined ? (
              content
            ) : (
              <button type="button" class="link" aria-expanded={isOpen} onClick={() => onOpen(row)}>
                {content}
              </button>
            )}
          </th>
        );
      })}
    </tr>
  );
}

interface HeadingProps<T> {
  readonly column: Column<T>;
  readonly sorting: Sorting | undefined;
  readonly onSort: ((sorting: Sorting) => void) | undefined;
}

function Heading<T>({ column, sorting, onSort }: HeadingProps<T>) {
  const { id, title, number } = column;
  const descending = sorting?.column === id ? sorting.descending : undefined;
  if (column.sortBy === undefined || onSort === undefined) {
    return (
      <th scope="col" class={number ? 'number' : undefined}>
        {title}
      </th>
    );
  }
  return (
    <th scope="col" class={number ? 'number' : undefined} aria-sort={sortWord(descending)}>
      <button
        type="button"
        class="sort"
        onClick={() => onSort({ column: id, descending: descending === false })}
      >
        {title}
        <span aria-hidden="true">{descending === undefined ? '' : descending ? ' ↓' : ' ↑'}</span>
      </button>
    </th>
  );
}

function sortWord(descending: boolean | undefined): 'ascending' | 'descending' | 'none' {
  if (descending === undefined) return 'none';
  return descending ? 'descending' : 'ascending';
}

function Spacer({ rows, columns }: { rows: number; columns: number }) {
  if (rows <= 0) return null;
  return (
    <tr class="spacer">
      <td colSpan={columns} height={rows * rowHeight} />
    </tr>
  );
}

/** Which rows are in sight: the first one, and how many. */
function useVisibleRows(
  box: { readonly current: HTMLElement | null },
  total: number,
): readonly [number, number] {
  const [view, setView] = useState<readonly [number, number]>([0, 40]);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const look = (): void => {
      const first = Math.max(0, Math.floor(element.scrollTop / rowHeight) - spare);
      const count = Math.ceil(element.clientHeight / rowHeight) + 2 * spare;
      setView((old) => (old[0] === first && old[1] === count ? old : [first, count]));
    };
    look();
    element.addEventListener('scroll', look, { passive: true });
    const watch = new ResizeObserver(look);
    watch.observe(element);
    return () => {
      element.removeEventListener('scroll', look);
      watch.disconnect();
    };
  }, [box]);
  const [first, count] = view;
  return [Math.min(first, Math.max(0, total - count)), count];
}

/** The rows in the order that the user chose. */
export function sorted<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  sorting: Sorting,
): readonly T[] {
  const sortBy = columns.find(({ id }) => id === sorting.column)?.sortBy;
  if (sortBy === undefined) return rows;
  const sign = sorting.descending ? -1 : 1;
  return rows.toSorted((a, b) => sign * compare(sortBy(a), sortBy(b)));
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b));
}
