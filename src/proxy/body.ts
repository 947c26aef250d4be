import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { freeBytes } from '../language/freeBytes.ts';
import type { Refusal } from './answer.ts';
import { codingsOf, contentDecoder } from './contentCoding.ts';
import type { Allowance } from './limits.ts';

export type Body =
  | {
      readonly ok: true;
      readonly bytes: Buffer;
      /** Gives the body's share of the allowance back; to be called once. */
      readonly release: () => void;
    }
  /** Without a refusal the client went away. */
  | { readonly ok: false; readonly refusal: Refusal | undefined };

/** Reads a request body into memory, decoded, within bounds that hold before it is decoded whole. */
export function readBody(
  request: IncomingMessage,
  mostBytes: number,
  inFlight: Allowance,
): Promise<Body> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > mostBytes) return Promise.resolve(refused(tooLarge(mostBytes)));
  const codings = codingsOf(request.headers['content-encoding']);
  const decoder = codings.length === 1 ? contentDecoder(codings[0] ?? '') : undefined;
  if (codings.length > 0 && decoder === undefined) {
    return Promise.resolve(refused(unknownCoding(codings)));
  }

  const { promise, resolve } = Promise.withResolvers<Body>();
  const source: Readable = decoder === undefined ? request : request.pipe(decoder);
  const store = new BodyStore(decoder === undefined ? announced : 0, mostBytes, inFlight);
  let settled = false;

  const settle = (body: Body): void => {
    if (settled) return;
    settled = true;
    if (!body.ok) {
      store.release();
      source.off('data', take);
      if (decoder !== undefined) {
        request.unpipe(decoder);
        decoder.destroy();
      }
      request.resume(); // what is left is read away, so that the client gets to see the answer
    }
    resolve(body);
  };
  const take = (chunk: Buffer): void => {
    const refusal = store.add(chunk);
    if (refusal !== undefined) settle(refused(refusal));
  };
  source.on('data', take);
  source.on('end', () => {
    settle({ ok: true, bytes: store.bytes(), release: () => store.release() });
  });
  decoder?.on('error', () => settle(refused(damaged)));
  request.on('error', () => settle({ ok: false, refusal: undefined }));
  request.on('close', () => {
    if (!request.complete) settle({ ok: false, refusal: undefined });
  });
  return promise;
}

/** From this size on a body goes straight to its place instead of being put together at the end. */
const inPlaceFromBytes = 64 * 1024;

/** The bytes of one body as they come, within the bounds. */
class BodyStore {
  readonly #mostBytes: number;
  readonly #inFlight: Allowance;
  readonly #announced: number;
  /** For a body whose size is known. */
  #place: Buffer | undefined;
  #chunks: Buffer[] = [];
  #size = 0;
  /** What of the allowance is taken. */
  #held = 0;

  constructor(announced: number, mostBytes: number, inFlight: Allowance) {
    this.#announced = announced;
    this.#mostBytes = mostBytes;
    this.#inFlight = inFlight;
  }

  /** Why there is no room for it, if so. */
  add(chunk: Buffer): Refusal | undefined {
    if (this.#size + chunk.length > this.#mostBytes) return tooLarge(this.#mostBytes);
    const inPlace = this.#announced >= inPlaceFromBytes;
    if (!this.#hold(inPlace ? this.#announced : this.#size + chunk.length)) return crowded;
    // A buffer of its own, not a piece of a pool: it may be handed to another thread.
    if (inPlace) {
      this.#place ??= Buffer.allocUnsafeSlow(this.#announced);
      this.#place.set(chunk, this.#size);
    } else {
      this.#chunks.push(chunk);
    }
    this.#size += chunk.length;
    if (inPlace) freeBytes(chunk);
    return undefined;
  }

  bytes(): Buffer {
    if (this.#place !== undefined) return this.#place;
    const [only] = this.#chunks;
    return this.#chunks.length === 1 && only !== undefined
      ? only
      : Buffer.concat(this.#chunks, this.#size);
  }

  release(): void {
    this.#inFlight.give(this.#held);
    this.#held = 0;
    this.#chunks = [];
    this.#place = undefined;
  }

  #hold(bytes: number): boolean {
    const more = bytes - this.#held;
    if (!this.#inFlight.take(more)) return false;
    this.#held = bytes;
    return true;
  }
}

function refused(refusal: Refusal): Body {
  return { ok: false, refusal };
}

function tooLarge(mostBytes: number): Refusal {
  const size = Math.floor(mostBytes / (1024 * 1024));
  return {
    status: 413,
    message: `OpenCodex: the request is larger than ${size} MiB. Start a new conversation, or leave out large images and files.`,
  };
}

const crowded: Refusal = {
  status: 503,
  retryAfterSeconds: 1,
  message: 'OpenCodex: too many large requests at the same time.',
};

const damaged: Refusal = {
  status: 400,
  message: 'OpenCodex: the compressed request body is damaged.',
};

function unknownCoding(codings: readonly string[]): Refusal {
  return {
    status: 415,
    message: `OpenCodex: the request body is compressed in a way that cannot be read here (${codings.join(', ')}). Send it uncompressed.`,
  };
}
