const mebibyte = 1024 * 1024;

export interface Limits {
  /** Of one request body, decoded. */
  readonly bodyBytes: number;
  /** Of all request bodies that are held at one time. */
  readonly bodiesInFlightBytes: number;
  readonly streams: number;
  readonly headerBytes: number;
  /** How long a client may take to send its headers. */
  readonly headersMs: number;
}

export const defaultLimits: Limits = {
  bodyBytes: 128 * mebibyte,
  bodiesInFlightBytes: 256 * mebibyte,
  streams: 512,
  headerBytes: 64 * 1024,
  headersMs: 10_000,
};

/** Counts something that there may be only so much of. */
export class Allowance {
  readonly #most: number;
  #used = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get used(): number {
    return this.#used;
  }

  /** Whether there was room; then it is taken. */
  take(amount: number): boolean {
    if (this.#used + amount > this.#most) return false;
    this.#used += amount;
    return true;
  }

  give(amount: number): void {
    this.#used -= amount;
  }
}
