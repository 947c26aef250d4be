import { freeBytes } from '../language/freeBytes.ts';
import { type StringReader, skipString, standsAt } from './jsonScan.ts';
import { StringScan } from './stringScan.ts';

/**
 * The outputs of tools are most of a long conversation, and no rule looks into them. The long ones
 * are found while the body is looked at, and go to the provider as the bytes that they came as:
 * `lifted` puts a mark in their place before the body is parsed, `LiftedBody.restored` puts them
 * back into what was encoded. Only texts are taken whose bytes are those that JSON.stringify would
 * write, so the result is the same as without.
 */

/** The insides of their quotes, as pairs of start and end in the body's bytes. */
export type TextSpans = Uint32Array;

/** From this length on copying is cheaper than parsing and writing. */
const shortest = 512;

/** Together this long: else it is not worth the while. */
const leastSum = 8 * 1024;

const output = new TextEncoder().encode('"output"');
const text = new TextEncoder().encode('"text"');
const object = 0x7b;
const array = 0x5b;
const colon = 0x3a;
const backslash = 0x5c;
const letterU = 0x75;

/** Reads the strings of `input` and notes the long ones among the outputs of tools. */
export class LongTexts implements StringReader {
  readonly #scan: StringScan;
  readonly #spans: number[] = [];
  #sum = 0;
  #stopped = false;
  /** The string that came last in an item, and in a part of an output, names what the next one is. */
  #inOutput = false;
  #inText = false;

  constructor(body: Uint8Array) {
    this.#scan = new StringScan(body);
  }

  /** From here on none is wanted. */
  stop(): void {
    this.#stopped = true;
  }

  get spans(): TextSpans {
    return this.#sum < leastSum ? none : Uint32Array.from(this.#spans);
  }

  /** An item is at depth 2 of `input`, a part of its output at depth 4. */
  read(bytes: Uint8Array, at: number, depth: number, open: Uint8Array): number {
    if (this.#stopped) return this.#scan.closingQuote(at) + 1;
    if (depth === 2) {
      if (this.#inOutput && isValue(bytes, at)) return this.#take(bytes, at);
      const end = skipString(bytes, at);
      this.#inOutput = open[2] === object && isKey(bytes, at, end, output);
      return end;
    }
    if (depth === 4 && this.#inOutput && open[3] === array && open[4] === object) {
      if (this.#inText && isValue(bytes, at)) return this.#take(bytes, at);
      const end = skipString(bytes, at);
      this.#inText = isKey(bytes, at, end, text);
      return end;
    }
    return skipString(bytes, at);
  }

  #take(bytes: Uint8Array, at: number): number {
    const [start, end] = [at + 1, this.#scan.closingQuote(at)];
    const isLong = end - at >= shortest;
    if (isLong && isVisible(bytes, start) && this.#scan.isCanonical(start, end)) {
      this.#spans.push(start, end);
      this.#sum += end - at;
    }
    return end + 1;
  }
}

const none: TextSpans = new Uint32Array();

function isKey(bytes: Uint8Array, start: number, end: number, key: Uint8Array): boolean {
  return end - start === key.length && standsAt(key, bytes, start);
}

/** A colon stands before it. */
function isValue(bytes: Uint8Array, at: number): boolean {
  let before = at - 1;
  while (bytes[before] === 0x20) before -= 1;
  return bytes[before] === colon;
}

/** A text of white space alone is treated otherwise; some of the first characters is a visible one. */
function isVisible(bytes: Uint8Array, from: number): boolean {
  for (let index = from; index < from + 64; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte === backslash) index += bytes[index + 1] === letterU ? 5 : 1;
    else if (byte > 0x20 && byte < 0x7f) return true;
  }
  return false;
}

const before = '\u0090';
const after = '\u009c';

/** A body with marks in the place of its long texts: nobody can know what they look like. */
export class LiftedBody {
  /** What is parsed instead of the body. */
  readonly text: string;
  readonly #body: Uint8Array;
  readonly #spans: TextSpans;
  /** How every mark begins. */
  readonly #head: Uint8Array;

  constructor(text: string, head: Uint8Array, body: Uint8Array, spans: TextSpans) {
    this.text = text;
    this.#head = head;
    this.#body = body;
    this.#spans = spans;
  }

  /** What was made of it as bytes, with the texts in the place of their marks. */
  restored(made: string): Uint8Array {
    const bytes = new TextEncoder().encode(made);
    const marks = this.#marksIn(bytes);
    let { length } = bytes;
    for (const { start, end, text } of marks) length += text.length - (end - start);
    const out = new Uint8Array(length);
    let from = 0;
    let to = 0;
    for (const { start, end, text } of marks) {
      out.set(bytes.subarray(from, start), to);
      to += start - from;
      out.set(text, to);
      to += text.length;
      from = end;
    }
    out.set(bytes.subarray(from), to);
    freeBytes(bytes);
    return out;
  }

  #marksIn(bytes: Uint8Array): readonly Mark[] {
    const head = this.#head;
    const [first = 0] = head;
    const marks: Mark[] = [];
    let start = bytes.indexOf(first);
    while (start >= 0) {
      let end = start + 1;
      if (standsAt(head, bytes, start)) {
        end = start + head.length;
        let index = 0;
        for (let digit = bytes[end] ?? first; digit !== first; digit = bytes[end] ?? first) {
          index = index * 10 + digit - 0x30;
          end += 1;
        }
        end += 2;
        const text = this.#body.subarray(this.#spans[2 * index], this.#spans[2 * index + 1]);
        marks.push({ start, end, text });
      }
      start = bytes.indexOf(first, end);
    }
    return marks;
  }
}

interface Mark {
  readonly start: number;
  readonly end: number;
  readonly text: Uint8Array;
}

/** Takes the texts at the spans out of a body. */
export function lifted(body: Uint8Array, spans: TextSpans): LiftedBody {
  const head = before + crypto.randomUUID().slice(-12);
  const encoder = new TextEncoder();
  const bytes = new Uint8Array(lengthWithMarks(body, spans, head));
  let from = 0;
  let to = 0;
  for (let index = 0; index < spans.length; index += 2) {
    const start = spans[index] ?? 0;
    bytes.set(body.subarray(from, start), to);
    to += start - from;
    const mark = `${head}.${index / 2}${after}`;
    to += encoder.encodeInto(mark, bytes.subarray(to)).written;
    from = spans[index + 1] ?? 0;
  }
  bytes.set(body.subarray(from), to);
  const text = new TextDecoder().decode(bytes.subarray(0, to + body.length - from));
  freeBytes(bytes);
  return new LiftedBody(text, encoder.encode(`${head}.`), body, spans);
}

/** At least what is needed: every mark is counted as if it were the longest one. */
function lengthWithMarks(body: Uint8Array, spans: TextSpans, head: string): number {
  // The two odd characters take two bytes each.
  const longest = `${head}.${spans.length}${after}`.length + 2;
  let { length } = body;
  for (let index = 0; index < spans.length; index += 2) {
    length += longest - ((spans[index + 1] ?? 0) - (spans[index] ?? 0));
  }
  return length;
}
