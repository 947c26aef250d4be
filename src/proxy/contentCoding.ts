import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

/** A decoder for a Content-Encoding, `undefined` for one that this runtime does not have. */
export function contentDecoder(coding: string): Transform | undefined {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return zlib.createGunzip();
    case 'deflate':
      return zlib.createInflate();
    case 'br':
      return zlib.createBrotliDecompress();
    case 'zstd':
      // Node has it from 22.15 on; editors may be built without.
      return typeof zlib.createZstdDecompress === 'function'
        ? zlib.createZstdDecompress()
        : undefined;
    default:
      return undefined;
  }
}

/** The codings of a Content-Encoding header in the order in which they were applied. */
export function codingsOf(header: string | undefined): readonly string[] {
  if (header === undefined) return [];
  return header
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
}
