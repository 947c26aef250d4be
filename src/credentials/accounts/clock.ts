import { setTimeout as wait } from 'node:timers/promises';

/** Time as the accounts see it. */
export interface Clock {
  /** Milliseconds since 1970. It jumps when the machine slept or its clock is set. */
  now(): number;
  /** Ends early, without an error, when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => wait(ms, undefined, { ...(signal && { signal }) }).catch(() => {}),
};
