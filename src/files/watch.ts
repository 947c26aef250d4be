import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

export interface WatchOptions {
  /** How long to let writes settle. Default 50 ms. */
  readonly settleMs?: number;
  /** How often to look where the system reports nothing (network drives, containers). Default 2 s. */
  readonly pollMs?: number;
}

/**
 * Calls `changed` when the file appears, changes, is replaced or goes away. The folder is watched,
 * not the file, because an atomic write replaces the file; a slow poll covers what watching misses.
 */
export class FileWatch {
  readonly #path: string;
  readonly #changed: () => void;
  readonly #settleMs: number;
  readonly #poll: NodeJS.Timeout;
  #watcher: FSWatcher | undefined;
  #settling: NodeJS.Timeout | undefined;
  #signature: Promise<string>;
  #disposed = false;

  constructor(path: string, changed: () => void, options: WatchOptions = {}) {
    this.#path = path;
    this.#changed = changed;
    this.#settleMs = options.settleMs ?? 50;
    this.#watchFolder();
    this.#signature = signatureOf(path);
    this.#poll = setInterval(() => {
      this.#watchFolder();
      this.#compare();
    }, options.pollMs ?? 2_000);
    this.#poll.unref();
  }

  dispose(): void {
    this.#disposed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#settling);
    this.#closeWatcher();
  }

  #watchFolder(): void {
    if (this.#watcher !== undefined || this.#disposed) {
      return;
    }
    const name = basename(this.#path);
    try {
      const watcher = watch(dirname(this.#path), { persistent: false }, (event, entry) => {
        if (entry === null || entry === name) {
          this.#settle();
        } else if (event === 'rename' && entry === basename(dirname(this.#path))) {
          // The folder itself went away; the poll finds its successor.
          this.#closeWatcher();
        }
      });
      watcher.on('error', () => this.#closeWatcher());
      this.#watcher = watcher;
    } catch {
      // The folder does not exist yet, or watching is not supported: the poll tries again.
    }
  }

  #closeWatcher(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #settle(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#compare(), this.#settleMs);
    this.#settling.unref();
  }

  async #compare(): Promise<void> {
    const earlier = this.#signature;
    const now = signatureOf(this.#path);
    this.#signature = now;
    if ((await earlier) !== (await now) && !this.#disposed) {
      this.#changed();
    }
  }
}

async function signatureOf(path: string): Promise<string> {
  try {
    const facts = await stat(path, { bigint: true });
    return `${facts.ino} ${facts.size} ${facts.mtimeNs}`;
  } catch {
    return 'none';
  }
}
