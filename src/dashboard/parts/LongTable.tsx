import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { Sortable, Sorting } from '../sorting.ts';
import { rowHeight, useKeptPlace, useVisibleRows } from '../useVisibleRows.ts';

export interface Column<T> extends Sortable<T> {
  readonly title: string;
  readonly number?: boolean;
  /** In pixels. Columns without it share what is left; none follows its content, which comes and goes. */
  readonly width?: number;
  readonly cell: (row: T) => ComponentChildren;
  /** The whole of a text that may be cut off. */
  readonly whole?: (row: T) => string;
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
  /** Leaves room for what is shown below it. */
  readonly short?: boolean;
}

/** What a column without a width has at least. */
const leastWidth = 220;

/** A table of any length: only the rows in sight exist. Every row is one line. */
export function LongTable<T>(props: LongTableProps<T>) {
  const { label, columns, rows, keyOf, sorting, onSort, short } = props;
  const box = useRef<HTMLElement>(null);
  const [first, count] = useVisibleRows(box, rows.length);
  useKeptPlace(box, rows, keyOf);
  const minWidth = columns.reduce((sum, { width = leastWidth }) => sum + width, 0);
  const shown = rows.slice(first, first + count);
  return (
    // A region that scrolls must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: axe's scrollable-region-focusable asks for it
    <section class={short ? 'long short' : 'long'} ref={box} aria-label={label} tabIndex={0}>
      <table aria-rowcount={rows.length + 1} style={{ minWidth: `${minWidth}px` }}>
        <colgroup>
          {columns.map(({ id, width }) => (
            <col key={id} width={width} />
          ))}
        </colgroup>
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
            <td
              key={column.id}
              class={column.number ? 'number' : undefined}
              title={column.whole?.(row) || undefined}
            >
              {content}
            </td>
          );
        }
        return (
          <th key={column.id} scope="row" title={column.whole?.(row)}>
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
      <td colSpan={columns} style={{ height: `${rows * rowHeight}px` }} />
    </tr>
  );
}
