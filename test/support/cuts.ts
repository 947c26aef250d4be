/** Small and repeatable: https://en.wikipedia.org/wiki/Xorshift */
export function random(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Each byte alone. */
export function* byteByByte(bytes: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) yield bytes.subarray(at, at + 1);
}

/** Pieces of random lengths up to `most`. */
export function* randomCuts(bytes: Uint8Array, seed: number, most: number): Iterable<Uint8Array> {
  const next = random(seed);
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + Math.floor(next() * most);
    yield bytes.subarray(at, end);
    at = end;
  }
}

/** Cut inside every character that takes more than one byte, and nowhere else. */
export function* insideCharacters(bytes: Uint8Array): Iterable<Uint8Array> {
  let start = 0;
  for (let at = 1; at < bytes.length; at++) {
    if (((bytes[at] ?? 0) & 0xc0) !== 0x80) continue;
    yield bytes.subarray(start, at);
    start = at;
  }
  yield bytes.subarray(start);
}
