import { randomBytes } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import { hasCode, isBusy } from './atomicWrite.ts';

/** What file systems say that know no hard links, as those of many memory cards and networks. */
const noLinks = ['EPERM', 'EACCES', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EINVAL'];

/**
 * Creates a file for its owner alone, with its content in one step, so that no reader finds it half
 * written. Gives `false` where there is one of that name, or one is just going. Without hard links
 * the content follows the name a moment later.
 */
export async function createWhole(path: string, text: string): Promise<boolean> {
  const aside = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    await writeNew(aside, text);
    return await linkOrWrite(aside, path, text);
  } finally {
    await rm(aside, { force: true });
  }
}

async function linkOrWrite(aside: string, path: string, text: string): Promise<boolean> {
  try {
    await link(aside, path);
    return true;
  } catch (thrown) {
    if (hasCode(thrown, 'EEXIST')) return false;
    if (!noLinks.some((code) => hasCode(thrown, code))) throw thrown;
  }
  try {
    await writeNew(path, text);
    return true;
  } catch (thrown) {
    // The folder has just taken another file: it is this name that cannot be had.
    if (hasCode(thrown, 'EEXIST') || isBusy(thrown)) return false;
    throw thrown;
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}
