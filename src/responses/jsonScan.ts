/**
 * Finds places in JSON bytes without parsing them: for bodies of megabytes of which only a few
 * words matter. It checks the structure (brackets, quotes, separators) and leaves it to a parser to
 * check the values.
 */

export class JsonScanError extends Error {}

/** Deeper than any real request; deeper ones would exhaust the stack of a recursive reader. */
const maxDepth = 512;

const quote = 0x22;
const backslash = 0x5c;

/** The first byte at or after `at` that is not white space. */
export function skipSpace(bytes: Uint8Array, at: number): number {
  let index = at;
  for (;;) {
    const byte = bytes[index];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return index;
    index += 1;
  }
}

/** `at` is at the opening quote; gives the place behind the closing one. */
export function skipString(bytes: Uint8Array, at: number): number {
  let index = at + 1;
  for (;;) {
    // Near by, byte by byte; for what is far (an image) the engine's own search is faster.
    const near = Math.min(index + 128, bytes.length);
    while (index < near) {
      const byte = bytes[index];
      if (byte === quote) return index + 1;
      index += byte === backslash ? 2 : 1;
    }
    const far = bytes.indexOf(quote, index);
    if (far < 0) throw endless(at);
    let before = far;
    while (before > index && bytes[before - 1] === backslash) before -= 1;
    if ((far - before) % 2 === 0) return far + 1;
    index = far + 1;
  }
}

/** Of a string that begins there. */
export function endless(at: number): JsonScanError {
  return new JsonScanError(`a string that begins at byte ${at} does not end`);
}

/** Is shown every string of a value that is passed over. */
export interface StringReader {
  /** `at` is at the opening quote; gives the place behind the closing one. `open`: the bracket of each depth. */
  read(bytes: Uint8Array, at: number, depth: number, open: Uint8Array): number;
}

const noReader: StringReader = { read: skipString };

/** `at` is at the first byte of a value; gives the place behind it. */
export function skipValue(bytes: Uint8Array, at: number, reader = noReader): number {
  const first = bytes[at];
  if (first === quote) return skipString(bytes, at);
  if (first === 0x7b || first === 0x5b) return skipNested(bytes, at, reader);
  let index = at;
  while (index < bytes.length && isScalar(bytes[index])) index += 1;
  if (index === at) throw unexpected(bytes, at);
  return index;
}

function isScalar(byte: number | undefined): boolean {
  // letters, digits, + - .
  return (
    byte !== undefined &&
    ((byte >= 0x30 && byte <= 0x39) ||
      (byte >= 0x61 && byte <= 0x7a) ||
      byte === 0x45 ||
      byte === 0x2b ||
      byte === 0x2d ||
      byte === 0x2e)
  );
}

function skipNested(bytes: Uint8Array, at: number, reader: StringReader): number {
  const length = bytes.length;
  /** By depth: the bracket that is open. */
  const open = new Uint8Array(maxDepth + 1);
  let depth = 0;
  let index = at;
  while (index < length) {
    const byte = bytes[index];
    if (byte === quote) {
      index = reader.read(bytes, index, depth, open);
      continue;
    }
    if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > maxDepth)
        throw new JsonScanError(`it is nested more than ${maxDepth} levels deep`);
      open[depth] = byte;
    } else if (byte === 0x7d || byte === 0x5d) {
      // The codes of an opening and its closing bracket differ by two.
      if (open[depth] !== byte - 2) throw unexpected(bytes, index);
      depth -= 1;
      if (depth === 0) return index + 1;
    }
    index += 1;
  }
  throw unexpected(bytes, index);
}

/**
 * Calls `member` for each member of the object at `at`, with the spans of key and value; gives the
 * place behind it. `readerOf` may name who is shown the strings of a member's value.
 */
export function scanObject(
  bytes: Uint8Array,
  at: number,
  member: (keyStart: number, keyEnd: number, valueStart: number, valueEnd: number) => void,
  readerOf?: (keyStart: number, keyEnd: number) => StringReader | undefined,
): number {
  let index = skipSpace(bytes, expect(bytes, at, 0x7b));
  if (bytes[index] === 0x7d) return index + 1;
  for (;;) {
    if (bytes[index] !== quote) throw unexpected(bytes, index);
    const keyEnd = skipString(bytes, index);
    const valueStart = skipSpace(bytes, expect(bytes, skipSpace(bytes, keyEnd), 0x3a));
    const valueEnd = skipValue(bytes, valueStart, readerOf?.(index, keyEnd));
    member(index, keyEnd, valueStart, valueEnd);
    index = skipSpace(bytes, valueEnd);
    if (bytes[index] === 0x7d) return index + 1;
    index = skipSpace(bytes, expect(bytes, index, 0x2c));
  }
}

/** Calls `element` with the span of each element of the array at `at`; gives the place behind it. */
export function scanArray(
  bytes: Uint8Array,
  at: number,
  element: (start: number, end: number) => void,
): number {
  let index = skipSpace(bytes, expect(bytes, at, 0x5b));
  if (bytes[index] === 0x5d) return index + 1;
  for (;;) {
    const end = skipValue(bytes, index);
    element(index, end);
    index = skipSpace(bytes, end);
    if (bytes[index] === 0x5d) return index + 1;
    index = skipSpace(bytes, expect(bytes, index, 0x2c));
  }
}

function expect(bytes: Uint8Array, at: number, byte: number): number {
  if (bytes[at] !== byte) throw unexpected(bytes, at);
  return at + 1;
}

export function unexpected(bytes: Uint8Array, at: number): JsonScanError {
  return new JsonScanError(
    at >= bytes.length ? 'it ends too early' : `byte ${at} is not what JSON has there`,
  );
}

/** The JSON value in a span that is known to be short. Throws a SyntaxError where it is none. */
export function valueAt(bytes: Uint8Array, start: number, end: number): unknown {
  return JSON.parse(new TextDecoder().decode(bytes.subarray(start, end)));
}

/** Whether these bytes stand there. */
export function standsAt(wanted: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < wanted.length; index += 1) {
    if (wanted[index] !== bytes[at + index]) return false;
  }
  return true;
}

/** Where the JSON text begins: a byte order mark is let pass. */
export function textStart(bytes: Uint8Array): number {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return skipSpace(bytes, marked ? 3 : 0);
}
