import { lstat, readdir, rm, stat } from 'node:fs/promises';
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { ensurePrivateFolder } from '../files/ownership.ts';

/** Other versions of Node or of the program leave theirs behind. */
const unusedDays = 30;

/**
 * Keeps what V8 compiles of the program from now on, so that later starts need not compile it again.
 * What lies in the folder is run: nobody else may write there.
 */
export async function keepCompiled(home: string): Promise<void> {
  // A question like `ocx --version` leaves nothing behind.
  if (!(await isThere(home))) return;
  const folder = join(home, 'compiled');
  try {
    await ensurePrivateFolder(home);
    await ensurePrivateFolder(folder);
  } catch {
    return; // the start will say what is wrong with the folder
  }
  // Node has it from 22.1 on, and tells failures instead of throwing them.
  nodeModule.enableCompileCache?.(folder);
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

/** Removes what was compiled long ago; what is still used is compiled once more. */
export async function dropOldCompiled(home: string, now = Date.now()): Promise<void> {
  const folder = join(home, 'compiled');
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  for (const name of files) {
    const path = join(folder, name);
    const facts = await stat(path).catch(() => undefined);
    if (facts?.isFile() && now - facts.mtimeMs > unusedDays * 86_400_000) {
      await rm(path, { force: true }).catch(() => undefined);
    }
  }
}
