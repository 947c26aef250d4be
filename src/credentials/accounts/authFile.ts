import type { BigIntStats } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { hasCode } from '../../files/atomicWrite.ts';
import {
  ensurePrivateFolder,
  openPrivateFile,
  UnsafePath,
  type UserId,
} from '../../files/ownership.ts';
import { isJsonObject, parseJson } from '../../turn/json.ts';
import type { JsonObject } from '../../turn/turn.ts';

export function authPath(home: string): string {
  return join(home, 'auth.json');
}

/** Why the stored logins cannot be read or changed. */
export interface StoreProblem {
  readonly kind: /** Not JSON, or not an object. It is never taken for empty. */
    | 'damaged'
    /** Another user of the machine could have made it, or could change it. */
    | 'unsafe'
    | 'unreadable'
    | 'unwritable'
    /** Another program is writing, and does not come to an end. */
    | 'busy';
  /** A sentence for the user. */
  readonly message: string;
}

export type AuthRead =
  | { readonly ok: true; readonly file: JsonObject }
  | { readonly ok: false; readonly problem: StoreProblem };

/**
 * Reads auth.json; a missing one is empty. A damaged one is copied aside, and nothing may replace it
 * without the user's consent: everybody's logins are in it.
 */
export async function readAuthFile(home: string, user?: UserId): Promise<AuthRead> {
  const path = authPath(home);
  try {
    await ensurePrivateFolder(home, user);
    let found = await read(path, user);
    if (found !== undefined && found.file === undefined) {
      // Some programs do not write in one step.
      await wait(50);
      found = await read(path, user);
    }
    if (found === undefined) return { ok: true, file: {} };
    if (found.file !== undefined) return { ok: true, file: found.file };
    const copy = await copyAside(path, found.bytes, found.facts);
    return {
      ok: false,
      problem: {
        kind: 'damaged',
        message: `${path} is damaged, so no account login can be used. It was not changed, and a copy is in ${copy}. Repair it, or log in again and agree to replace it.`,
      },
    };
  } catch (thrown) {
    return { ok: false, problem: problemOf(path, thrown, 'unreadable') };
  }
}

/** What a failed access to the file means. Anything but an error of the system is thrown on. */
export function problemOf(
  path: string,
  thrown: unknown,
  kind: 'unreadable' | 'unwritable',
): StoreProblem {
  if (thrown instanceof UnsafePath) return { kind: 'unsafe', message: thrown.message };
  if (!(thrown instanceof Error) || !('code' in thrown)) throw thrown;
  const verb = kind === 'unreadable' ? 'read' : 'written';
  return { kind, message: `${path} cannot be ${verb}: ${thrown.message}.` };
}

interface Found {
  readonly bytes: Buffer;
  readonly facts: BigIntStats;
  /** `undefined`: damaged. */
  readonly file: JsonObject | undefined;
}

async function read(path: string, user: UserId): Promise<Found | undefined> {
  const handle = await openPrivateFile(path, user);
  if (handle === undefined) return undefined;
  try {
    const facts = await handle.stat({ bigint: true });
    const bytes = await handle.readFile();
    const value = parseJson(bytes.toString('utf8').replace(/^\uFEFF/, ''));
    return { bytes, facts, file: isJsonObject(value) ? value : undefined };
  } finally {
    await handle.close();
  }
}

/** One copy of each damaged state; colons are not for Windows. */
async function copyAside(path: string, bytes: Buffer, facts: BigIntStats): Promise<string> {
  const moment = facts.mtime.toISOString().replaceAll(':', '-');
  const copy = `${path}.invalid-${moment}`;
  try {
    await writeFile(copy, bytes, { mode: 0o600, flag: 'wx' });
  } catch (thrown) {
    if (!hasCode(thrown, 'EEXIST')) throw thrown;
  }
  return copy;
}
