import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { writeFileAtomic } from '../../src/files/atomicWrite.ts';
import { FileWatch } from '../../src/files/watch.ts';

describe('FileWatch', () => {
  let folder = '';
  let watch: FileWatch | undefined;
  let changes = 0;
  let heard: (() => void) | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ocx-watch-'));
    changes = 0;
  });
  afterEach(async () => {
    watch?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const follow = (path: string, options: { settleMs?: number; pollMs?: number }) => {
    watch = new FileWatch(
      path,
      () => {
        changes += 1;
        heard?.();
      },
      options,
    );
  };
  /** Resolves at the next call. */
  const nextChange = () =>
    new Promise<void>((resolve) => {
      heard = resolve;
    });
  const during = async (act: () => Promise<unknown>) => {
    const change = nextChange();
    await act();
    await change;
  };
  const watching = { settleMs: 5, pollMs: 3_600_000 };
  const polling = { settleMs: 5, pollMs: 10 };

  it('hears of creation, change, atomic replacement and removal without polling', async () => {
    const path = join(folder, 'a.json');
    follow(path, watching);
    await during(() => writeFile(path, 'one'));
    await during(() => writeFileAtomic(path, 'two', { mode: 0o600 }));
    await during(() => writeFileAtomic(path, 'three', { mode: 0o600 }));
    await during(() => rename(path, join(folder, 'moved')));
  });

  it('is silent about neighbours and about events that change nothing', async () => {
    const path = join(folder, 'a.json');
    await writeFile(path, 'one');
    const then = new Date(1_700_000_000_000);
    await utimes(path, then, then);
    follow(path, watching);
    await writeFile(join(folder, 'b.json'), 'x');
    await utimes(path, then, then);
    await during(() => writeFile(path, 'changed'));
    assert.equal(changes, 1);
  });

  it('finds a folder that is made later', async () => {
    const path = join(folder, 'later', 'a.json');
    follow(path, polling);
    await mkdir(join(folder, 'later'));
    await during(() => writeFile(path, 'one'));
  });

  it('goes on when the folder was removed and made anew', async () => {
    const path = join(folder, 'gone', 'a.json');
    await mkdir(join(folder, 'gone'));
    await writeFile(path, 'one');
    follow(path, polling);
    await during(() => rm(join(folder, 'gone'), { recursive: true }));
    await during(async () => {
      await mkdir(join(folder, 'gone'));
      await writeFile(path, 'two');
    });
    await during(() => writeFile(path, 'three'));
  });

  it('sees a change behind a symlink', async () => {
    await mkdir(join(folder, 'elsewhere'));
    const real = join(folder, 'elsewhere', 'real.json');
    await writeFile(real, 'one');
    await symlink(real, join(folder, 'link.json'));
    follow(join(folder, 'link.json'), polling);
    await during(() => writeFile(real, 'changed'));
  });

  it('says nothing after it is disposed', async () => {
    const path = join(folder, 'a.json');
    follow(path, polling);
    watch?.dispose();
    await writeFile(path, 'one');
    const second = new FileWatch(path, () => heard?.(), polling);
    try {
      await during(() => writeFile(path, 'two, longer'));
      assert.equal(changes, 0);
    } finally {
      second.dispose();
    }
  });
});
