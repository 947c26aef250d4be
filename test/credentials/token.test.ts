import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { localToken, sameToken, tokenPath } from '../../src/credentials/token.ts';
import { testScope } from '../support/scope.ts';

const posix = process.platform !== 'win32';

test('the token is made once, long, and only for its owner to read', async (t) => {
  const home = join(testScope(t).directory('token'), 'home');
  const umask = process.umask(0);
  let token: string;
  try {
    token = await localToken(home);
  } finally {
    process.umask(umask);
  }
  assert.match(token, /^[\w-]{43}$/);
  assert.equal(await localToken(home), token);
  assert.equal(readFileSync(tokenPath(home), 'utf8'), `${token}\n`);
  assert.deepEqual(readdirSync(home), ['token']);
  if (posix) {
    assert.equal(statSync(tokenPath(home)).mode & 0o777, 0o600);
    assert.equal(statSync(home).mode & 0o777, 0o700);
  }
});

test('all who ask at the same time get the same token', async (t) => {
  const home = testScope(t).directory('token');
  const tokens = await Promise.all(Array.from({ length: 20 }, () => localToken(home)));
  assert.equal(new Set(tokens).size, 1);
});

test('a token file that others can read is closed to them', { skip: !posix }, async (t) => {
  const home = testScope(t).directory('token');
  const token = await localToken(home);
  chmodSync(tokenPath(home), 0o644);
  assert.equal(await localToken(home), token);
  assert.equal(statSync(tokenPath(home)).mode & 0o777, 0o600);
});

test('a damaged token file is reported, not replaced', async (t) => {
  const home = testScope(t).directory('token');
  writeFileSync(tokenPath(home), 'short');
  await assert.rejects(localToken(home), /does not hold a token\. Delete it/);
  assert.equal(readFileSync(tokenPath(home), 'utf8'), 'short');
});

test('only the very token is the same', () => {
  assert.equal(sameToken('abc', 'abc'), true);
  for (const other of ['', 'ab', 'abcd', 'abC']) assert.equal(sameToken('abc', other), false);
});
