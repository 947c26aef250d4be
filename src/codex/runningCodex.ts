import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** A Codex at work. */
export interface RunningCodex {
  readonly pid: number;
  readonly kind: 'app-server' | 'other';
  /** In milliseconds since 1970. */
  readonly startedAt: number;
}

/**
 * The Codex processes of this user, as far as the system tells without a program being started: on
 * Linux. `undefined`: it does not tell.
 */
export async function runningCodex(folder = '/proc'): Promise<readonly RunningCodex[] | undefined> {
  if (process.platform !== 'linux' || process.getuid === undefined) return undefined;
  const user = process.getuid();
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.filter((name) => /^\d+$/.test(name)).map((name) => processAt(join(folder, name), user)),
  );
  return found.filter((one) => one !== undefined);
}

async function processAt(folder: string, user: number): Promise<RunningCodex | undefined> {
  try {
    const facts = await stat(folder);
    if (facts.uid !== user) return undefined;
    const [program = '', ...args] = (await readFile(join(folder, 'cmdline'), 'utf8')).split('\0');
    if (basename(program) !== 'codex') return undefined;
    const kind = args.includes('app-server') ? 'app-server' : 'other';
    return { pid: Number(basename(folder)), kind, startedAt: facts.ctimeMs };
  } catch {
    return undefined; // It has gone meanwhile.
  }
}
