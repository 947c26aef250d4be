import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  accountsOf,
  activeAccount,
  replacedByLogin,
  withLogin,
  withNeedsLogin,
  withoutAccount,
  withTokens,
} from '../../../src/credentials/accounts/authShapes.ts';
import { type AccountCredential, sha256 } from '../../../src/credentials/accounts/credential.ts';
import { isJsonObject } from '../../../src/turn/json.ts';
import type { Json, JsonObject } from '../../../src/turn/turn.ts';

type Name = 'single' | 'sets' | 'mixed';

function golden(name: Name): JsonObject {
  const file = new URL(`../../fixtures/accounts/${name}.json`, import.meta.url);
  const value: Json = JSON.parse(readFileSync(file, 'utf8'));
  assert.ok(isJsonObject(value));
  return value;
}

const fresh: AccountCredential = {
  access: 'access-new',
  refresh: 'refresh-new',
  expires: 1_800_000_000_000,
  accountId: 'user-new',
  email: 'new@example.com',
};
const tokens = { access: fresh.access, refresh: fresh.refresh, expires: fresh.expires };

/** What a change made of the file, as JSON pointers to the values that differ. */
function differences(before: Json | undefined, after: Json | undefined, path = ''): string[] {
  const lists = Array.isArray(before) && Array.isArray(after);
  if (lists || (isJsonObject(before) && isJsonObject(after))) {
    const [a, b] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
    return [...new Set([...a.keys(), ...b.keys()])].flatMap((key) =>
      differences(a.get(key), b.get(key), `${path}/${key}`),
    );
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [path];
}

function changed(name: Name, change: (file: JsonObject) => JsonObject): string[] {
  return differences(golden(name), change(golden(name)));
}

function active(file: JsonObject, provider: string) {
  const account = activeAccount(file, provider);
  assert.ok(account !== undefined, `nobody is logged in to ${provider}`);
  return account;
}

test('both forms are read, also in one file', () => {
  assert.deepEqual(
    (['single', 'sets', 'mixed'] as const).map((name) =>
      ['xai', 'kimi', 'anthropic'].map((provider) =>
        accountsOf(golden(name), provider).map(({ credential }) => credential.access),
      ),
    ),
    [
      [['access-x'], ['access-k'], []],
      [['access-a', 'access-b'], [], []],
      [['access-x'], ['access-k'], []],
    ],
  );
  assert.equal(active(golden('sets'), 'xai').slot, 'slot-b');
  assert.equal(active(golden('sets'), 'xai').needsLogin, true);
  assert.equal(
    active(golden('mixed'), 'kimi').slot,
    'slot-k',
    'the first where the named one is gone',
  );
});

test('slots and generations have the names that ocx gives them', () => {
  const xai = active(golden('single'), 'xai');
  assert.equal(xai.slot, sha256('user-x').slice(0, 32));
  assert.equal(active(golden('single'), 'kimi').slot, sha256('refresh-k').slice(0, 32));
  assert.equal(xai.generation, sha256('["refresh-x","access-x",1790000000000]'));
});

test('a refresh changes tokens, and nothing else', () => {
  const refresh = (provider: string, credential: AccountCredential) => (file: JsonObject) =>
    withTokens(file, active(file, provider), credential);
  const three = ['access', 'expires', 'refresh'];
  const at = (path: string) => three.map((name) => `${path}/${name}`);
  assert.deepEqual(changed('single', refresh('xai', tokens)).sort(), at('/xai'));
  assert.deepEqual(changed('mixed', refresh('xai', tokens)).sort(), at('/xai'));
  assert.deepEqual(
    changed('mixed', refresh('kimi', tokens)).sort(),
    at('/kimi/accounts/0/credential'),
  );
  assert.deepEqual(changed('sets', refresh('xai', tokens)).sort(), [
    ...at('/xai/accounts/1/credential'),
    '/xai/accounts/1/needsReauth',
  ]);
  const named = withTokens(golden('single'), active(golden('single'), 'kimi'), fresh);
  assert.equal(active(named, 'kimi').credential.accountId, 'user-new');
});

test('the mark that a login is due has a place in a set only', () => {
  const mark = (provider: string) => (file: JsonObject) =>
    withNeedsLogin(file, active(file, provider));
  assert.deepEqual(changed('single', mark('xai')), []);
  assert.deepEqual(changed('mixed', mark('kimi')), ['/kimi/accounts/0/needsReauth']);
});

test('a login keeps the form that it finds, and takes that of the file where there is none', () => {
  const login =
    (provider: string, credential = fresh) =>
    (file: JsonObject) =>
      withLogin(file, provider, credential, 1_785_000_000_000);
  assert.deepEqual(changed('single', login('anthropic')), ['/anthropic']);
  assert.deepEqual(login('anthropic')(golden('single'))['anthropic'], fresh);
  assert.deepEqual(login('xai')({})['xai'], fresh);

  const added = login('anthropic')(golden('mixed'))['anthropic'];
  assert.ok(isJsonObject(added));
  const id = sha256('user-new').slice(0, 32);
  assert.equal(added['activeAccountId'], id);
  assert.deepEqual(added['accounts'], [{ id, credential: fresh, addedAt: 1_785_000_000_000 }]);
});

test('a login of another account joins a set and becomes the active one', () => {
  const change = (file: JsonObject) => withLogin(file, 'xai', fresh, 1);
  assert.deepEqual(changed('sets', change).sort(), [
    '/xai/accounts/4',
    '/xai/activeAccountId',
    '/xai/selectionRevision',
  ]);
  assert.equal(active(change(golden('sets')), 'xai').credential.access, 'access-new');
});

test('a login of a known account renews its slot', () => {
  const again = { ...tokens, accountId: 'user-a' };
  const change = (file: JsonObject) => withLogin(file, 'xai', again, 1);
  assert.deepEqual(changed('sets', change).sort(), [
    '/xai/accounts/0/credential/access',
    '/xai/accounts/0/credential/expires',
    '/xai/accounts/0/credential/refresh',
    '/xai/activeAccountId',
    '/xai/selectionRevision',
  ]);
});

test('what a login would put an end to is known before', () => {
  assert.equal(replacedByLogin(golden('single'), 'xai', fresh), 'account');
  assert.equal(
    replacedByLogin(golden('single'), 'xai', { ...tokens, accountId: 'user-x' }),
    'nothing',
  );
  assert.equal(replacedByLogin(golden('single'), 'kimi', fresh), 'nothing', 'nobody by name');
  assert.equal(replacedByLogin(golden('single'), 'anthropic', fresh), 'nothing');
  assert.equal(replacedByLogin(golden('single'), 'elsewhere', fresh), 'unknown data');
  assert.equal(replacedByLogin(golden('sets'), 'xai', fresh), 'nothing');
});

test('a logout takes one account; of a set the next is active', () => {
  const logout = (provider: string) => (file: JsonObject) =>
    withoutAccount(file, active(file, provider));
  assert.deepEqual(changed('single', logout('xai')), ['/xai']);
  assert.deepEqual(changed('mixed', logout('kimi')), ['/kimi']);
  const left = logout('xai')(golden('sets'));
  assert.deepEqual(
    accountsOf(left, 'xai').map(({ slot }) => slot),
    ['slot-a'],
  );
  assert.equal(active(left, 'xai').slot, 'slot-a');
  assert.match(JSON.stringify(left), /of a kind that nobody here knows/);
});
