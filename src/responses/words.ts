/**
 * Four bytes of a body at a time: what a loop over every byte takes of a megabyte is a large share
 * of the time that a request spends here.
 */

/** Words that lie where the bytes' own buffer begins, not where the bytes do. */
export function wordsOf({ buffer }: Uint8Array): Int32Array {
  return new Int32Array(buffer, 0, buffer.byteLength >> 2);
}

export const highBits = 0x80808080;
const quotes = 0x22222222;
const backslashes = 0x5c5c5c5c;

/** Has one of `highBits` where one of the word's bytes is 0. */
function zeroByte(word: number): number {
  return (word - 0x01010101) & ~word;
}

/** Has one of `highBits` where one of the word's bytes is a control character. */
function belowSpace(word: number): number {
  return (word - 0x20202020) & ~word;
}

interface PlainRun {
  readonly count: number;
  /** Every bit that one of them has. */
  readonly bits: number;
}

/** How many words from `first` on have no quote, backslash or control character. */
export function plainWords(words: Int32Array, first: number, end: number): PlainRun {
  let bits = 0;
  let at = first;
  while (at < end) {
    const word = words[at] ?? 0;
    const other = belowSpace(word) | zeroByte(word ^ quotes) | zeroByte(word ^ backslashes);
    if ((other & highBits) !== 0) break;
    bits |= word;
    at += 1;
  }
  return { count: at - first, bits };
}

/** How many words from `first` on have no quote and no backslash. */
export function unquotedWords(words: Int32Array, first: number, end: number): number {
  let at = first;
  while (at < end) {
    const word = words[at] ?? 0;
    if (((zeroByte(word ^ quotes) | zeroByte(word ^ backslashes)) & highBits) !== 0) break;
    at += 1;
  }
  return at - first;
}
