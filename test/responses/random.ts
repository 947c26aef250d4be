/** Random numbers that are the same for the same seed, for tests over generated cases. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer from 0 up to, not including, `limit` (mulberry32). */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 0x100000000) * limit);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }

  /** Text with line breaks, quotes, escapes and characters of two UTF-16 units. */
  text(maxPieces = 8): string {
    let out = '';
    for (let n = this.below(maxPieces + 1); n > 0; n -= 1)
      out += this.pick([
        'a',
        'word ',
        '\n',
        '"',
        '\\',
        '\\n',
        '{"x":1}',
        'é',
        '😀',
        '\t',
        '*** ',
        '漢',
        '\u0000',
      ]);
    return out;
  }

  /** The text in pieces, cut between any two UTF-16 units. */
  pieces(text: string): string[] {
    const out: string[] = [];
    for (let at = 0; at < text.length; ) {
      const size = 1 + this.below(6);
      out.push(text.slice(at, at + size));
      at += size;
    }
    return out;
  }
}
