import { type Disposable, EventEmitter } from 'vscode';
import type { ApiEvent } from '../link/api/proxyApi.ts';
import type { ProxyState } from '../link/state.ts';

/** What this window's proxy tells as it happens, for those who show it. */
export class WindowEvents implements Disposable {
  readonly #emitter = new EventEmitter<ApiEvent>();
  #state: ProxyState = { status: 'stopped' };

  readonly onEvent = this.#emitter.event;

  get state(): ProxyState {
    return this.#state;
  }

  tell(event: ApiEvent): void {
    if (event.type === 'state') this.#state = event.state;
    this.#emitter.fire(event);
  }

  dispose(): void {
    this.#emitter.dispose();
  }
}
