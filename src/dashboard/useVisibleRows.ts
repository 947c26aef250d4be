import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** The height of a row; styles/tables.css says the same. */
export const rowHeight = 32;
/** Rows above and below the visible ones, so that scrolling shows no gaps. */
const spare = 12;

interface Box {
  readonly current: HTMLElement | null;
}

/** Which rows of a box that scrolls are in sight: the first one, and how many. */
export function useVisibleRows(box: Box, total: number): readonly [number, number] {
  const [view, setView] = useState<readonly [number, number]>([0, 40]);
  useLayoutEffect(() => {
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

/** Who reads further down goes on reading there when new rows come on top. */
export function useKeptPlace<T>(box: Box, rows: readonly T[], keyOf: (row: T) => string): void {
  const before = useRef(rows);
  useLayoutEffect(() => {
    const element = box.current;
    const added = addedOnTop(before.current, rows, keyOf);
    before.current = rows;
    if (element !== null && element.scrollTop > 0) element.scrollTop += added * rowHeight;
  }, [box, rows]);
}

/** How many rows are new above those that were there; 0 where the order is another one. */
export function addedOnTop<T>(
  before: readonly T[],
  rows: readonly T[],
  keyOf: (row: T) => string,
): number {
  const [first, second] = before;
  if (first === undefined || second === undefined || before === rows) return 0;
  const isAt = (wanted: T, at: number): boolean => {
    const row = rows[at];
    return row !== undefined && keyOf(row) === keyOf(wanted);
  };
  const added = rows.findIndex((_, at) => isAt(first, at));
  return added > 0 && isAt(second, added + 1) ? added : 0;
}
