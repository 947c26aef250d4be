import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { LockUnavailable, withLock } from '../../src/files/lock.ts';

const worker = join(import.meta.dirname, 'lockWorker.ts');

describe('withLock', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ocx-lock-'));
  });
  after(() => rm(folder, { recursive: true }));

  const start = (lock: string, journal: string, staleMs: number, rounds: number | 'hold') =>
    fork(worker, [lock, journal, `${staleMs}`, `${rounds}`], { stdio: 'inherit' });
  const holder = async (lock: string, staleMs: number): Promise<ChildProcess> => {
    const child = start(lock, '', staleMs, 'hold');
    await once(child, 'message');
    return child;
  };
  const kill = async (child: ChildProcess) => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };

  it('lets one in at a time, gives the result, and leaves no file', async () => {
    const lock = join(folder, 'new-folder', 'a.lock');
    let inside = 0;
    let most = 0;
    const results = await Promise.all(
      [1, 2, 3, 4].map((n) =>
        withLock(lock, async () => {
          inside += 1;
          most = Math.max(most, inside);
          await new Promise((resolve) => setImmediate(resolve));
          inside -= 1;
          return n * 10;
        }),
      ),
    );
    assert.deepEqual(results, [10, 20, 30, 40]);
    assert.equal(most, 1);
    assert.deepEqual(await readdir(join(folder, 'new-folder')), []);
  });

  it('frees the lock when the work throws', async () => {
    const lock = join(folder, 'thrown.lock');
    await assert.rejects(
      withLock(lock, () => Promise.reject(new Error('work failed'))),
      /work failed/,
    );
    assert.equal(await withLock(lock, async () => 'again', { waitMs: 0 }), 'again');
  });

  it('holds a complete file, for the owner alone, that other programs can read', async () => {
    const lock = join(folder, 'owner.lock');
    await withLock(lock, async (held) => {
      const owner = JSON.parse(await readFile(lock, 'utf8'));
      assert.equal(owner.version, 1);
      assert.equal(owner.pid, process.pid);
      assert.ok(owner.host.startsWith(hostname()));
      assert.equal(typeof owner.ownerId, 'string');
      assert.ok(Math.abs(Date.now() - owner.createdAt) < 60_000);
      assert.equal((await stat(lock)).mode & 0o777, 0o600);
      assert.equal(await held.held(), true);
    });
  });

  it('waits for a foreign lock, then says who holds it', async () => {
    const lock = join(folder, 'foreign.lock');
    const text = JSON.stringify({ version: 1, ownerId: 'x', pid: 4242, createdAt: Date.now() });
    await writeFile(lock, text);
    await assert.rejects(
      withLock(lock, async () => {}, { waitMs: 50 }),
      (thrown) => thrown instanceof LockUnavailable && /process 4242/.test(thrown.message),
    );
    assert.equal(await readFile(lock, 'utf8'), text);
  });

  it('breaks a foreign lock, also an unreadable one, that shows no sign of life', async () => {
    for (const text of ['{"ownerId":"x","pid":1,"createdAt":1}', '', 'not json']) {
      const lock = join(folder, 'stale.lock');
      await writeFile(lock, text);
      const longAgo = new Date(Date.now() - 60_000);
      await utimes(lock, longAgo, longAgo);
      assert.equal(await withLock(lock, async () => 'mine', { waitMs: 2_000 }), 'mine');
    }
  });

  it('keeps giving signs of life while the work runs', async () => {
    const lock = join(folder, 'heartbeat.lock');
    await withLock(
      lock,
      async () => {
        const first = (await stat(lock)).mtimeMs;
        while ((await stat(lock)).mtimeMs === first) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      },
      { staleMs: 60 },
    );
  });

  it('takes over at once when the holder was killed', async () => {
    const lock = join(folder, 'killed.lock');
    await kill(await holder(lock, 3_600_000));
    assert.equal(
      await withLock(lock, async () => 'mine', { waitMs: 5_000, staleMs: 3_600_000 }),
      'mine',
    );
  });

  it('a holder that was frozen too long notices that it lost the lock', {
    skip: process.platform === 'win32',
  }, async () => {
    const lock = join(folder, 'frozen.lock');
    const child = await holder(lock, 300);
    child.kill('SIGSTOP');
    await withLock(
      lock,
      async (held) => {
        const reply = once(child, 'message');
        child.send('go on');
        child.kill('SIGCONT');
        assert.deepEqual((await reply)[0], 'lost');
        await once(child, 'exit');
        assert.equal(await held.held(), true);
      },
      { staleMs: 300, waitMs: 30_000 },
    );
  });

  it('never has two holders while processes are killed at random', async () => {
    const lock = join(folder, 'contended.lock');
    const journal = join(folder, 'journal');
    await writeFile(journal, '');
    const killed = new Set<number>();
    const victims = [1, 2, 3, 4].map(() => start(lock, journal, 3_600_000, 100_000));
    const workers = [1, 2].map(() => start(lock, journal, 3_600_000, 40));
    const done = Promise.all(workers.map((child) => once(child, 'exit')));
    let seen = 0;
    for (const victim of victims) {
      // Each victim dies after the journal has grown by some rounds, wherever it is just then.
      const goal = seen + 40;
      while (seen < goal) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        seen = (await stat(journal)).size;
      }
      killed.add(victim.pid ?? 0);
      await kill(victim);
    }
    assert.deepEqual(
      (await done).map(([code]) => code),
      [0, 0],
    );
    let holding: string | undefined;
    for (const line of (await readFile(journal, 'utf8')).trimEnd().split('\n')) {
      const pid = line.slice(1);
      if (line.startsWith('+')) {
        assert.ok(
          holding === undefined || killed.has(Number(holding)),
          `${pid} came in while ${holding} was inside`,
        );
        holding = pid;
      } else {
        assert.equal(holding, pid);
        holding = undefined;
      }
    }
  });
});
