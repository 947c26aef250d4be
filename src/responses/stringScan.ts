import { endless } from './jsonScan.ts';
import { stringScanModule } from './stringScanModule.ts';

const quote = 0x22;
const backslash = 0x5c;

/** Bits of what a walk has seen. */
const highByte = 1;
const notCanonical = 2;

/** What the module sees of a body at a time. */
const windowSize = 64 * 1024;
/** So many bytes of a string are looked at without it. */
const near = 24;
/** A shorter body is read before the module is made. */
const least = 16 * 1024;

/**
 * Finds where the strings of a body end. A long conversation is strings for the most part, and to
 * look at each byte of a megabyte from JavaScript takes a large share of the time that a request
 * spends here; stringScan.wat looks at sixteen at once.
 */
export class StringScan {
  readonly #bytes: Uint8Array;
  readonly #walker: Walker | null;
  /** What of the bytes lies in the walker's memory, while that is ours. */
  #from = 0;
  #to = 0;
  /** Not this scan itself: the walker would hold on to the bytes. */
  readonly #owner = {};
  #seen = 0;

  /** Without a walker each byte is looked at. */
  constructor(bytes: Uint8Array, walker = bytes.length < least ? null : sharedWalker()) {
    this.#bytes = bytes;
    this.#walker = walker;
  }

  /** `at` is at the opening quote of a string; gives the place of the closing one. */
  closingQuote(at: number): number {
    const bytes = this.#bytes;
    this.#seen = 0;
    // Most strings are keys and other short ones, which are over before the module is called.
    let end = this.#walkBytes(at + 1, Math.min(at + near, bytes.length));
    if (bytes[end] === quote) return end;
    if (this.#walker !== null && end < bytes.length) end = this.#walk(this.#walker, end);
    if (bytes[end] !== quote) end = this.#walkBytes(end, bytes.length);
    if (end >= bytes.length) throw endless(at);
    return end;
  }

  /** Whether JSON.stringify would write the string that was walked through last just so. */
  isCanonical(start: number, end: number): boolean {
    if ((this.#seen & notCanonical) !== 0) return false;
    return (this.#seen & highByte) === 0 || isUtf8(this.#bytes.subarray(start, end));
  }

  /** Up to the closing quote, or to what is left near the end of the bytes. */
  #walk(walker: Walker, start: number): number {
    let at = start;
    walker.seen.value = 0;
    for (;;) {
      const isHere = walker.owner === this.#owner && at >= this.#from && at < this.#to;
      if (!isHere) this.#load(walker, at);
      at = this.#from + walker.walk(at - this.#from, this.#to - this.#from);
      if (at < this.#to && this.#bytes[at] === quote) break;
      if (this.#to === this.#bytes.length) break;
      this.#load(walker, at);
    }
    this.#seen |= walker.seen.value;
    return at;
  }

  #load(walker: Walker, at: number): void {
    this.#from = at;
    this.#to = Math.min(at + windowSize, this.#bytes.length);
    walker.window.set(this.#bytes.subarray(this.#from, this.#to));
    walker.owner = this.#owner;
  }

  /** The same as the module, one byte after the other. */
  #walkBytes(start: number, end: number): number {
    const bytes = this.#bytes;
    let at = start;
    while (at < end) {
      const byte = bytes[at] ?? 0;
      if (byte === quote) return at;
      if (byte < 0x20) this.#seen |= notCanonical;
      if (byte > 0x7f) this.#seen |= highByte;
      if (byte === backslash && !isCanonicalEscape(bytes, at)) this.#seen |= notCanonical;
      at += byte === backslash ? 2 : 1;
    }
    return at;
  }
}

/** The module, with the one window that its users take turns with. */
interface Walker {
  readonly window: Uint8Array;
  /** Of the scan whose bytes are in the window. */
  owner: object | undefined;
  readonly seen: WebAssembly.Global;
  /**
   * From one place of the window to another. Gives the closing quote, else the end, or the backslash
   * of an escape that may go beyond it.
   */
  walk(at: number, end: number): number;
}

/** Made with the first body of some length. */
let shared: Walker | null | undefined;

/** The one of this thread; `null` on a processor without such instructions. */
export function sharedWalker(): Walker | null {
  if (shared === undefined) shared = newWalker();
  return shared;
}

function newWalker(): Walker | null {
  const module = Uint8Array.from(atob(stringScanModule), (letter) => letter.charCodeAt(0));
  if (!WebAssembly.validate(module)) return null;
  const { memory, seen, walk } = new WebAssembly.Instance(new WebAssembly.Module(module)).exports;
  if (!(memory instanceof WebAssembly.Memory && seen instanceof WebAssembly.Global)) return null;
  if (typeof walk !== 'function') return null;
  return {
    window: new Uint8Array(memory.buffer),
    owner: undefined,
    seen,
    walk: (at, end) => Number(walk(at, end)),
  };
}

/** The letters of the short escapes: `"` `\` `b` `f` `n` `r` `t`. */
const short = new Uint8Array(256);
for (const letter of '"\\bfnrt') short[letter.charCodeAt(0)] = 1;

/** Whether JSON.stringify writes this escape so. */
function isCanonicalEscape(bytes: Uint8Array, at: number): boolean {
  const letter = bytes[at + 1] ?? 0;
  if (letter !== 0x75) return short[letter] === 1;
  // Only control characters without a letter, in lower case: `\u001b`.
  const [a, b, c, d = 0] = bytes.subarray(at + 2, at + 6);
  if (a !== 0x30 || b !== 0x30 || (c !== 0x30 && c !== 0x31)) return false;
  const digit = d >= 0x30 && d <= 0x39 ? d - 0x30 : d >= 0x61 && d <= 0x66 ? d - 0x57 : -1;
  return digit >= 0 && (c === 0x31 || ![8, 9, 10, 12, 13].includes(digit));
}

const strict = new TextDecoder('utf-8', { fatal: true });

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
