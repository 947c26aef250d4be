import type { Row } from './figures.ts';

/** What one run has found. */
export interface Result {
  readonly rounds: number;
  readonly rows: readonly Row[];
  readonly memory: Memory;
  readonly start: {
    /** Before anything was compiled. */
    readonly firstEverMs?: number;
    readonly answerMs: number;
    readonly relayAnswerMs: number;
  };
  /** Other programs, where the run had any: what they take, or why they are not in the rows. */
  readonly peers?: readonly PeerResult[];
}

interface Memory {
  readonly idle: number;
  readonly after1000: number;
  readonly peak: number;
}

export interface Footprint {
  readonly memory: Memory;
  readonly answerMs: number;
}

export type PeerResult = { readonly name: string } & (Footprint | { readonly leftOut: string });

type Way = 'translated' | 'passed through';

export interface Goal {
  readonly name: string;
  readonly way: Way | undefined;
  readonly unit: '×' | ' ms' | ' MiB';
  readonly target: number;
  /** Less is better; else more. */
  readonly most: boolean;
  measured(result: Result): number;
}

function toRelay(figure: string, way: Way, target: number, most: boolean, name = figure): Goal {
  return {
    name,
    way,
    unit: '×',
    target,
    most,
    measured: ({ rows }) => rows.find((row) => row.figure === figure)?.ratios[way] ?? Number.NaN,
  };
}

const first = (size: string): string => `time to first token, ${size} (ms)`;
const added = (size: string, way: Way, target: number): Goal =>
  toRelay(first(size), way, target, true, `added time to first token, ${size}`);
const [one, sixteen] = [1, 16].map((streams) => `chunks per second, burst, ${streams} at once`);
export const shortStreams = 'short streams per second, 64 at once';
const latest = 'age of the latest chunk of 64 streams beside a 5 MB request (ms)';

/** Of the design: ratios to the plain relay of the same run, and the few that are absolute. */
export const goals: readonly Goal[] = [
  added('4 KB', 'translated', 2),
  added('1 MB', 'translated', 6),
  added('5 MB', 'translated', 7),
  toRelay('age of a chunk, 64 streams, p99 (ms)', 'translated', 2, true),
  toRelay('CPU per chunk, 64 paced streams (µs)', 'translated', 1.5, true),
  toRelay(one ?? '', 'translated', 0.6, false),
  toRelay(sixteen ?? '', 'translated', 0.6, false),
  toRelay(shortStreams, 'translated', 0.6, false),
  added('4 KB', 'passed through', 1.5),
  added('1 MB', 'passed through', 1.5),
  added('5 MB', 'passed through', 1.5),
  toRelay(one ?? '', 'passed through', 0.85, false),
  toRelay(sixteen ?? '', 'passed through', 0.85, false),
  toRelay(shortStreams, 'passed through', 0.85, false),
  {
    name: 'extra age of a chunk beside a 5 MB request (ms)',
    way: 'translated',
    unit: ' ms',
    target: 15,
    most: true,
    measured: ({ rows }) => {
      const values = rows.find((row) => row.figure === latest)?.values;
      return values === undefined ? Number.NaN : Math.max(0, values.translated - values.relay);
    },
  },
  {
    name: 'resident memory, idle',
    way: undefined,
    unit: ' MiB',
    target: 70,
    most: true,
    measured: ({ memory }) => memory.idle,
  },
  {
    name: 'resident memory, peak of the whole run',
    way: undefined,
    unit: ' MiB',
    target: 220,
    most: true,
    measured: ({ memory }) => memory.peak,
  },
  {
    name: 'start to first answer',
    way: undefined,
    unit: ' ms',
    target: 150,
    most: true,
    measured: ({ start }) => start.answerMs,
  },
];

export function isMet({ target, most }: Goal, value: number): boolean {
  return most ? value <= target : value >= target;
}
