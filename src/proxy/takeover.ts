import { type Occupant, occupantOf } from './identity.ts';
import type { Listener } from './listener.ts';

const tryEveryMs = 250;
/** How many tries may pass before it is checked that the port is still served by one of ours. */
const triesPerCheck = 20;

export interface TakeoverOptions {
  readonly port: number;
  readonly token: string;
  createListener(): Listener;
  /** The port is ours now. */
  taken(listener: Listener): void;
  /** A foreign program got it first. */
  lost(occupant: Extract<Occupant, { kind: 'foreign' }>): void;
}

/** Waits for the port that another OpenCodex serves, and listens as soon as it is free. */
export class Takeover {
  readonly #options: TakeoverOptions;
  #timer: NodeJS.Timeout | undefined;
  #tries = 0;
  #disposed = false;

  constructor(options: TakeoverOptions) {
    this.#options = options;
    this.#schedule();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (!this.#disposed) this.#timer = setTimeout(() => void this.#try(), tryEveryMs);
  }

  async #try(): Promise<void> {
    const { port, token, createListener, taken, lost } = this.#options;
    const listener = createListener();
    const code = await listener.listen(port);
    if (code === undefined) {
      if (this.#disposed) await listener.close();
      else taken(listener);
      return;
    }
    this.#tries += 1;
    if (this.#tries % triesPerCheck === 0) {
      const occupant = await occupantOf(port, token);
      if (occupant.kind === 'foreign' && !this.#disposed) {
        lost(occupant);
        return;
      }
    }
    this.#schedule();
  }
}
