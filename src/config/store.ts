import { FileWatch } from '../files/watch.ts';
import { configPath } from './home.ts';
import { loadConfig } from './load.ts';
import type { ConfigError } from './problem.ts';
import { type Config, defaultConfig } from './schema.ts';

/**
 * The configuration in force. A change of the file applies without a restart; an invalid file leaves
 * the last good configuration in force and shows in `error`.
 */
export class ConfigStore {
  readonly #home: string;
  readonly #listeners = new Set<() => void>();
  #watch: FileWatch | undefined;
  #current: Config = defaultConfig;
  #error: ConfigError | undefined;
  #reading: Promise<void> = Promise.resolve();
  #disposed = false;

  constructor(home: string) {
    this.#home = home;
  }

  get current(): Config {
    return this.#current;
  }

  /** Why the file is not in force; `undefined` when it is. */
  get error(): ConfigError | undefined {
    return this.#error;
  }

  /** Calls `listener` after `current` or `error` changed. */
  onChange(listener: () => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  /** Reads the file and follows it from then on. */
  async start(): Promise<void> {
    if (this.#watch === undefined && !this.#disposed) {
      this.#watch = new FileWatch(configPath(this.#home), () => void this.refresh());
    }
    await this.refresh();
  }

  /** Reads the file now, e.g. after a change of our own. */
  refresh(): Promise<void> {
    const read = this.#reading.then(() => this.#read());
    // A listener that fails is its caller's to hear of; the file is read again all the same.
    this.#reading = read.catch(() => {});
    return read;
  }

  dispose(): void {
    this.#disposed = true;
    this.#watch?.dispose();
    this.#listeners.clear();
  }

  async #read(): Promise<void> {
    const loaded = await loadConfig(this.#home);
    if (this.#disposed) {
      return;
    }
    const before = JSON.stringify([this.#current, this.#error]);
    if (loaded.ok) {
      this.#current = loaded.config;
      this.#error = undefined;
    } else {
      this.#error = loaded.error;
    }
    if (JSON.stringify([this.#current, this.#error]) !== before) {
      for (const listener of this.#listeners) {
        listener();
      }
    }
  }
}
