import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import * as z from 'zod/mini';
import { writeFileAtomic } from '../../files/atomicWrite.ts';
import { openPrivateFile } from '../../files/ownership.ts';
import { parseJson } from '../../turn/json.ts';
import { refreshLockPath } from './authLock.ts';
import type { Account } from './authShapes.ts';

/**
 * Says beside the refresh lock that a refresh token is about to be sent. Who finds it for the same
 * tokens knows that they may be used up, and does not send them again. `ocx` writes and reads the
 * same file. All of this happens under the refresh lock.
 */
const intentSchema = z.object({
  version: z.literal(1),
  generation: z.string(),
});

type Slot = Pick<Account, 'provider' | 'slot'>;

/** The tokens that an earlier attempt may have used up; `unknown` where the file does not say. */
export async function intendedGeneration(
  home: string,
  account: Slot,
): Promise<string | 'unknown' | undefined> {
  const handle = await openPrivateFile(intentPath(home, account));
  if (handle === undefined) return undefined;
  try {
    const read = intentSchema.safeParse(parseJson(await handle.readFile('utf8')));
    return read.success ? read.data.generation : 'unknown';
  } finally {
    await handle.close();
  }
}

export async function recordIntent(home: string, account: Account, now: number): Promise<void> {
  const intent = {
    version: 1,
    provider: account.provider,
    accountId: account.slot,
    generation: account.generation,
    createdAt: now,
    attemptId: randomUUID(),
  };
  const text = `${JSON.stringify(intent)}\n`;
  await writeFileAtomic(intentPath(home, account), text, { mode: 0o600 });
}

export async function forgetIntent(home: string, account: Slot): Promise<void> {
  // What stays names tokens that are no longer in use.
  await rm(intentPath(home, account), { force: true }).catch(() => {});
}

function intentPath(home: string, account: Slot): string {
  return `${refreshLockPath(home, account)}.json`;
}
