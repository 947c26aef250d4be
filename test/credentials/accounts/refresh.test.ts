import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AccountToken } from '../../../src/credentials/accounts/accounts.ts';
import { refreshLockPath } from '../../../src/credentials/accounts/authLock.ts';
import { slotOf } from '../../../src/credentials/accounts/credential.ts';
import { at } from '../../support/json.ts';
import { everyLogin } from '../../support/tokenEndpoint.ts';
import { gate, until } from '../../support/until.ts';
import { AccountsFolder } from './accountsFolder.ts';

const minute = 60_000;

function tokenOf(answer: AccountToken): string {
  assert.ok(answer.ok, answer.ok ? '' : answer.error.message);
  return answer.token;
}

function errorOf(answer: AccountToken) {
  assert.ok(!answer.ok, 'there was a token');
  return answer.error;
}

function intentPath(folder: AccountsFolder, login: { readonly accountId: string }): string {
  const slot = slotOf({ access: '', refresh: '', expires: 0, accountId: login.accountId });
  return `${refreshLockPath(folder.home, { provider: 'anthropic', slot })}.json`;
}

test('a token whose time is not over is used as it is', async (t) => {
  const folder = new AccountsFolder(t);
  const login = folder.endpoint.login(folder.clock.ms + 10 * minute);
  folder.write({ xai: login });
  assert.equal(tokenOf(await folder.accounts.token('xai')), login.access);
  assert.deepEqual(folder.endpoint.hits, []);
});

for (const provider of ['xai', 'kimi', 'anthropic'] as const) {
  test(`${provider}: an old token is renewed and stored, with what was known of the account`, async (t) => {
    const folder = new AccountsFolder(t);
    const login = { ...folder.endpoint.login(), email: 'ada@example.com', extra: 1 };
    folder.write({ [provider]: login, other: { kept: true } });
    const token = tokenOf(await folder.accounts.token(provider));
    assert.deepEqual(folder.endpoint.hits, [login.refresh]);
    const file = folder.read();
    assert.equal(at(file, provider, 'access'), token);
    assert.notEqual(at(file, provider, 'refresh'), login.refresh);
    assert.equal(at(file, provider, 'accountId'), login.accountId);
    assert.equal(at(file, provider, 'email'), 'ada@example.com');
    assert.equal(at(file, provider, 'extra'), 1);
    assert.deepEqual(at(file, 'other'), { kept: true });
    assert.equal(tokenOf(await folder.accounts.token(provider)), token);
    assert.equal(folder.endpoint.hits.length, 1);
    assert.deepEqual(
      readdirSync(folder.home).filter((name) => !/^(auth\.json|.*device-id)$/.test(name)),
      [],
      'no lock and no intent is left',
    );
  });
}

test('a short life leaves half of it', async (t) => {
  const folder = new AccountsFolder(t, { clock: { now: Date.now, sleep: async () => {} } });
  folder.endpoint.lifetimeS = 400;
  folder.write({ kimi: folder.endpoint.login() });
  const before = Date.now();
  tokenOf(await folder.accounts.token('kimi'));
  const expires = Number(at(folder.read(), 'kimi', 'expires'));
  assert.ok(expires >= before + 200_000 && expires <= Date.now() + 200_000, `${expires - before}`);
});

test('T11: all who ask at the same time share one request, also over two windows', async (t) => {
  const folder = new AccountsFolder(t);
  folder.write(everyLogin(folder.endpoint));
  const other = folder.another();
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => (n % 2 ? other : folder.accounts).token('xai')),
  );
  assert.equal(new Set(answers.map(tokenOf)).size, 1);
  assert.equal(folder.endpoint.hits.length, 1);
});

test('T11: all who ask at the same time share a failure, too', async (t) => {
  const folder = new AccountsFolder(t);
  folder.write(everyLogin(folder.endpoint));
  folder.endpoint.always = { status: 500 };
  await Promise.all(Array.from({ length: 20 }, () => folder.accounts.token('xai')));
  assert.equal(folder.endpoint.hits.length, 1);
});

