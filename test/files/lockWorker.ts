/**
 * A process that takes a lock again and again; run by lock.test.ts.
 * node lockWorker.ts <lock> <journal> <staleMs> <rounds>: each round writes `+pid` and `-pid` to the
 * journal inside the lock. `hold` instead of rounds: takes the lock, says so, keeps it.
 */
import { appendFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { withLock } from '../../src/files/lock.ts';

const [lock = '', journal = '', staleMs = '', rounds = ''] = process.argv.slice(2);
const options = { staleMs: Number(staleMs), waitMs: 60_000 };

if (rounds === 'hold') {
  await withLock(
    lock,
    async (held) => {
      process.send?.('held');
      await new Promise<void>((resolve) => process.once('message', () => resolve()));
      process.send?.((await held.held()) ? 'still held' : 'lost');
    },
    options,
  );
  process.disconnect();
} else {
  for (let round = 0; round < Number(rounds); round++) {
    await withLock(
      lock,
      async () => {
        appendFileSync(journal, `+${process.pid}\n`);
        await wait(Math.random() * 2);
        appendFileSync(journal, `-${process.pid}\n`);
      },
      options,
    );
  }
}
