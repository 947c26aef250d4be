const mostLength = 64 * 1024 * 1024;

/** Collects an answer that is one JSON text. */
export class WholeBody {
  readonly #decoder = new TextDecoder();
  #text = '';
  #tooLong = false;

  get tooLong(): boolean {
    return this.#tooLong;
  }

  push(chunk: Uint8Array): void {
    this.#text += this.#decoder.decode(chunk, { stream: true });
    if (this.#text.length > mostLength) {
      this.#tooLong = true;
      this.#text = '';
    }
  }

  text(): string {
    return this.#text + this.#decoder.decode();
  }
}
