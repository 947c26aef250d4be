import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withStoreLock } from '../../../src/credentials/accounts/authLock.ts';
import { AuthStore } from '../../../src/credentials/accounts/authStore.ts';
import { localToken } from '../../../src/credentials/token.ts';
import { testScope } from '../../support/scope.ts';
import { everyLogin } from '../../support/tokenEndpoint.ts';
import { AccountsFolder } from './accountsFolder.ts';

const posix = { skip: process.platform === 'win32' && 'Windows has no such modes' };
const root = { skip: process.getuid?.() !== 0 && 'only root can give a file away' };
const stranger = 12_345;

const login = { access: 'access-new', refresh: 'refresh-new', expires: 9e12, accountId: 'me' };

function modesIn(folder: string): string[] {
  return readdirSync(folder).map(
    (name) => `${(statSync(join(folder, name)).mode & 0o777).toString(8)} ${name}`,
  );
}

test('T8: folder, file, locks, intents and copies are for the owner alone', posix, async (t) => {
  const umask = process.umask(0);
  t.after(() => process.umask(umask));
  const folder = new AccountsFolder(t);
  const seen = new Set<string>();
  const look = () => modesIn(folder.home).forEach((found) => void seen.add(found));
  folder.write(everyLogin(folder.endpoint));
  chmodSync(folder.path, 0o644);
  chmodSync(folder.home, 0o755);
  folder.endpoint.onHit = look;
  assert.ok((await folder.accounts.token('anthropic')).ok);
  await withStoreLock(folder.home, async () => look());
  folder.write('{"xai":');
  await folder.accounts.list();
  look();

  const all = [...seen];
  for (const kind of [
    /auth\.json$/,
    /auth\.store\.lock$/,
    /auth\.refresh\.anthropic\.\w+\.lock$/,
    /lock\.json$/,
    /auth\.json\.invalid-/,
  ]) {
    assert.ok(
      all.some((found) => kind.test(found)),
      `${kind} in ${all.join(', ')}`,
    );
  }
  assert.deepEqual(
    all.filter((found) => !found.startsWith('600 ')),
    [],
  );
  assert.equal(statSync(folder.home).mode & 0o777, 0o700);
});

test('T8: what was readable for others before is closed to them', posix, async (t) => {
  const folder = new AccountsFolder(t);
  folder.write({});
  chmodSync(folder.path, 0o644);
  chmodSync(folder.home, 0o777);
  assert.ok((await folder.accounts.list()).ok);
  assert.equal(statSync(folder.path).mode & 0o777, 0o600);
  assert.equal(statSync(folder.home).mode & 0o777, 0o700);
});

test('T9: a folder or a file of another user is not used', posix, async (t) => {
  const folder = new AccountsFolder(t);
  folder.write({ xai: login });
  const me = process.getuid?.() ?? 0;
  const store = new AuthStore(folder.home, me + 1);
  const read = await store.read();
  assert.equal(read.ok ? '' : read.problem.kind, 'unsafe');
  const changed = await store.change(() => ({ file: {}, value: undefined }));
  assert.equal(changed.ok ? '' : changed.problem.kind, 'unsafe');
  assert.deepEqual(folder.read(), { xai: login });
  assert.deepEqual(readdirSync(folder.home), ['auth.json'], 'no lock in a stranger’s folder');
});

test('T9: a folder or a file that another user put there is not used', root, async (t) => {
  const stage = (change: (folder: AccountsFolder) => void) => {
    const folder = new AccountsFolder(t);
    folder.write({ xai: login });
    change(folder);
    return folder.home;
  };
  const linkTo = (folder: AccountsFolder, target: string) => {
    const link = join(folder.home, 'link');
    symlinkSync(target, link);
    return link;
  };
  const homes = {
    folder: stage(({ home }) => chownSync(home, stranger, stranger)),
    file: stage(({ path }) => chownSync(path, stranger, stranger)),
  };
  for (const [what, home] of Object.entries(homes)) {
    const read = await new AuthStore(home).read();
    assert.equal(read.ok ? '' : read.problem.kind, 'unsafe', what);
  }
  await assert.rejects(localToken(homes.folder), /belongs to another user/);

  const linked = stage(({ home, path }) => {
    const target = join(home, 'target.json');
    renameSync(path, target);
    chownSync(target, stranger, stranger);
    symlinkSync(target, path);
  });
  assert.equal((await new AuthStore(linked).read()).ok, false, 'our link to their file');

  const folder = new AccountsFolder(t);
  const theirs = join(folder.home, 'theirs');
  mkdirSync(theirs);
  writeFileSync(join(theirs, 'auth.json'), '{}', { mode: 0o600 });
  const link = linkTo(folder, theirs);
  assert.ok((await new AuthStore(link).read()).ok, 'a link of our own to a folder of our own');
  lchownSync(link, stranger, stranger);
  assert.equal((await new AuthStore(link).read()).ok, false, 'their link to our folder');
  lchownSync(link, 0, 0);
  chownSync(theirs, stranger, stranger);
  assert.equal((await new AuthStore(link).read()).ok, false, 'our link to their folder');
});

test('T9: a folder below the home that others may write to is not used', posix, async (t) => {
  const home = testScope(t).directory('home');
  const { HOME } = process.env;
  t.after(() => {
    process.env['HOME'] = HOME;
  });
  process.env['HOME'] = home;
  const between = join(home, 'shared');
  mkdirSync(between);
  chmodSync(between, 0o777);
  const inside = join(between, 'opencodex');
  const read = await new AuthStore(inside).read();
  assert.match(read.ok ? '' : read.problem.message, /shared can be changed by other users/);
  await assert.rejects(localToken(inside), /can be changed by other users/);
  chmodSync(between, 0o755);
  assert.ok((await new AuthStore(inside).read()).ok);
});

