import type { Random } from '../responses/random.ts';

/** Something that must hold for any input. The same random numbers make the same input. */
export interface Fuzzer {
  readonly name: string;
  /** How many inputs are tried where time is short. */
  readonly quick: number;
  /** Throws where it does not hold. */
  run(random: Random): void;
}

/** Far longer than any of these inputs needs; what takes longer is not linear. */
const patienceMs = 5_000;

/** Tries one input, and says how to try it again. */
export function tryInput(fuzzer: Fuzzer, random: Random, seed: number): void {
  // Of this thread's own work: a machine that stands still is not the input's fault.
  const before = process.cpuUsage();
  try {
    fuzzer.run(random);
  } catch (cause) {
    throw new Error(`${fuzzer.name}: npm run fuzz -- --only "${fuzzer.name}" --seed ${seed}`, {
      cause,
    });
  }
  const ms = process.cpuUsage(before).user / 1000;
  if (ms > patienceMs) throw new Error(`${fuzzer.name}: seed ${seed} took ${Math.round(ms)} ms`);
}
