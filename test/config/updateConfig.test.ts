import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigNotSaved, updateConfig } from '../../src/config/save.ts';

const root = await mkdtemp(join(tmpdir(), 'ocx-save-'));

describe('updateConfig', () => {
  let home = '';
  let path = '';
  let count = 0;
  beforeEach(() => {
    home = join(root, `${count++}`);
    path = join(home, 'config.json');
  });
  after(() => rm(root, { recursive: true }));

  const given = async (text: string) => {
    await mkdir(home);
    await writeFile(path, text);
  };
  const text = () => readFile(path, 'utf8');

  it('makes folder and file for the owner alone', async () => {
    const config = await updateConfig(home, (raw) => ({ ...raw, port: 10200 }));
    assert.equal(config.port, 10200);
    assert.equal(await text(), '{\n  "port": 10200\n}\n');
    assert.equal((await stat(home)).mode & 0o777, 0o700);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(home), ['config.json']);
  });

  it('does not lose the default provider when the first one is added', async () => {
    await updateConfig(home, (raw) => {
      const providers = raw['providers'];
      assert.ok(typeof providers === 'object' && providers !== null && !Array.isArray(providers));
      return {
        ...raw,
        providers: {
          ...providers,
          acme: { adapter: 'google', baseUrl: 'https://acme.test' },
        },
      };
    });
    const loaded = await loadConfig(home);
    assert.ok(loaded.ok && loaded.fromFile);
    assert.deepEqual(Object.keys(loaded.config.providers), ['openai', 'acme']);
  });

  it('edits what differs and keeps every other byte', async () => {
    await given(
      '\uFEFF{\r\n\t"zeta" : {"unknown":[ 1,2 ]},\r\n\t"port":   1,\r\n\t"disabledModels": ["a/b"  ],\r\n\t"defaultProvider": "openai"\r\n}',
    );
    await chmod(path, 0o644);
    await updateConfig(home, ({ defaultProvider: _, ...raw }) => ({
      ...raw,
      port: 2,
      currentModel: 'a/c',
    }));
    assert.equal(
      await text(),
      '\uFEFF{\r\n\t"zeta" : {"unknown":[ 1,2 ]},\r\n\t"port":   2,\r\n\t"disabledModels": ["a/b"  ],\r\n\t"currentModel": "a/c"\r\n}',
    );
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it('keeps unknown fields inside a provider that it changes', async () => {
    await given(
      '{ "providers": { "acme": { "adapter": "google", "baseUrl": "https://a.test", "later": { "x": 1 } } } }',
    );
    await updateConfig(home, (raw) => {
      const copy = JSON.parse(JSON.stringify(raw));
      copy.providers.acme.models = ['m'];
      return copy;
    });
    assert.deepEqual(JSON.parse(await text()), {
      providers: {
        acme: {
          adapter: 'google',
          baseUrl: 'https://a.test',
          later: { x: 1 },
          models: ['m'],
        },
      },
    });
  });

  it('does not touch the file when nothing changes', async () => {
    await given('{"port":1,  "defaultProvider":"openai", "providers": {}}');
    const before = await stat(path);
    await updateConfig(home, (raw) => ({ ...raw }));
    assert.equal((await stat(path)).ino, before.ino);
  });

  it('never overwrites an invalid file', async () => {
    for (const bad of ['{"port": 1,}', '{"port": "1"}', '']) {
      await rm(home, { recursive: true, force: true });
      await given(bad);
      await assert.rejects(
        updateConfig(home, (raw) => ({ ...raw, port: 2 })),
        (thrown) => thrown instanceof ConfigNotSaved && thrown.message.includes(path),
      );
      assert.equal(await text(), bad);
    }
  });

  it('does not save a change that would make the file invalid', async () => {
    await given('{"port": 1}');
    await assert.rejects(
      updateConfig(home, (raw) => ({ ...raw, port: 'x' })),
      (thrown) => thrown instanceof ConfigNotSaved && thrown.error.field === 'port',
    );
    assert.equal(await text(), '{"port": 1}');
    assert.deepEqual(await readdir(home), ['config.json']);
  });

  it('loses no edit of eight processes that write at the same time', {
    timeout: 120_000,
  }, async () => {
    const edits = 50;
    const worker = join(import.meta.dirname, 'editWorker.ts');
    const children = Array.from({ length: 8 }, (_, n) =>
      fork(worker, [home, `w${n}`, `${edits}`], { stdio: 'inherit' }),
    );
    const exits = await Promise.all(children.map((child) => once(child, 'exit')));
    assert.deepEqual(
      exits.map(([code]) => code),
      Array(8).fill(0),
    );
    const raw = JSON.parse(await text());
    for (let n = 0; n < 8; n++) {
      assert.deepEqual(
        raw[`w${n}`],
        Array.from({ length: edits }, (_, edit) => edit),
      );
    }
    assert.equal(raw.shared, 8 * edits);
    assert.deepEqual(await readdir(home), ['config.json']);
  });
});
