import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../support/vscode.ts';
import { FakeSecrets } from './flow.ts';

const { KeyVault } = await import('../../src/vscode/keyVault.ts');

/** A secret store that is locked from one moment on. */
class LockedSecrets extends FakeSecrets {
  locked = false;

  override async get(key: string): Promise<string | undefined> {
    if (this.locked) throw new Error('The keyring is locked.');
    return super.get(key);
  }
}

test('changes of keys are told by provider; one that cannot be read is not taken for gone', async () => {
  const secrets = new LockedSecrets();
  const vault = new KeyVault(secrets);
  const changes: unknown[] = [];
  vault.onDidChange((change) => changes.push(change));
  await vault.store('sim', 'sk-sim');
  await vault.forget('sim');
  await secrets.store('something else', 'x');
  await new Promise(setImmediate);
  const told = [{ sim: 'sk-sim' }, { sim: null }];
  assert.deepEqual(changes, told);
  secrets.locked = true;
  await secrets.store('provider:sim', 'sk-new');
  await new Promise(setImmediate);
  assert.deepEqual(changes, told);
});
