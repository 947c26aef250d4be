import { constants } from 'node:fs';
import { chmod, type FileHandle, lstat, mkdir, open, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { hasCode } from './atomicWrite.ts';

/** A folder or file that another user of the machine could have put there, or could change. */
export class UnsafePath extends Error {
  override readonly name = 'UnsafePath';
}

/** Whose the files must be; `undefined` on Windows, where a user's profile is closed to others. */
export type UserId = number | undefined;

const thisUser: UserId = process.getuid?.();

/**
 * Makes a folder for secrets, or checks that it is one: it and the folders above it, up to the user's
 * home, belong to this user, and nobody else may write there. The folder itself is closed to others.
 */
export async function ensurePrivateFolder(folder: string, user: UserId = thisUser): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (user === undefined) return;
  const chain = belowHome(resolve(folder));
  for (const part of chain) {
    const link = await lstat(part);
    const facts = link.isSymbolicLink() ? await stat(part) : link;
    if (!facts.isDirectory()) throw new UnsafePath(`${part} is not a folder.`);
    if (link.uid !== user || facts.uid !== user) throw foreign(part);
    if (part !== chain.at(-1)) {
      if ((facts.mode & 0o022) !== 0) throw exposed(part);
    } else if ((facts.mode & 0o077) !== 0) {
      await chmod(part, 0o700);
      if (((await stat(part)).mode & 0o022) !== 0) throw exposed(part);
    }
  }
}

/**
 * Opens a file of secrets for reading, and closes it to others. A symlink is followed only where link
 * and file belong to this user. `undefined`: there is no such file.
 */
export async function openPrivateFile(
  path: string,
  user: UserId = thisUser,
): Promise<FileHandle | undefined> {
  let file: FileHandle;
  try {
    const link = await lstat(path);
    if (user !== undefined && link.uid !== user) throw foreign(path);
    const target = link.isSymbolicLink() ? await realpath(path) : path;
    file = await open(target, constants.O_RDONLY | noFollow);
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return undefined;
    throw thrown;
  }
  try {
    const facts = await file.stat();
    if (!facts.isFile()) throw new UnsafePath(`${path} is not a file.`);
    if (user !== undefined) {
      if (facts.uid !== user) throw foreign(path);
      if ((facts.mode & 0o077) !== 0) await file.chmod(0o600);
    }
    return file;
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

/** Windows has neither; a pipe in place of the file must not hold us. */
const noFollow = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The folders from below the user's home down to this one; outside of it only this one. */
function belowHome(folder: string): readonly string[] {
  const home = homedir();
  const way = relative(home, folder);
  if (way === '' || way.startsWith('..') || isAbsolute(way)) return [folder];
  const parts = way.split(sep);
  return parts.map((_, index) => join(home, ...parts.slice(0, index + 1)));
}

function foreign(path: string): UnsafePath {
  return new UnsafePath(
    `${path} belongs to another user of this machine, who could read or change what is kept there. Remove it, or set OPENCODEX_HOME to a folder of your own.`,
  );
}

function exposed(path: string): UnsafePath {
  return new UnsafePath(
    `${path} can be changed by other users of this machine. Run "chmod go-w" on it, or set OPENCODEX_HOME to a folder of your own.`,
  );
}
