import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matches } from '../../src/dashboard/search.ts';
import { type Sortable, sorted } from '../../src/dashboard/sorting.ts';
import { addedOnTop } from '../../src/dashboard/useVisibleRows.ts';

test('a search finds every word in any field, whatever its case and order', () => {
  assert.ok(matches('', 'anything'));
  assert.ok(matches('seek DEEP', 'deepseek', undefined, 'chat'));
  assert.ok(matches('  v4   chat ', 'deepseek-v4', 'chat'));
  assert.ok(!matches('deep sea', 'deepseek'));
  assert.ok(!matches('x', undefined));
});

interface Row {
  readonly name: string;
  readonly size: number;
}

const rows: readonly Row[] = [
  { name: 'b10', size: 2 },
  { name: 'b9', size: 10 },
  { name: 'A1', size: -1 },
];

const columns: readonly Sortable<Row>[] = [
  { id: 'name', sortBy: ({ name }) => name },
  { id: 'size', sortBy: ({ size }) => size },
  { id: 'picture' },
];

function order(column: string, descending = false): string {
  return sorted(rows, columns, { column, descending })
    .map(({ name }) => name)
    .join(' ');
}

test('rows are sorted by number or by name, with the numbers in names as numbers', () => {
  assert.equal(order('size'), 'A1 b10 b9');
  assert.equal(order('size', true), 'b9 b10 A1');
  assert.equal(order('name'), 'A1 b9 b10');
  assert.equal(order('name', true), 'b10 b9 A1');
});

test('without a column to sort by, rows stay as they came', () => {
  assert.equal(sorted(rows, columns, { column: 'picture', descending: false }), rows);
  assert.equal(sorted(rows, columns, { column: '', descending: true }), rows);
});

test('new rows on top are counted; another order of the same rows is not', () => {
  const added = (before: string, after: string) =>
    addedOnTop([...before], [...after], (letter) => letter);
  assert.equal(added('abc', 'xyabc'), 2);
  assert.equal(added('abc', 'xyab'), 2, 'the oldest have gone');
  assert.equal(added('abc', 'abc'), 0);
  assert.equal(added('abc', 'cba'), 0);
  assert.equal(added('abc', 'bca'), 0);
  assert.equal(added('abc', 'xyz'), 0);
  assert.equal(added('', 'abc'), 0);
});
