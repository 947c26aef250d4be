import { randomBytes, timingSafeEqual } from 'node:crypto';
import { link, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../files/atomicWrite.ts';
import { ensurePrivateFolder, openPrivateFile } from '../files/ownership.ts';

/** Long enough that it cannot be guessed; a file with less is not ours. */
const shape = /^[\w-]{32,256}$/;

/**
 * The secret that clients of the proxy present, made once and then kept, because Codex's config
 * holds a copy. Several processes may ask at the same time; all get the same one.
 */
export async function localToken(home: string): Promise<string> {
  await ensurePrivateFolder(home);
  const path = tokenPath(home);
  const known = await readToken(path);
  if (known !== undefined) return known;

  // Written aside and linked into place: nobody can see a half token, and the first one wins.
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, path);
  } catch (thrown) {
    if (!hasCode(thrown, 'EEXIST')) throw thrown;
  } finally {
    await unlink(draft);
  }
  const made = await readToken(path);
  if (made === undefined) throw new Error(`${path} cannot be read.`);
  return made;
}

/** Where the token is kept in OpenCodex's folder. */
export function tokenPath(home: string): string {
  return join(home, 'token');
}

/** Compares without telling by its duration how much of a guess was right. */
export function sameToken(token: string, presented: string): boolean {
  const [ours, theirs] = [Buffer.from(token), Buffer.from(presented)];
  return ours.length === theirs.length && timingSafeEqual(ours, theirs);
}

async function readToken(path: string): Promise<string | undefined> {
  const file = await openPrivateFile(path);
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = (await file.readFile('utf8')).trim();
  } finally {
    await file.close();
  }
  if (!shape.test(text)) {
    throw new Error(
      `${path} does not hold a token. Delete it, start again, and connect Codex again.`,
    );
  }
  return text;
}
