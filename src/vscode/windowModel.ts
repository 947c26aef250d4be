import { type Disposable, EventEmitter } from 'vscode';
import type { Activity, ProxySnapshot, ProxyState } from '../link/state.ts';
import { type CodexLink, firstState, servingPort, type WindowState } from './windowState.ts';

/** Turns can begin and end in bursts; the lists of the dashboard need not follow each one. */
const refreshMs = 200;

export interface StateSources {
  /** `undefined` while no proxy runs. */
  snapshot(): Promise<ProxySnapshot | undefined>;
  codex(port: number | undefined): Promise<CodexLink>;
}

/** Holds the state of this window and tells when it changes. */
export class WindowModel implements Disposable {
  readonly #sources: StateSources;
  readonly #changed = new EventEmitter<WindowState>();
  #state: WindowState = firstState;
  #refresh: NodeJS.Timeout | undefined;
  #looks = 0;

  readonly onDidChange = this.#changed.event;

  constructor(sources: StateSources) {
    this.#sources = sources;
  }

  get state(): WindowState {
    return this.#state;
  }

  setProxy(proxy: ProxyState): void {
    const before = servingPort(this.#state.proxy);
    this.#update({ proxy });
    void this.#load();
    if (servingPort(proxy) !== before) void this.refreshCodex();
  }

  setActivity(activity: Activity): void {
    this.#update({ activity });
    this.refreshSoon();
  }

  /** Asks the proxy for a new snapshot. */
  refreshSoon(): void {
    this.#refresh ??= setTimeout(() => {
      this.#refresh = undefined;
      void this.#load();
    }, refreshMs);
  }

  /** Looks whether Codex's config still names us. */
  async refreshCodex(): Promise<void> {
    const look = ++this.#looks;
    const codex = await this.#sources.codex(servingPort(this.#state.proxy));
    // A later look has seen a later state.
    if (look === this.#looks && codex !== this.#state.codex) this.#update({ codex });
  }

  dispose(): void {
    clearTimeout(this.#refresh);
    this.#changed.dispose();
  }

  async #load(): Promise<void> {
    const snapshot = await this.#sources.snapshot();
    if (snapshot !== undefined) this.#update({ snapshot });
  }

  #update(change: Partial<WindowState>): void {
    this.#state = { ...this.#state, ...change };
    this.#changed.fire(this.#state);
  }
}
