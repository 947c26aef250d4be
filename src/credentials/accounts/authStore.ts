import { stat } from 'node:fs/promises';
import { writeFileAtomic } from '../../files/atomicWrite.ts';
import { LockUnavailable } from '../../files/lock.ts';
import { ensurePrivateFolder, type UserId } from '../../files/ownership.ts';
import type { JsonObject } from '../../turn/turn.ts';
import { type AuthRead, authPath, problemOf, readAuthFile, type StoreProblem } from './authFile.ts';
import { withStoreLock } from './authLock.ts';

export interface Change<T> {
  /** The new content; the very one that was given, or none: nothing is written. */
  readonly file?: JsonObject | undefined;
  readonly value: T;
}

export type Changed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: StoreProblem };

/** A file that changed this recently may change again without showing it. */
const restlessMs = 100n;

/** How often a change starts over because the process was frozen and lost the lock. */
const attempts = 3;

/** auth.json, shared with other windows and with `ocx`. */
export class AuthStore {
  readonly home: string;
  readonly #user: UserId;
  #known: { readonly signature: string; readonly read: AuthRead } | undefined;

  /** `user`: whose the files must be, instead of this process's user. */
  constructor(home: string, user?: UserId) {
    this.home = home;
    this.#user = user;
  }

  /** The content as it is now; parsed again only when the file has changed. */
  async read(): Promise<AuthRead> {
    const signature = await this.#signature();
    if (this.#known !== undefined && this.#known.signature === signature) return this.#known.read;
    this.#known = undefined;
    const read = await this.readFresh();
    if (signature !== undefined && read.ok) this.#known = { signature, read };
    return read;
  }

  readFresh(): Promise<AuthRead> {
    return readAuthFile(this.home, this.#user);
  }

  /**
   * Changes the file: what `change` gets was read under the lock, and what it gives is written in one
   * step while the lock is still held. A damaged file is replaced only with `replaceDamaged`.
   */
  async change<T>(
    change: (file: JsonObject) => Change<T>,
    options: { readonly replaceDamaged?: boolean } = {},
  ): Promise<Changed<T>> {
    const path = authPath(this.home);
    try {
      // Before the lock file is made, which must not land in a stranger's folder.
      await ensurePrivateFolder(this.home, this.#user);
      for (let attempt = 0; attempt < attempts; attempt++) {
        const outcome = await withStoreLock(this.home, async (lock): Promise<Attempt<T>> => {
          const read = await this.readFresh();
          if (!read.ok && !(read.problem.kind === 'damaged' && options.replaceDamaged)) return read;
          const before = read.ok ? read.file : {};
          const { file, value } = change(before);
          if (file === undefined || file === before) return { ok: true, value };
          const written = await writeFileAtomic(path, `${JSON.stringify(file, null, 2)}\n`, {
            mode: 0o600,
            beforeReplace: () => lock.held(),
          });
          return written ? { ok: true, value } : undefined;
        });
        if (outcome !== undefined) return outcome;
      }
    } catch (thrown) {
      if (!(thrown instanceof LockUnavailable)) {
        return { ok: false, problem: problemOf(path, thrown, 'unwritable') };
      }
    }
    const message = `${path} is being written by another program that does not come to an end. Try again; if no such program runs, delete auth.store.lock beside it.`;
    return { ok: false, problem: { kind: 'busy', message } };
  }

  /** Tells one state of the file from the next; `undefined` where that is not certain. */
  async #signature(): Promise<string | undefined> {
    try {
      const facts = await stat(authPath(this.home), { bigint: true });
      if (BigInt(Date.now()) - facts.mtimeMs < restlessMs) return undefined;
      return [facts.dev, facts.ino, facts.size, facts.mtimeNs, facts.ctimeNs].join(' ');
    } catch {
      return undefined;
    }
  }
}

type Attempt<T> = Changed<T> | undefined;
