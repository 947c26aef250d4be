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
  #loads = 0;
  /** The newest load whose answer is held. */
  #loaded = 0;
  #over = false;

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
    if (this.#over) return;
    this.#refresh ??= setTimeout(() => {
      this.#refresh = undefined;
      void this.#load();
    }, refreshMs);
  }

  /** Looks whether Codex's config still names us. */
  async refreshCodex(): Promise<void> {
    const look = ++this.#looks;
    const port = servingPort(this.#state.proxy);
    const codex = await this.#sources.codex(port).catch((): CodexLink => 'unknown');
    // A later look has seen a later state.
    if (look === this.#looks && codex !== this.#state.codex) this.#update({ codex });
  }

  dispose(): void {
    this.#over = true;
    clearTimeout(this.#refresh);
    this.#changed.dispose();
  }

  async #load(): Promise<void> {
    const load = ++this.#loads;
    const snapshot = await this.#sources.snapshot();
    // Where another window serves, an answer takes its time, and a later one may come before it.
    if (snapshot === undefined || load < this.#loaded) return;
    this.#loaded = load;
    this.#update({ snapshot });
  }

  #update(change: Partial<WindowState>): void {
    this.#state = { ...this.#state, ...change };
    this.#changed.fire(this.#state);
  }
}
