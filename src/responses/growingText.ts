/** So many are put together at once. */
const mostPieces = 64;

/**
 * Text that arrives in pieces. A piece may end inside of a surrogate pair; half a pair is not valid
 * UTF-8, and a strict reader drops the whole event, so the half waits for the next piece.
 */
export class GrowingText {
  #text = '';
  /** The newest pieces, which are not yet put together. */
  #pieces: string[] = [];
  #held = '';

  /** Adds a piece; gives what may be shown of it. */
  push(piece: string): string {
    const last = piece.charCodeAt(piece.length - 1);
    const split = last >= 0xd800 && last <= 0xdbff;
    if (!split && this.#held === '') {
      this.#add(piece);
      return piece.isWellFormed() ? piece : piece.toWellFormed();
    }
    const all = this.#held + piece;
    const shown = split ? all.slice(0, -1) : all;
    this.#held = split ? all.slice(-1) : '';
    this.#add(shown);
    return shown.toWellFormed();
  }

  /** Nothing more comes: half a character that still waits is shown as a replacement mark. */
  finish(): string {
    const rest = this.#held.toWellFormed();
    this.#add(rest);
    this.#held = '';
    return rest;
  }

  /** All of it. */
  get text(): string {
    return (this.#text + this.#pieces.join('') + this.#held).toWellFormed();
  }

  /**
   * V8 takes a text out of a chunk by referring to it, and a sum for its pieces, so that a long
   * answer would hold all of its events, some ten times as much. What is joined is a text of its own.
   */
  #add(piece: string): void {
    this.#pieces.push(piece);
    if (this.#pieces.length < mostPieces) return;
    this.#text += this.#pieces.join('');
    this.#pieces = [];
  }
}
