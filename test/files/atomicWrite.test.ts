import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { writeFileAtomic } from '../../src/files/atomicWrite.ts';

describe('writeFileAtomic', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ocx-atomic-'));
  });
  after(() => rm(folder, { recursive: true }));

  const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

  it('makes missing folders for the owner alone and gives the file its mode whatever the umask', async () => {
    const earlier = process.umask(0);
    try {
      await writeFileAtomic(join(folder, 'new', 'a.json'), 'one', { mode: 0o600 });
    } finally {
      process.umask(earlier);
    }
    assert.equal(await readFile(join(folder, 'new', 'a.json'), 'utf8'), 'one');
    assert.equal(await modeOf(join(folder, 'new')), 0o700);
    assert.equal(await modeOf(join(folder, 'new', 'a.json')), 0o600);
  });

  it('replaces the file as a whole and leaves nothing beside it', async () => {
    const path = join(folder, 'replaced', 'a.json');
    await writeFileAtomic(path, 'first and longer', { mode: 0o600 });
    const before = await stat(path);
    await writeFileAtomic(path, 'second', { mode: 0o600 });
    assert.equal(await readFile(path, 'utf8'), 'second');
    assert.notEqual((await stat(path)).ino, before.ino);
    assert.deepEqual(await readdir(join(folder, 'replaced')), ['a.json']);
  });

  it('keeps the mode of the file it replaces when asked, and takes 0600 for a new one', async () => {
    const path = join(folder, 'kept');
    await writeFile(path, 'x');
    await chmod(path, 0o640);
    await writeFileAtomic(path, 'y', { mode: 'keep' });
    assert.equal(await modeOf(path), 0o640);
    await writeFileAtomic(join(folder, 'kept-new'), 'y', { mode: 'keep' });
    assert.equal(await modeOf(join(folder, 'kept-new')), 0o600);
  });

  it('tightens a file that others could read', async () => {
    const path = join(folder, 'wide');
    await writeFile(path, 'x');
    await chmod(path, 0o644);
    await writeFileAtomic(path, 'y', { mode: 0o600 });
    assert.equal(await modeOf(path), 0o600);
  });

  it('writes the file behind a symlink and keeps the link, also a dangling one', async () => {
    await writeFile(join(folder, 'real'), 'old');
    await symlink('real', join(folder, 'link'));
    await symlink('link', join(folder, 'link-to-link'));
    await symlink('not-yet', join(folder, 'dangling'));
    await writeFileAtomic(join(folder, 'link-to-link'), 'new', { mode: 0o600 });
    await writeFileAtomic(join(folder, 'dangling'), 'made', { mode: 0o600 });
    assert.equal(await readFile(join(folder, 'real'), 'utf8'), 'new');
    assert.equal(await readlink(join(folder, 'link-to-link')), 'link');
    assert.equal(await readlink(join(folder, 'dangling')), 'not-yet');
    assert.equal(await readFile(join(folder, 'not-yet'), 'utf8'), 'made');
  });

  it('gives up without a trace when the last check says so or throws', async () => {
    const path = join(folder, 'given-up', 'a');
    await writeFileAtomic(path, 'old', { mode: 0o600 });
    const written = await writeFileAtomic(path, 'new', {
      mode: 0o600,
      beforeReplace: async () => false,
    });
    assert.equal(written, false);
    await assert.rejects(
      writeFileAtomic(path, 'new', {
        mode: 0o600,
        beforeReplace: () => Promise.reject(new Error('changed')),
      }),
      /changed/,
    );
    assert.equal(await readFile(path, 'utf8'), 'old');
    assert.deepEqual(await readdir(join(folder, 'given-up')), ['a']);
  });

  it('fails without a trace when the target is a folder', async () => {
    const inside = join(folder, 'a-folder', 'config.json');
    await writeFileAtomic(join(inside, 'x'), '', { mode: 0o600 });
    await assert.rejects(writeFileAtomic(inside, 'new', { mode: 0o600 }));
    assert.deepEqual(await readdir(join(folder, 'a-folder')), ['config.json']);
  });

  it('leaves a whole file when the writer is killed at any moment', async () => {
    const path = join(folder, 'killed', 'a');
    await writeFileAtomic(path, 'x'.repeat(200_000), { mode: 0o600 });
    const worker = join(import.meta.dirname, 'writeWorker.ts');
    for (let round = 0; round < 8; round++) {
      const child = fork(worker, [path], { stdio: 'inherit' });
      await once(child, 'message');
      const before = (await stat(path)).ino;
      while ((await stat(path)).ino === before) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      child.kill('SIGKILL');
      await once(child, 'exit');
      const text = await readFile(path, 'utf8');
      assert.equal(text, text.charAt(0).repeat(200_000));
    }
  });
});
