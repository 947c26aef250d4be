import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { withStoreLock } from '../../../src/credentials/accounts/authLock.ts';
import type { Account } from '../../../src/credentials/accounts/authShapes.ts';
import { AuthStore } from '../../../src/credentials/accounts/authStore.ts';
import { generationOf } from '../../../src/credentials/accounts/credential.ts';
import { UnsavedLogins } from '../../../src/credentials/accounts/unsavedLogins.ts';
import { AccountsFolder } from './accountsFolder.ts';

const problem = { kind: 'unwritable', message: 'The disk is full.' } as const;

function login(access: string): Account {
  const credential = { access, refresh: `refresh of ${access}`, expires: 9e12, accountId: 'me' };
  const generation = generationOf(credential);
  return { provider: 'xai', slot: 'me', credential, generation, active: true, needsLogin: false };
}

/** What an attempt to write a login comes to if something happens while it waits for its turn. */
async function whileWriting(t: TestContext, happens: (unsaved: UnsavedLogins) => void) {
  const folder = new AccountsFolder(t);
  const unsaved = new UnsavedLogins(new AuthStore(folder.home), folder.clock);
  unsaved.keep(login('old'), undefined, problem);
  folder.clock.ms += 60_000;
  const attempt = await withStoreLock(folder.home, async () => {
    const current = unsaved.current('xai', undefined);
    happens(unsaved);
    return { current };
  });
  return { folder, unsaved, current: await attempt.current };
}

test('a login is not written any more once it was logged out', async (t) => {
  const { folder, current } = await whileWriting(t, (unsaved) => unsaved.drop('xai'));
  assert.equal(current, undefined);
  assert.ok(!existsSync(folder.path), 'it is in auth.json after all');
});

test('a newer login takes the place of one that waits to be written', async (t) => {
  const { folder, unsaved, current } = await whileWriting(t, (waiting) =>
    waiting.keep(login('new'), undefined, problem),
  );
  assert.equal(current?.account.credential.access, 'new');
  assert.ok(!existsSync(folder.path), 'the older one is in auth.json');
  folder.clock.ms += 60_000;
  assert.equal((await unsaved.current('xai', undefined))?.account.credential.access, 'new');
  assert.match(folder.text(), /"access": "new"/);
});
