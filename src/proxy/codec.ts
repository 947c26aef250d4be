import { Worker } from 'node:worker_threads';
import type { Target } from '../adapters/target.ts';
import { sealPrefix } from '../responses/reasoning.ts';
import type { SidecarJob } from '../sidecars/sidecarJob.ts';
import { type SidecarTranslation, translateBeside } from '../sidecars/translateBeside.ts';
import { turnError } from '../turn/error.ts';
import {
  type Asked,
  type CleanBody,
  type CodecJob,
  type CodecResult,
  cleaned,
} from './codecWorker.ts';

/**
 * From this size on a body is worked on beside the streaming thread: below it the work takes less
 * time than a chunk may be late (3 ms for a megabyte whose long texts are copied).
 */
const defaultBesideFromBytes = 2 * 1024 * 1024;

/** How many times larger a body must be to wait until the thread is up. */
const worthWaiting = 2;

/**
 * Measured with 5 MB bodies: what a body leaves behind is collected before it grows old, and more
 * room than this costs memory without saving time.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 24 };

/** How long the thread is kept after its last job. */
const idleMs = 60_000;

export interface CodecOptions {
  /** The file of the thread; without it everything is done on the spot. */
  readonly workerFile: string | URL | undefined;
  readonly besideFromBytes?: number;
}

export interface Translated {
  readonly translation: SidecarTranslation;
  /** The body that was given, where it was to be kept. */
  readonly body: Buffer | undefined;
}

type Waiting = (result: CodecResult | undefined) => void;

/** Translates request bodies: small ones on the spot, big ones in a thread that is there on demand. */
export class Codec {
  readonly #options: CodecOptions;
  readonly #besideFrom: number;
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | undefined;
  #ready = false;
  #idle: NodeJS.Timeout | undefined;
  #nextId = 1;
  #disposed = false;

  constructor(options: CodecOptions) {
    this.#options = options;
    this.#besideFrom = options.besideFromBytes ?? defaultBesideFromBytes;
  }

  /** Takes the body over; what is left of it for the caller is in the result. */
  async translate(
    body: Buffer,
    { model, texts }: Asked,
    target: Target,
    keep = false,
    sidecars?: SidecarJob,
  ): Promise<Translated> {
    if (!this.#goesBeside(body)) {
      return { translation: translateBeside(body, model, target, sidecars, texts), body };
    }
    const id = this.#nextId++;
    const job = {
      id,
      name: 'translate',
      body: ownBytes(body),
      asked: { model, texts },
      target,
      keep,
      sidecars,
    } as const;
    const result = await this.#do(job);
    if (result?.name !== 'translate') {
      return { translation: { ok: false, error: lostThread }, body: undefined };
    }
    const kept = result.body;
    return {
      translation: result.translation,
      body: kept && Buffer.from(kept.buffer, kept.byteOffset, kept.length),
    };
  }

  /** Takes our reasoning out of a body that is passed through. Takes the body over, too. */
  async withoutSealed(body: Buffer): Promise<CleanBody | undefined> {
    if (!holdsSealed(body)) return { body, additions: [] };
    if (!this.#goesBeside(body)) return cleaned(body);
    const id = this.#nextId++;
    const result = await this.#do({ id, name: 'dropSealed', body: ownBytes(body) });
    return result?.name === 'dropSealed' ? result : undefined;
  }

  dispose(): void {
    this.#disposed = true;
    this.#end();
  }

  #goesBeside(body: Buffer): boolean {
    if (this.#options.workerFile === undefined) return false;
    const large = body.length >= this.#besideFrom;
    if (large && (this.#ready || body.length >= this.#besideFrom * worthWaiting)) return true;
    // Conversations grow: the thread is up when one is large enough.
    if (body.length * 2 >= this.#besideFrom && this.#running() !== undefined) this.#rest();
    return false;
  }

  #do(job: CodecJob): Promise<CodecResult | undefined> {
    const { promise, resolve } = Promise.withResolvers<CodecResult | undefined>();
    const thread = this.#running();
    if (thread === undefined) {
      resolve(undefined);
    } else {
      thread.postMessage(job, [job.body.buffer]);
      this.#waiting.set(job.id, resolve);
    }
    return promise;
  }

  #running(): Worker | undefined {
    clearTimeout(this.#idle);
    if (this.#thread !== undefined || this.#disposed) return this.#thread;
    const { workerFile } = this.#options;
    if (workerFile === undefined) return undefined;
    const thread = new Worker(workerFile, { resourceLimits });
    thread.unref();
    thread.on('message', (result: CodecResult) => this.#settle(result));
    // An error is followed by the exit.
    thread.on('error', () => {});
    thread.on('exit', () => {
      if (this.#thread === thread) this.#end();
    });
    this.#thread = thread;
    return thread;
  }

  #settle(result: CodecResult): void {
    this.#ready = true;
    this.#waiting.get(result.id)?.(result);
    this.#waiting.delete(result.id);
    this.#rest();
  }

  /** Without further jobs the thread ends after a while. */
  #rest(): void {
    clearTimeout(this.#idle);
    if (this.#waiting.size > 0) return;
    this.#idle = setTimeout(() => this.#end(), idleMs);
    this.#idle.unref();
  }

  /** Who still waits learns that the thread has gone; the next job starts another. */
  #end(): void {
    clearTimeout(this.#idle);
    const thread = this.#thread;
    this.#thread = undefined;
    this.#ready = false;
    void thread?.terminate();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const resolve of waiting) resolve(undefined);
  }
}

export const lostThread = turnError(
  'internal',
  'OpenCodex: the thread that translates large requests has stopped. It starts again with the next request.',
);

/** The search looks for the first byte, so it begins with one that is rare: megabytes go faster. */
function holdsSealed(body: Buffer): boolean {
  return body.includes(sealPrefix.slice(2)) && body.includes(sealPrefix);
}

/** The bytes in a buffer of their own, which can be handed to another thread. */
function ownBytes(body: Buffer): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, length } = body;
  return buffer instanceof ArrayBuffer && byteOffset === 0 && buffer.byteLength === length
    ? new Uint8Array(buffer)
    : new Uint8Array(body);
}
