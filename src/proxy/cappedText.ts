/** The beginning of a body that is only read for what it says. */
export class CappedText {
  readonly #chunks: Uint8Array[] = [];
  readonly #capacity: number;
  #size = 0;

  /** An error message is far shorter than the default. */
  constructor(capacity = 64 * 1024) {
    this.#capacity = capacity;
  }

  /** Whether nothing was left out. */
  get complete(): boolean {
    return this.#size <= this.#capacity;
  }

  push(chunk: Uint8Array): void {
    if (this.#size < this.#capacity) {
      this.#chunks.push(chunk.subarray(0, this.#capacity - this.#size));
    }
    this.#size += chunk.length;
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
