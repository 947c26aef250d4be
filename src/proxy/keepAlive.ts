/** A stream whose client must not be left without news for long. */
export interface KeptAlive {
  /** Whoever writes to the client sets it to 0. */
  silentTicks: number;
  /** Nothing was written for the whole interval. */
  beat(): void;
}

const ticksPerInterval = 3;

/**
 * One clock for all streams: writing costs them an assignment, not a timer. A stream that has been
 * silent is called at the latest when the interval is over.
 */
export class KeepAlive {
  readonly #streams = new Set<KeptAlive>();
  readonly #tickMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(intervalMs: number) {
    this.#tickMs = Math.max(1, Math.floor(intervalMs / ticksPerInterval));
  }

  add(stream: KeptAlive): void {
    this.#streams.add(stream);
    this.#timer ??= setInterval(() => this.#tick(), this.#tickMs);
  }

  delete(stream: KeptAlive): void {
    this.#streams.delete(stream);
    if (this.#streams.size === 0) this.dispose();
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    for (const stream of this.#streams) {
      stream.silentTicks += 1;
      if (stream.silentTicks < ticksPerInterval) continue;
      stream.silentTicks = 0;
      stream.beat();
    }
  }
}