test('a new refresh token that does not come leaves the old one in force', async (t) => {
  const folder = new AccountsFolder(t);
  const login = folder.endpoint.login();
  folder.write({ xai: login });
  folder.endpoint.staged.push({ status: 200, body: '{"access_token":"a2","expires_in":3600}' });
  assert.equal(tokenOf(await folder.accounts.token('xai')), 'a2');
  assert.equal(at(folder.read(), 'xai', 'refresh'), login.refresh);
});

/** A refresh that is under way, and gets its answer when `goOn` is called. */
async function refreshing(folder: AccountsFolder) {
  const late = gate();
  folder.endpoint.staged.push({ until: late.opened });
  const waiting = folder.accounts.token('xai');
  await until('the refresh to be under way', () => folder.endpoint.hits.length === 1);
  return { waiting, goOn: late.open };
}

test('T13: a logout while a refresh is under way is not undone by it', async (t) => {
  const folder = new AccountsFolder(t);
  folder.write(everyLogin(folder.endpoint));
  const { waiting } = await refreshing(folder);
  const removed = await folder.accounts.remove('xai');
  assert.deepEqual(removed, { ok: true, removed: true, revoked: 'unknown' });
  assert.match(errorOf(await waiting).message, /^xAI: you are not logged in/);
  assert.equal(at(folder.read(), 'xai'), undefined);
});

for (const [what, change] of [
  ['a logout', (file: object) => ({ ...file, xai: undefined })],
  [
    'a login',
    (file: object) => ({ ...file, xai: { access: 'theirs', refresh: 'r', expires: 9e12 } }),
  ],
] as const) {
  test(`T13: ${what} by a program without locks counts more than a late answer`, async (t) => {
    const folder = new AccountsFolder(t);
    const file = everyLogin(folder.endpoint);
    folder.write(file);
    const { waiting, goOn } = await refreshing(folder);
    const changed = JSON.stringify(change(file));
    folder.write(changed);
    goOn();
    const answer = await waiting;
    assert.equal(folder.text(), changed, 'the late result was not written');
    if (what === 'a login') assert.equal(tokenOf(answer), 'theirs');
    else assert.match(errorOf(answer).message, /you are not logged in/);
  });
}

test('T13: a login in this window counts more than a late answer', async (t) => {
  const folder = new AccountsFolder(t);
  folder.write(everyLogin(folder.endpoint));
  const { waiting, goOn } = await refreshing(folder);
  const login = { access: 'mine', refresh: 'r', expires: 9e12, accountId: 'user-1' };
  assert.deepEqual(await folder.accounts.save('xai', login), { ok: true });
  goOn();
  assert.equal(tokenOf(await waiting), 'mine');
  assert.deepEqual(at(folder.read(), 'xai'), login);
});

for (const [what, staged, most, words] of [
  ['fails', { status: 500 }, 4, /HTTP 500.*Your login is kept/],
  ['asks to wait', { status: 429, headers: { 'retry-after': '60' } }, 1, /asks to wait/],
  [
    'ended it',
    { status: 400, body: '{"error":"invalid_grant"}' },
    1,
    /Log in again with "ocx login/,
  ],
] as const) {
  test(`T30: a login service that ${what} is left alone`, async (t) => {
    for (const provider of ['xai', 'kimi', 'anthropic'] as const) {
      const folder = new AccountsFolder(t);
      const before = everyLogin(folder.endpoint);
      folder.write(before);
      folder.endpoint.always = staged;
      const start = folder.clock.ms;
      for (let n = 0; n < 50; n++) {
        const error = errorOf(await folder.accounts.token(provider));
        assert.match(error.message, words);
        folder.clock.ms = Math.max(folder.clock.ms, start + n * 200);
      }
      const { length } = folder.endpoint.hits;
      assert.ok(length >= 1 && length <= most, `${provider}: ${length} requests`);
      assert.deepEqual(folder.read(), before, 'the login was kept');
    }
  });
}

