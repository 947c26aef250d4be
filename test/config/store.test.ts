import assert from 'node:assert/strict';
import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { updateConfig } from '../../src/config/save.ts';
import { defaultConfig } from '../../src/config/schema.ts';
import { ConfigStore } from '../../src/config/store.ts';

describe('ConfigStore', () => {
  let home = '';
  let store: ConfigStore;
  let heard: (() => void) | undefined;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'ocx-store-'));
    store = new ConfigStore(home);
    heard = undefined;
    store.onChange(() => heard?.());
  });
  afterEach(async () => {
    store.dispose();
    await rm(home, { recursive: true });
  });

  const during = async (act: () => Promise<unknown>) => {
    const change = new Promise<void>((resolve) => {
      heard = resolve;
    });
    await act();
    await change;
  };
  const write = (text: string) => writeFile(join(home, 'config.json'), text);

  it('follows the file also after a listener has failed', async () => {
    await store.refresh();
    const failing = store.onChange(() => {
      throw new Error('a listener failed');
    });
    await write('{"port": 1}');
    await assert.rejects(store.refresh(), /a listener failed/);
    failing.dispose();
    await write('{"port": 2}');
    await store.refresh();
    assert.equal(store.current.port, 2);
  });

  it('has the default without a file, then follows the file', async () => {
    await store.start();
    assert.deepEqual(store.current, defaultConfig);
    await during(() => write('{"port": 1}'));
    assert.equal(store.current.port, 1);
    await during(() => updateConfig(home, (raw) => ({ ...raw, port: 2 })));
    assert.equal(store.current.port, 2);
    await during(() => unlink(join(home, 'config.json')));
    assert.deepEqual(store.current, defaultConfig);
  });

  it('keeps the last good configuration in force while the file is invalid', async () => {
    await write('{"port": 1}');
    await store.start();
    await during(() => write('{"port": 2,\n "oops" }'));
    assert.equal(store.current.port, 1);
    assert.equal(store.error?.line, 2);
    await during(() => write('{"port": 3, "oops": 1}'));
    assert.equal(store.current.port, 3);
    assert.equal(store.error, undefined);
  });

  it('starts with the default and the error when the file is invalid from the outset', async () => {
    await write('{"port": true}');
    await store.start();
    assert.deepEqual(store.current, defaultConfig);
    assert.equal(store.error?.field, 'port');
  });

  it('has a change of our own in force at once after refresh, and tells once', async () => {
    let times = 0;
    await store.start();
    store.onChange(() => {
      times += 1;
    });
    await updateConfig(home, (raw) => ({ ...raw, port: 7 }));
    await store.refresh();
    await store.refresh();
    assert.equal(store.current.port, 7);
    assert.equal(times, 1);
  });

  it('says nothing to a listener that was disposed', async () => {
    await store.start();
    store.onChange(() => assert.fail('disposed')).dispose();
    await during(() => write('{"port": 1}'));
  });
});
