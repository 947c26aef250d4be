import { commands, type Disposable, window } from 'vscode';
import type { ProxyState, StartFailure } from '../link/state.ts';
import { waysOut } from './statusItem.ts';
import type { WindowModel } from './windowModel.ts';

/** Says once why the proxy does not run, with the ways out as buttons. */
export class FailureNotice implements Disposable {
  readonly #listening: Disposable;
  #said: string | undefined;

  constructor(model: WindowModel) {
    this.#listening = model.onDidChange(({ proxy }) => this.#follow(proxy));
  }

  dispose(): void {
    this.#listening.dispose();
  }

  /** A repeated failure stays in the status bar until the proxy has run again. */
  #follow(state: ProxyState): void {
    if (state.status === 'listening' || state.status === 'elsewhere') this.#said = undefined;
    if (state.status !== 'failed' || state.failure.message === this.#said) return;
    this.#said = state.failure.message;
    void offer(state.failure);
  }
}

async function offer(failure: StartFailure): Promise<void> {
  const ways = waysOut(failure);
  const answer = await window.showErrorMessage(failure.message, ...ways.map((way) => way.title));
  const way = ways.find(({ title }) => title === answer);
  if (way !== undefined) await commands.executeCommand(way.command);
}