test('T30: the pauses grow to five minutes, and end with the first success', async (t) => {
  const folder = new AccountsFolder(t);
  folder.write(everyLogin(folder.endpoint));
  folder.endpoint.always = { status: 500 };
  const pauses: (number | undefined)[] = [];
  for (let n = 0; n < 9; n++) {
    const { retryAfterSeconds } = errorOf(await folder.accounts.token('xai'));
    pauses.push(retryAfterSeconds);
    folder.clock.ms += (retryAfterSeconds ?? 0) * 1_000;
  }
  assert.deepEqual(pauses, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
  folder.endpoint.always = undefined;
  tokenOf(await folder.accounts.token('xai'));
});

test('a token that lives still is used while the login service is down', async (t) => {
  const folder = new AccountsFolder(t);
  // Stored two minutes early, and due one minute before that.
  const login = folder.endpoint.login(folder.clock.ms + minute / 2);
  folder.write({ xai: login });
  folder.endpoint.always = { status: 500 };
  assert.equal(tokenOf(await folder.accounts.token('xai')), login.access);
  folder.clock.ms += 2 * minute;
  assert.equal(tokenOf(await folder.accounts.token('xai')), login.access);
  folder.clock.ms += 2 * minute;
  errorOf(await folder.accounts.token('xai'));
});

for (const [provider, status, error, ends] of [
  ['xai', 401, 'invalid_grant', true],
  ['xai', 400, 'invalid_client', true],
  ['xai', 401, 'temporarily_unavailable', false],
  ['xai', 403, 'invalid_grant', false],
  ['kimi', 403, 'anything', true],
  ['kimi', 401, 'anything', true],
  ['kimi', 400, 'anything', false],
  ['anthropic', 400, 'invalid_grant', true],
  ['anthropic', 403, 'invalid_grant', false],
] as const) {
  test(`${provider}: ${status} ${error} ${ends ? 'ends the login' : 'passes'}`, async (t) => {
    const folder = new AccountsFolder(t);
    folder.write(everyLogin(folder.endpoint));
    folder.endpoint.staged.push({ status, body: JSON.stringify({ error }) });
    errorOf(await folder.accounts.token(provider));
    folder.clock.ms += 10 * minute;
    const answer = await folder.accounts.token(provider);
    assert.equal(answer.ok, !ends);
    assert.equal(folder.endpoint.hits.length, ends ? 1 : 2);
  });
}

test('an end is marked in a set, for everybody, and a new login takes the mark away', async (t) => {
  const folder = new AccountsFolder(t);
  const credential = folder.endpoint.login();
  folder.write({ xai: { activeAccountId: 's', accounts: [{ id: 's', credential }] } });
  folder.endpoint.always = { status: 400, body: '{"error":"invalid_grant"}' };
  errorOf(await folder.accounts.token('xai'));
  assert.equal(at(folder.read(), 'xai', 'accounts', 0, 'needsReauth'), true);
  errorOf(await folder.another().token('xai'));
  assert.equal(folder.endpoint.hits.length, 1);
  const listed = await folder.another().list();
  assert.equal(listed.ok && listed.accounts[0]?.needsLogin, true);
  await folder.accounts.save('xai', { ...credential, access: 'again', expires: 9e12 });
  assert.equal(tokenOf(await folder.accounts.token('xai')), 'again');
  assert.equal(at(folder.read(), 'xai', 'accounts', 0, 'needsReauth'), undefined);
});

test('an end that another program has outrun is none', async (t) => {
  const folder = new AccountsFolder(t);
  folder.write(everyLogin(folder.endpoint));
  folder.endpoint.staged.push({ status: 400, body: '{"error":"invalid_grant"}' });
  folder.clock.onSleep = () =>
    folder.write({ xai: { access: 'theirs', refresh: 'r', expires: 9e12, accountId: 'user-1' } });
  assert.equal(tokenOf(await folder.accounts.token('xai')), 'theirs');
});

for (const [provider, hits] of [
  ['xai', 2],
  ['kimi', 2],
  ['anthropic', 1],
] as const) {
  test(`${provider}: after a lost answer the same token is sent ${hits - 1} times more`, async (t) => {
    const folder = new AccountsFolder(t);
    folder.write(everyLogin(folder.endpoint));
    folder.endpoint.always = 'lose';
    errorOf(await folder.accounts.token(provider));
    assert.equal(folder.endpoint.hits.length, hits);
  });
}

test('a service that cannot be reached is tried three times, and that leaves no trace', async (t) => {
  for (const provider of ['xai', 'anthropic'] as const) {
    const folder = new AccountsFolder(t);
    folder.write(everyLogin(folder.endpoint));
    folder.endpoint.staged.push('down', 'down', 'down');
    const error = errorOf(await folder.accounts.token(provider));
    assert.equal(error.kind, 'network');
    assert.deepEqual(folder.endpoint.staged, []);
    assert.equal(folder.clock.slept.length, 2);
    folder.clock.ms += minute;
    tokenOf(await folder.accounts.token(provider));
  }
});

test('a machine that slept reads the file again before it sends a token', async (t) => {
  const folder = new AccountsFolder(t);
  folder.write(everyLogin(folder.endpoint));
  folder.endpoint.staged.push('down');
  folder.clock.onSleep = () => {
    folder.clock.ms += 10 * minute;
    folder.write({
      xai: {
        access: 'theirs',
        refresh: 'r',
        expires: folder.clock.ms + 60 * minute,
        accountId: 'user-1',
      },
    });
  };
  assert.equal(tokenOf(await folder.accounts.token('xai')), 'theirs');
  assert.deepEqual(folder.endpoint.hits, []);
});

test('Anthropic: an attempt is written down before it is made', async (t) => {
  const folder = new AccountsFolder(t);
  const login = folder.endpoint.login();
  folder.write({ anthropic: login });
  let seen = false;
  folder.endpoint.onHit = () => {
    seen = existsSync(intentPath(folder, login));
  };
  tokenOf(await folder.accounts.token('anthropic'));
  assert.equal(seen, true);
  assert.equal(existsSync(intentPath(folder, login)), false);
});

test('Anthropic: a token that may be used up is not sent again, unless the user says so', async (t) => {
  const folder = new AccountsFolder(t);
  const login = folder.endpoint.login();
  folder.write({ anthropic: login });
  folder.endpoint.staged.push('lose');
  errorOf(await folder.accounts.token('anthropic'));
  assert.equal(existsSync(intentPath(folder, login)), true);

  const restarted = folder.another();
  for (let n = 0; n < 3; n++) {
    assert.match(errorOf(await restarted.token('anthropic')).message, /Log in again/);
    folder.clock.ms += 10 * minute;
  }
  assert.equal(folder.endpoint.hits.length, 1);
  folder.endpoint.staged.push({ status: 200, body: '{"access_token":"lucky","expires_in":99999}' });
  assert.equal(tokenOf(await restarted.tryAgain('anthropic')), 'lucky');
});

test('Anthropic: what an unreadable note says is not known, so nothing is sent', async (t) => {
  const folder = new AccountsFolder(t);
  const login = folder.endpoint.login();
  folder.write({ anthropic: login });
  writeFileSync(intentPath(folder, login), '{"version":', { mode: 0o600 });
  errorOf(await folder.accounts.token('anthropic'));
  assert.deepEqual(folder.endpoint.hits, []);
  rmSync(intentPath(folder, login));
  writeFileSync(intentPath(folder, login), '{"version":1,"generation":"of other tokens"}');
  tokenOf(await folder.another().token('anthropic'));
});

test('Anthropic: a login that its terms rule out is used only with permission', async (t) => {
  const folder = new AccountsFolder(t, { permitted: () => false });
  folder.write(everyLogin(folder.endpoint));
  assert.match(errorOf(await folder.accounts.token('anthropic')).message, /turned off/);
  tokenOf(await folder.accounts.token('kimi'));
  assert.equal(folder.endpoint.hits.length, 1);
});

test('a refused token is renewed once; refused again, the login has ended', async (t) => {
  const folder = new AccountsFolder(t);
  folder.write({ xai: folder.endpoint.login(folder.clock.ms + 60 * minute) });
  const first = await folder.accounts.token('xai');
  assert.ok(first.ok);
  const answers = await Promise.all(
    [1, 2, 3].map(() => folder.accounts.refused('xai', first.generation)),
  );
  const [second] = answers;
  assert.ok(second?.ok);
  assert.equal(new Set(answers.map(tokenOf)).size, 1);
  assert.notEqual(second.token, first.token);
  assert.equal(folder.endpoint.hits.length, 1);
  assert.equal(tokenOf(await folder.accounts.refused('xai', first.generation)), second.token);

  const ended = errorOf(await folder.accounts.refused('xai', second.generation));
  assert.match(ended.message, /has ended/);
  errorOf(await folder.accounts.token('xai'));
  assert.equal(folder.endpoint.hits.length, 1);
});

test('a refusal long after the last one is another one', async (t) => {
  const folder = new AccountsFolder(t);
  folder.write({ xai: folder.endpoint.login(9e12) });
  const first = await folder.accounts.token('xai');
  assert.ok(first.ok);
  const second = await folder.accounts.refused('xai', first.generation);
  assert.ok(second.ok);
  folder.clock.ms += 20 * minute;
  tokenOf(await folder.accounts.refused('xai', second.generation));
});

test('tokens of another program are used, but not renewed', async (t) => {
  const folder = new AccountsFolder(t);
  folder.write({ xai: { ...folder.endpoint.login(), source: 'local-cli' } });
  errorOf(await folder.accounts.token('xai'));
  assert.deepEqual(folder.endpoint.hits, []);
});

test('new tokens that cannot be written are not lost', async (t) => {
  const folder = new AccountsFolder(t);
  folder.write(everyLogin(folder.endpoint));
  const lock = join(folder.home, 'auth.store.lock');
  folder.endpoint.onHit = () => writeFileSync(lock, '{}');
  const token = tokenOf(await folder.accounts.token('xai'));
  assert.notEqual(at(folder.read(), 'xai', 'access'), token);
  assert.equal(tokenOf(await folder.accounts.token('xai')), token, 'from memory');
  rmSync(lock);
  folder.clock.ms += minute;
  assert.equal(tokenOf(await folder.accounts.token('xai')), token);
  assert.equal(at(folder.read(), 'xai', 'access'), token);
  assert.equal(folder.endpoint.hits.length, 1);
});

test('a logout ends the login at the provider where it can', async (t) => {
  const folder = new AccountsFolder(t);
  const file = everyLogin(folder.endpoint);
  folder.write(file);
  let revoked: string | undefined;
  const removed = await folder.accounts.remove('xai', async ({ refresh }) => {
    revoked = refresh;
    return 'revoked';
  });
  assert.deepEqual(removed, { ok: true, removed: true, revoked: 'revoked' });
  assert.equal(revoked, file['xai']?.refresh);
  assert.match(errorOf(await folder.accounts.token('xai')).message, /not logged in.*ocx login xai/);
  assert.deepEqual(await folder.accounts.remove('xai'), {
    ok: true,
    removed: false,
    revoked: 'unknown',
  });
});

test('who is logged in is told without secrets, and changes are', async (t) => {
  const folder = new AccountsFolder(t);
  let changes = 0;
  const listening = folder.accounts.onChange(() => {
    changes += 1;
  });
  const login = folder.endpoint.login();
  await folder.accounts.save('kimi', { ...login, email: 'ada@example.com' });
  assert.ok(changes > 0);
  const listed = await folder.accounts.list();
  assert.ok(listed.ok);
  assert.deepEqual(listed.accounts, [
    {
      provider: 'kimi',
      email: 'ada@example.com',
      accountId: 'user-1',
      active: true,
      needsLogin: false,
    },
  ]);
  const before = changes;
  await folder.another().remove('kimi');
  await until('the change in another window', () => changes > before);
  listening.dispose();
});