test('T9: a link of the user’s own is followed and stays', posix, async (t) => {
  const folder = new AccountsFolder(t);
  const elsewhere = join(folder.home, 'dotfiles.json');
  writeFileSync(elsewhere, '{}', { mode: 0o600 });
  symlinkSync(elsewhere, folder.path);
  assert.deepEqual(await folder.accounts.save('xai', login), { ok: true });
  assert.deepEqual(JSON.parse(readFileSync(elsewhere, 'utf8')), { xai: login });
});

for (const [what, damaged] of [
  ['cut off', '{"xai":{"access":"a"},'],
  ['no object', '["xai"]'],
  ['empty', ''],
] as const) {
  test(`T14: a file that is ${what} is copied, not used, and replaced only with consent`, async (t) => {
    const folder = new AccountsFolder(t);
    folder.write(damaged);
    const token = await folder.accounts.token('xai');
    assert.match(token.ok ? '' : token.error.message, /^xAI: .*auth\.json is damaged/);
    const list = await folder.accounts.list();
    assert.equal(list.ok ? '' : list.problem.kind, 'damaged');

    const saved = await folder.accounts.save('xai', login);
    assert.ok(!saved.ok && saved.kind === 'ask');
    assert.equal(folder.text(), damaged, 'nothing was changed');
    const copies = readdirSync(folder.home).filter((name) => name.startsWith('auth.json.invalid-'));
    assert.equal(copies.length, 1, 'one copy, however often it was read');
    assert.match(copies[0] ?? '', /^auth\.json\.invalid-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z$/);
    assert.equal(readFileSync(join(folder.home, copies[0] ?? ''), 'utf8'), damaged);

    assert.deepEqual(await folder.accounts.save('xai', login, saved.consent), { ok: true });
    assert.deepEqual(folder.read(), { xai: login });
    assert.equal((await folder.accounts.token('xai')).ok, true);
  });
}

test('T14: a file that is being written is read again before it counts as damaged', async (t) => {
  const folder = new AccountsFolder(t);
  folder.write('{"xai":');
  const reading = folder.accounts.list();
  // Between the two looks, which are 50 ms apart.
  await new Promise((resolve) => setTimeout(resolve, 15));
  folder.write({ xai: login });
  assert.ok((await reading).ok);
});

test('of changes that are made at the same time none is lost', async (t) => {
  const folder = new AccountsFolder(t);
  const stores = [1, 2, 3].map(() => new AuthStore(folder.home));
  const saved = await Promise.all(
    Array.from({ length: 30 }, (_, n) =>
      stores[n % 3]?.change((file) => ({ file: { ...file, [n]: login }, value: undefined })),
    ),
  );
  assert.ok(saved.every((one) => one?.ok));
  assert.equal(Object.keys(JSON.parse(folder.text())).length, 30);
});

test('a change that another process made is seen at once', async (t) => {
  const folder = new AccountsFolder(t);
  folder.write({ xai: login });
  const store = new AuthStore(folder.home);
  for (let n = 0; n < 20; n++) {
    folder.write({ xai: { ...login, expires: 9e12 + n } });
    const read = await store.read();
    assert.deepEqual(read.ok && read.file, { xai: { ...login, expires: 9e12 + n } });
  }
});

test('T15: a save leaves the rest of the file as it was', async (t) => {
  for (const name of ['single', 'sets', 'mixed']) {
    const folder = new AccountsFolder(t);
    const file = new URL(`../../fixtures/accounts/${name}.json`, import.meta.url);
    const before = JSON.parse(readFileSync(file, 'utf8'));
    folder.write(before);
    assert.deepEqual(await folder.accounts.save('anthropic', login), { ok: true });
    const after = JSON.parse(folder.text());
    assert.ok('anthropic' in after);
    delete after.anthropic;
    assert.equal(JSON.stringify(after), JSON.stringify(before));
    assert.match(folder.text(), /^\{\n {2}"/);
    assert.match(folder.text(), /\n\}\n$/);
  }
});

test('another account takes a place that is taken only with consent', async (t) => {
  const folder = new AccountsFolder(t);
  folder.write({ xai: { ...login, accountId: 'other' } });
  const asked = await folder.accounts.save('xai', login);
  assert.ok(!asked.ok && asked.kind === 'ask');
  assert.match(asked.message, /Another xAI account is logged in/);
  assert.deepEqual(folder.read(), { xai: { ...login, accountId: 'other' } });
  assert.deepEqual(await folder.accounts.save('xai', login, asked.consent), { ok: true });
  assert.deepEqual(folder.read(), { xai: login });
});

test('a login that cannot be written works from memory, and is written when that is possible', {
  skip: process.platform !== 'linux' && 'needs a folder that nobody can write to',
}, async (t) => {
  const folder = new AccountsFolder(t);
  symlinkSync('/proc/opencodex-auth.json', folder.path);
  const problem = await folder.accounts.probe();
  assert.equal(problem, undefined, 'only the attempt tells');
  const saved = await folder.accounts.save('xai', login);
  assert.ok(!saved.ok && saved.kind === 'memory', JSON.stringify(saved));
  assert.match(saved.message, /cannot be written.*works until OpenCodex ends/);
  const token = await folder.accounts.token('xai');
  assert.equal(token.ok && token.token, 'access-new');
  const list = await folder.accounts.list();
  assert.deepEqual(list.ok && list.accounts.map(({ provider }) => provider), ['xai']);

  rmSync(folder.path);
  folder.clock.ms += 60_000;
  assert.ok((await folder.accounts.token('xai')).ok);
  assert.deepEqual(folder.read(), { xai: login });
});
