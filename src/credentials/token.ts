import { randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createWhole } from '../files/createWhole.ts';
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

  // The first one wins.
  await createWhole(path, `${randomBytes(32).toString('base64url')}\n`);
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

/** Without hard links a token is a moment later there than its file. */
const writingMs = 1_000;

async function readToken(path: string): Promise<string | undefined> {
  const deadline = performance.now() + writingMs;
  let text = await readText(path);
  while (text === '' && performance.now() < deadline) {
    await wait(10);
    text = await readText(path);
  }
  if (text !== undefined && !shape.test(text)) {
    throw new Error(
      `${path} does not hold a token. Delete it, start again, and connect Codex again.`,
    );
  }
  return text;
}

async function readText(path: string): Promise<string | undefined> {
  const file = await openPrivateFile(path);
  if (file === undefined) return undefined;
  try {
    return (await file.readFile('utf8')).trim();
  } finally {
    await file.close();
  }
}
