import { randomBytes } from 'node:crypto';
import {
  type FileHandle,
  lstat,
  mkdir,
  open,
  readlink,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export interface AtomicWriteOptions {
  /** The file's permissions. `keep`: those of the file that is replaced, 0600 for a new one. */
  readonly mode: number | 'keep';
  /** Runs when the new content is on disk under its temporary name; `false` gives the write up. */
  readonly beforeReplace?: () => Promise<boolean>;
}

/**
 * Replaces a file so that every reader, also after a crash, sees the old content or the new one.
 * A symlink stays: the file that it names is written. Missing folders are made with mode 0700.
 * Gives `false` when `beforeReplace` gave the write up.
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options: AtomicWriteOptions,
): Promise<boolean> {
  const target = await realTarget(path);
  const folder = dirname(target);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const mode = options.mode === 'keep' ? await modeOf(target) : options.mode;
  // A random name that must not exist: a planted symlink is not followed.
  const temporary = join(folder, `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  const file = await open(temporary, 'wx', mode);
  try {
    await fill(file, data, mode);
    if ((await options.beforeReplace?.()) === false) {
      await rm(temporary, { force: true });
      return false;
    }
    await replace(temporary, target);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
  await syncFolder(folder);
  return true;
}

async function fill(file: FileHandle, data: string | Uint8Array, mode: number): Promise<void> {
  try {
    // The mode that `open` was given is narrowed by the umask.
    await file.chmod(mode);
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The file behind symlinks, also behind one that points to nothing yet. */
async function realTarget(path: string): Promise<string> {
  let at = resolve(path);
  for (let hops = 0; hops < 40; hops++) {
    try {
      return await realpath(at);
    } catch (thrown) {
      if (!hasCode(thrown, 'ENOENT')) {
        throw thrown;
      }
    }
    const link = await lstat(at).catch(() => undefined);
    if (link?.isSymbolicLink() !== true) {
      return at;
    }
    at = resolve(dirname(at), await readlink(at));
  }
  throw new Error(`${path}: too many symbolic links.`);
}

async function modeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).mode & 0o777;
  } catch {
    return 0o600;
  }
}

/** Windows refuses a rename while a virus scanner or an editor has the target open. */
async function replace(from: string, to: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await rename(from, to);
      return;
    } catch (thrown) {
      if (process.platform !== 'win32' || !isBusy(thrown) || attempt >= 9) {
        throw thrown;
      }
      await wait(20 * (attempt + 1));
    }
  }
}

/** Makes the rename itself durable; not every system can sync a folder, and none must. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // The content is safe; only the moment of the rename is not guaranteed.
  }
}

/**
 * What Windows says of a file that somebody has open, and of a name whose file is being deleted while
 * somebody has it open. Elsewhere the same codes mean that it may not be done at all.
 */
export function isBusy(thrown: unknown): boolean {
  return ['EPERM', 'EACCES', 'EBUSY'].some((code) => hasCode(thrown, code));
}

/** Whether a thrown value is a system error with this code. */
export function hasCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === code;
}
