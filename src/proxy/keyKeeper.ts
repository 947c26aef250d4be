import { randomUUID } from 'node:crypto';
import type { Vault } from './vault.ts';
import { ownWindow } from './vault.ts';

/** A key for the secret store of a window's editor. */
export interface KeyToKeep {
  readonly id: string;
  readonly provider: string;
  readonly key: string;
}

export interface KeyKeeperOptions {
  readonly vault: Vault;
  /** The windows that may be asked, the nearest first. */
  windows(): readonly string[];
  /** Asks one; `false` where it has gone. */
  ask(window: string, key: KeyToKeep): boolean;
  /** How long a window may take: some keyrings ask their user first. */
  readonly patienceMs?: number;
}

/** A user answers one after the other. */
const mostAsked = 64;

interface Asked {
  readonly window: string;
  settle(kept: boolean): void;
}

/** Has one of the open windows keep a key; each is asked in turn until one has done so. */
export class KeyKeeper {
  readonly #options: KeyKeeperOptions;
  readonly #asked = new Map<string, Asked>();

  constructor(options: KeyKeeperOptions) {
    this.#options = options;
  }

  /** Gives `false` where no window keeps it. */
  async keep(provider: string, key: string): Promise<boolean> {
    for (const window of this.#options.windows()) {
      if (!(await this.#ask(window, provider, key))) continue;
      // The window lends it too, a little later; one that has gone takes the key with it.
      if (window === ownWindow || this.#options.windows().includes(window)) {
        this.#options.vault.hold(window, { [provider]: key });
      }
      return true;
    }
    return false;
  }

  /** What a window says; `false` where nobody asked, or waits any more. */
  answer(id: string, kept: boolean): boolean {
    const asked = this.#asked.get(id);
    asked?.settle(kept);
    return asked !== undefined;
  }

  /** The window is gone, and will not answer. */
  forget(window: string): void {
    for (const asked of this.#asked.values()) if (asked.window === window) asked.settle(false);
  }

  async #ask(window: string, provider: string, key: string): Promise<boolean> {
    if (this.#asked.size >= mostAsked) return false;
    const id = randomUUID();
    const { promise, resolve: settle } = Promise.withResolvers<boolean>();
    this.#asked.set(id, { window, settle });
    const timer = setTimeout(settle, this.#options.patienceMs ?? 20_000, false);
    try {
      return this.#options.ask(window, { id, provider, key }) && (await promise);
    } finally {
      clearTimeout(timer);
      this.#asked.delete(id);
    }
  }
}
