import { commands, type Disposable } from 'vscode';
import type { WindowModel } from './windowModel.ts';
import { isConnected, isRunning, type WindowState } from './windowState.ts';

/** The `opencodex.*` keys that the manifest's `when` and `enablement` clauses ask for. */
export class ContextKeys implements Disposable {
  readonly #set = new Map<string, boolean>();
  readonly #listening: Disposable;

  constructor(model: WindowModel) {
    this.#listening = model.onDidChange((state) => this.#follow(state));
  }

  dispose(): void {
    this.#listening.dispose();
  }

  #follow(state: WindowState): void {
    this.#put('opencodex.running', isRunning(state.proxy));
    this.#put('opencodex.connected', isConnected(state.codex));
    this.#put('opencodex.outdated', state.codex === 'outdated');
    this.#put('opencodex.hasProvider', (state.snapshot?.providers.length ?? 0) > 0);
    this.#put('opencodex.hasServed', state.activity.served > 0);
  }

  #put(key: string, value: boolean): void {
    if (this.#set.get(key) === value) return;
    this.#set.set(key, value);
    void commands.executeCommand('setContext', key, value);
  }
}
