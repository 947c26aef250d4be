import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { localToken, tokenPath } from '../../src/credentials/token.ts';
import { createWhole } from '../../src/files/createWhole.ts';
import { withLock } from '../../src/files/lock.ts';
import { testScope } from '../support/scope.ts';

/** A file system on which one call of Node's fails, `times` times. */
function failing(t: TestContext, name: 'link' | 'open', code: string, at: RegExp, times = 1e9) {
  const real = fs[name];
  let left = times;
  const mocked = t.mock.method(fs, name, (...given: unknown[]) => {
    const path = String(given[name === 'link' ? 1 : 0]);
    if (!at.test(path) || left === 0) return Reflect.apply(real, fs, given);
    left -= 1;
    return Promise.reject(Object.assign(new Error(`${code}: ${name} '${path}'`), { code }));
  });
  syncBuiltinESMExports();
  t.after(() => {
    mocked.mock.restore();
    syncBuiltinESMExports();
  });
  return mocked.mock;
}

test('a file is created once, whole, and leaves nothing beside it', async (t) => {
  const folder = testScope(t).directory('create');
  const path = join(folder, 'file');
  assert.equal(await createWhole(path, 'first'), true);
  assert.equal(await createWhole(path, 'second'), false);
  assert.equal(await fs.readFile(path, 'utf8'), 'first');
  assert.equal((await fs.stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(await fs.readdir(folder), ['file']);
});

test('where there are no hard links the token is made once all the same', async (t) => {
  const home = testScope(t).directory('create');
  const link = failing(t, 'link', 'ENOTSUP', /./);
  const tokens = await Promise.all(Array.from({ length: 20 }, () => localToken(home)));
  assert.equal(new Set(tokens).size, 1);
  assert.ok(link.callCount() > 0);
  assert.deepEqual(await fs.readdir(home), ['token']);
});

test('a token that another process is just writing is waited for', async (t) => {
  const home = testScope(t).directory('create');
  const text = 'x'.repeat(43);
  await fs.writeFile(tokenPath(home), '');
  const waiting = localToken(home);
  await new Promise((resolve) => setImmediate(resolve));
  await fs.writeFile(tokenPath(home), text);
  assert.equal(await waiting, text);
});

test('where there are no hard links locks exclude each other', async (t) => {
  const lock = join(testScope(t).directory('create'), 'lock');
  const link = failing(t, 'link', 'EPERM', /./);
  let inside = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    assert.equal(inside, 1);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => withLock(lock, work)));
  assert.ok(link.callCount() > 0);
});

test('a lock whose file is being deleted, as Windows tells it, is waited for', async (t) => {
  for (const code of ['EPERM', 'EACCES', 'EBUSY']) {
    const lock = join(testScope(t).directory('create'), 'lock');
    failing(t, 'link', 'EPERM', /lock$/, 3);
    const open = failing(t, 'open', code, /lock$/, 3);
    assert.equal(await withLock(lock, async () => 'mine'), 'mine');
    assert.ok(open.callCount() > 3);
    t.mock.restoreAll();
    syncBuiltinESMExports();
  }
});

test('a folder in which nothing can be created is no lock that somebody holds', async (t) => {
  const lock = join(testScope(t).directory('create'), 'lock');
  failing(t, 'open', 'EACCES', /./);
  await assert.rejects(
    withLock(lock, async () => {}),
    { code: 'EACCES' },
  );
});
