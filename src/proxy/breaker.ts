import { keepNewest } from '../language/keepNewest.ts';
import type { Outage } from '../link/state.ts';
import type { Provider } from '../providers/provider.ts';
import type { TurnError } from '../turn/error.ts';

interface Failing {
  readonly failures: number;
  readonly error: TurnError;
  readonly openMs: number;
  readonly openUntil: number;
  /** One turn was let through to see. */
  readonly probing: boolean;
}

/** So many failures in a row, and nobody else waits for the next. */
const tolerated = 5;
/** A local server that comes back is to be noticed at once. */
const firstOpenMs = 1_000;
const longestOpenMs = 30_000;
/** Providers come and go with the config; nobody needs to know of more. */
const capacity = 200;

/**
 * Spares a provider that cannot be reached or is overloaded, and everybody's time: after some
 * failures in a row turns fail at once, and one in each growing period is let through to see.
 */
export class Breaker {
  readonly #failing = new Map<string, Failing>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Why and for how long the provider is left alone; `undefined` lets a turn through. */
  refusal(provider: Provider): { readonly error: TurnError; readonly restMs: number } | undefined {
    const key = keyOf(provider);
    const failing = this.#failing.get(key);
    if (failing === undefined || failing.failures < tolerated) return undefined;
    const restMs = failing.openUntil - this.#now();
    if (restMs > 0) return { error: refused(failing, restMs), restMs };
    this.#failing.set(key, {
      ...failing,
      openUntil: this.#now() + failing.openMs,
      probing: true,
    });
    return undefined;
  }

  /** The provider has answered. */
  succeeded(provider: Provider): void {
    if (this.#failing.size > 0) this.#failing.delete(keyOf(provider));
  }

  /** Takes note of how an attempt failed. A refusal of one request says that the provider is up. */
  failed(provider: Provider, error: TurnError): void {
    if (error.kind === 'network' || error.kind === 'overloaded') this.#count(provider, error);
    else if (error.status !== undefined && error.status < 500) this.succeeded(provider);
  }

  /** Since when and why the provider is left alone, if it is. */
  outage(provider: Provider): Outage | undefined {
    const failing = this.#failing.get(keyOf(provider));
    if (failing === undefined || failing.failures < tolerated) return undefined;
    const { failures, error, openUntil } = failing;
    return { failures, error: error.message, retryAt: openUntil };
  }

  #count(provider: Provider, error: TurnError): void {
    const key = keyOf(provider);
    const before = this.#failing.get(key);
    const failures = (before?.failures ?? 0) + 1;
    let openMs = before?.openMs ?? firstOpenMs;
    let openUntil = before?.openUntil ?? 0;
    if (before?.probing === true) openMs = Math.min(openMs * 2, longestOpenMs);
    // Attempts that were under way when it opened say nothing new.
    if (failures === tolerated || before?.probing === true) openUntil = this.#now() + openMs;
    this.#failing.set(key, { failures, error, openMs, openUntil, probing: false });
    keepNewest(this.#failing, capacity);
  }
}

function keyOf({ id, baseUrl }: Provider): string {
  return `${id} ${baseUrl}`;
}

function refused({ error, failures }: Failing, restMs: number): TurnError {
  const seconds = Math.ceil(restMs / 1_000);
  return {
    ...error,
    message: `${error.message} This was so ${failures} times in a row; the next request goes out in ${seconds} s.`,
    retryAfterSeconds: seconds,
  };
}
