import { EventEmitter } from './vscodeEvents.ts';

/** A panel of the editor; the test plays the page in it. */
export class FakePanel {
  visible = true;
  /** What was said to the page. */
  readonly said: unknown[] = [];
  readonly #heard = new EventEmitter<unknown>();
  readonly #seen = new EventEmitter<void>();
  readonly #closed = new EventEmitter<void>();

  readonly onDidChangeViewState = this.#seen.event;
  readonly onDidDispose = this.#closed.event;

  readonly webview = {
    cspSource: '',
    asWebviewUri: (uri: object) => uri,
    onDidReceiveMessage: this.#heard.event,
    postMessage: async (message: unknown): Promise<boolean> => this.said.push(message) > 0,
  };

  /** The page says something. */
  say(message: unknown): void {
    this.#heard.fire(message);
  }

  /** Another tab comes in front of it: its page is gone until it is revealed. */
  hide(): void {
    this.visible = false;
    this.#seen.fire();
  }

  reveal(): void {
    this.visible = true;
    this.#seen.fire();
  }

  dispose(): void {
    this.#closed.fire();
  }
}
