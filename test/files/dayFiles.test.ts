import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DayFiles, type DayFilesOptions, dayOf, daysBack } from '../../src/files/dayFiles.ts';
import { testScope } from '../support/scope.ts';

const today = (): string => dayOf(Date.now());

function filesIn(folder: string, options: Partial<DayFilesOptions> = {}): DayFiles {
  return new DayFiles({
    folder,
    keepDays: 3,
    fileBytes: 1_000,
    totalBytes: 100_000,
    failed: (message) => assert.fail(message),
    ...options,
  });
}

test('lines of several writers are all there, in files for this user alone', async (t) => {
  const folder = join(testScope(t).directory('days'), 'new');
  const writers = [1, 2, 3, 4].map(() => filesIn(folder));
  await Promise.all(
    writers.map(async (files, writer) => {
      for (let i = 0; i < 50; i++) {
        files.add(`${writer} ${i}`);
        if (i % 10 === 0) await files.flush();
      }
      await files.flush();
    }),
  );
  const [first] = writers;
  assert.equal(new Set(await first?.read(today())).size, 200);
  for (const name of readdirSync(folder)) {
    if (process.platform !== 'win32') {
      assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
    }
  }
});

test('a full file gets a successor, and the oldest go when there are too many', async (t) => {
  const folder = testScope(t).directory('days');
  const files = filesIn(folder, { fileBytes: 100, totalBytes: 350 });
  for (let i = 0; i < 10; i++) {
    files.add(`${i} ${'x'.repeat(98)}`);
    await files.flush();
  }
  const lines = await files.read(today());
  assert.equal(lines.at(-1)?.slice(0, 1), '9');
  assert.ok(lines.length >= 3 && lines.length <= 4, `${lines.length} lines`);
});

test('files of older days are deleted, other files are not', async (t) => {
  const folder = testScope(t).directory('days');
  mkdirSync(folder, { recursive: true });
  const names = [0, 1, 2, 3, 40].map((days) => `${daysBack(days)}.jsonl`);
  for (const name of [...names, 'notes.txt', '2020-01-01.json']) {
    writeFileSync(join(folder, name), 'line\n');
  }
  const files = filesIn(folder);
  files.add('new');
  await files.flush();
  assert.deepEqual(await files.days(), [daysBack(2), daysBack(1), today()]);
  assert.deepEqual(await files.read(today()), ['line', 'new']);
  assert.ok(readdirSync(folder).includes('notes.txt'));
  assert.ok(readdirSync(folder).includes('2020-01-01.json'));
});

test('lines are written although others clear the folder at the same time', async (t) => {
  const folder = testScope(t).directory('days');
  const files = filesIn(folder);
  const other = filesIn(folder);
  for (let i = 0; i < 60; i++) {
    files.add(`${i}`);
    await Promise.all([files.flush(), other.clear()]);
    files.add('last');
    await files.flush();
    assert.equal((await files.read(today())).at(-1), 'last');
  }
});

test('a folder that cannot be written is said once, and nobody is held up', async (t) => {
  const file = join(testScope(t).directory('days'), 'file');
  writeFileSync(file, '');
  const said: string[] = [];
  const files = filesIn(join(file, 'below'), { failed: (message) => void said.push(message) });
  for (let i = 0; i < 3; i++) {
    files.add('line');
    await files.flush();
  }
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /Nothing can be kept in .*below/);
  assert.deepEqual(await files.read(today()), []);
});
