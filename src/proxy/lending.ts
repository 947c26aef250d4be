import { setTimeout as sleep } from 'node:timers/promises';
import type { OfferedModels } from '../link/api/editorModelsApi.ts';
import { type ApiCall, apiCall } from '../link/api.ts';
import type { Peer } from './peer.ts';
import type { KeyChanges } from './vault.ts';

/** What failed is tried again after this long. */
const pauseMs = 250;

export interface LendingOptions {
  /** The name of this window among those that are attached. */
  readonly window: string;
  /** Ends it: the other one does not hold this window's request any more. */
  readonly over: AbortSignal;
  /** A connection to the proxy that serves; `undefined` where there is none at the moment. */
  connect(): Promise<Peer | undefined>;
}

/**
 * Keeps the serving proxy told of what this window lends it, for as long as the window is attached.
 * One thing is said at a time, and always the newest: an older key cannot overtake it, and what did
 * not arrive is said again. Who is attached anew begins anew.
 */
export class Lending {
  readonly #options: LendingOptions;
  /** What is not known there yet. */
  readonly #keys = new Map<string, string | null>();
  #models: { readonly offered: OfferedModels } | undefined;
  #peer: Peer | undefined;
  #running = false;

  constructor(options: LendingOptions) {
    this.#options = options;
    options.over.addEventListener('abort', () => this.#peer?.close(), { once: true });
  }

  lend(keys: KeyChanges): void {
    for (const [provider, key] of Object.entries(keys)) this.#keys.set(provider, key);
    this.#start();
  }

  offer(models: OfferedModels): void {
    this.#models = { offered: models };
    this.#start();
  }

  #start(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    const { over } = this.#options;
    while (!over.aborted && (this.#keys.size > 0 || this.#models !== undefined)) {
      const told = this.#keys.size > 0 ? await this.#tellKeys() : await this.#tellModels();
      if (!told) await sleep(pauseMs, undefined, { signal: over }).catch(() => {});
    }
    this.#running = false;
    this.#peer?.close();
    this.#peer = undefined;
  }

  async #tellKeys(): Promise<boolean> {
    const told = [...this.#keys];
    const { window } = this.#options;
    const input = { window, keys: Object.fromEntries(told) };
    if (!(await this.#tell(apiCall('POST /api/vault', input)))) return false;
    for (const [provider, key] of told) {
      if (this.#keys.get(provider) === key) this.#keys.delete(provider);
    }
    return true;
  }

  async #tellModels(): Promise<boolean> {
    const told = this.#models;
    if (told === undefined) return true;
    const { window } = this.#options;
    const input = { window, models: told.offered };
    if (!(await this.#tell(apiCall('POST /api/editor-models', input)))) return false;
    if (this.#models === told) this.#models = undefined;
    return true;
  }

  /** Whether it has been said: a refusal will not become a yes by being asked again. */
  async #tell(call: ApiCall): Promise<boolean> {
    try {
      this.#peer ??= await this.#options.connect();
      if (this.#peer === undefined || this.#options.over.aborted) return false;
      const { status } = await this.#peer.call(call);
      if (status !== 503) return true;
    } catch {
      // The connection is lost.
    }
    this.#peer?.close();
    this.#peer = undefined;
    return false;
  }
}
