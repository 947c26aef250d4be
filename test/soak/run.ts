import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ask } from '../proxy/client.ts';
import { Random } from '../responses/random.ts';
import { writeConfig } from '../support/configFile.ts';
import { Scope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { startUpstream } from '../support/upstream.ts';
import { plot } from './plot.ts';
import { oneRequest, respond, shortTurn } from './traffic.ts';

/**
 * Mixed traffic with aborts and faults on `ocx start`; fails when what it holds at rest grows.
 * `--minutes 30` also writes the plot into docs/images; `--quick` takes a minute.
 */
const root = fileURLToPath(new URL('../../', import.meta.url));
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    quick: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
  },
});
const minutes = values.quick ? 0.75 : Number(values.minutes);
const hands = 12;
/** The log of requests holds this many, and nothing else with a cap fills later. */
const toFill = 5_200;

interface Reading {
  readonly rss: number;
  readonly heapUsed: number;
  readonly arrayBuffers: number;
  readonly held: Readonly<Record<string, number>>;
}

interface Sample {
  readonly minutes: number;
  readonly served: number;
  readonly rssMiB: number;
  readonly heapMiB: number;
  readonly sockets: number;
  readonly timers: number;
  readonly handles: number;
  readonly files: number;
}

const scope = new Scope();
async function provider(): Promise<{ readonly baseUrl: string; readonly apiKey: string }> {
  const upstream = await startUpstream(scope, async (seen, response) => {
    // What was asked is not looked at here, and must not fill this process's memory.
    if (Array.isArray(upstream.requests)) upstream.requests.length = 0;
    await respond(seen, response);
  });
  return { baseUrl: `${upstream.url}/v1`, apiKey: 'soak-key-0123456789' };
}

const home = scope.directory('soak');
const steady = await provider();
writeConfig(home, {
  defaultProvider: 'chat',
  providers: {
    chat: { adapter: 'openai-chat', ...steady },
    pass: { adapter: 'openai-responses', passthrough: true, ...steady },
    flaky: { adapter: 'openai-chat', ...(await provider()) },
  },
});

const child = spawn(
  process.execPath,
  [
    '--expose-gc',
    '--import',
    new URL('probe.mjs', import.meta.url).href,
    join(root, 'dist/ocx.cjs'),
    'start',
    '--port',
    '0',
  ],
  {
    env: { PATH: process.env['PATH'], HOME: home, OPENCODEX_HOME: home, CODEX_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  },
);
const { stdout } = child;
if (stdout === null) throw new Error('ocx has no output');
let ended = false;
child.on('exit', () => {
  ended = true;
});
scope.add(() => child.kill('SIGTERM'));
const { promise: listening, resolve: ready, reject } = Promise.withResolvers<number>();
createInterface({ input: stdout }).on('line', (line) => {
  const port = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
  if (port !== undefined) ready(Number(port));
});
child.on('exit', (code) => reject(new Error(`ocx ended with ${code}`)));
const port = await listening;
const proxy = { port, token: readFileSync(join(home, 'token'), 'utf8').trim() };

function read(): Promise<Reading> {
  const { promise, resolve } = Promise.withResolvers<Reading>();
  child.once('message', (reading: Reading) => resolve(reading));
  child.send('?');
  return promise;
}

function openFiles(): number {
  try {
    return readdirSync(`/proc/${child.pid}/fd`).length;
  } catch {
    return 0;
  }
}

/** Waits until nothing runs, and takes the smallest of a few readings. */
async function sampleAtRest(startedAt: number): Promise<Sample> {
  let served = 0;
  await until('the end of all turns', async () => {
    const { activity } = JSON.parse((await ask(proxy, { path: '/api/health' })).body);
    served = activity.served;
    return activity.active === 0;
  });
  const readings: Reading[] = [];
  for (let n = 0; n < 3; n += 1) {
    await sleep(150);
    readings.push(await read());
  }
  const least = (of: (reading: Reading) => number): number => Math.min(...readings.map(of));
  const count = (kind: RegExp) =>
    least(({ held }) =>
      Object.entries(held).reduce((sum, [name, n]) => sum + (kind.test(name) ? n : 0), 0),
    );
  const mebibyte = 1024 * 1024;
  return {
    minutes: (performance.now() - startedAt) / 60_000,
    served,
    rssMiB: least(({ rss }) => rss) / mebibyte,
    heapMiB: least(({ heapUsed, arrayBuffers }) => heapUsed + arrayBuffers) / mebibyte,
    sockets: count(/TCPSocket/),
    timers: count(/Timeout|Immediate/),
    handles: count(/./),
    files: openFiles(),
  };
}

const seed = Number(values.seed);
const failures: string[] = [];

async function work(milliseconds: number, round: number): Promise<void> {
  const end = Date.now() + milliseconds;
  await Promise.all(
    Array.from({ length: hands }, async (_, hand) => {
      const random = new Random(seed * 1_000_003 + round * 101 + hand);
      while (Date.now() < end && !ended) {
        await oneRequest(proxy, random).catch((thrown: unknown) => {
          // A connection that was cut is a part of the game; a proxy that is gone is not.
          if (ended) failures.push(String(thrown));
        });
      }
    }),
  );
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The second quarter of the samples against the last one: single outliers count for nothing. */
function growth(
  samples: readonly Sample[],
  of: (sample: Sample) => number,
): readonly [number, number] {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  return [
    median(samples.slice(quarter, 2 * quarter).map(of)),
    median(samples.slice(-quarter).map(of)),
  ];
}

const samples: Sample[] = [];
try {
  let left = toFill;
  await Promise.all(
    Array.from({ length: 24 }, async () => {
      while (left > 0) {
        left -= 1;
        await shortTurn(proxy);
      }
    }),
  );
  const startedAt = performance.now();
  const rounds = Math.max(12, Math.round(minutes * 4));
  for (let round = 0; round < rounds && !ended; round += 1) {
    await work((minutes * 60_000) / rounds, round);
    if (!ended) samples.push(await sampleAtRest(startedAt));
  }
  if (ended) failures.push('ocx ended');

  const mostGrown = (
    name: string,
    of: (sample: Sample) => number,
    share: number,
    extra: number,
  ) => {
    const [before, after] = growth(samples, of);
    const bound = before * (1 + share) + extra;
    console.log(
      `${name}: ${before.toFixed(1)}, later ${after.toFixed(1)} (at most ${bound.toFixed(1)})`,
    );
    if (!(after <= bound))
      failures.push(`${name} grew from ${before.toFixed(1)} to ${after.toFixed(1)}`);
  };
  mostGrown('live memory, MiB', (sample) => sample.heapMiB, 0.05, 3);
  mostGrown('resident memory, MiB', (sample) => sample.rssMiB, 0.1, 20);
  // At rest the connections that are kept for later do not count as sockets, but as files.
  mostGrown('sockets', (sample) => sample.sockets, 0, hands * 2);
  mostGrown('timers', (sample) => sample.timers, 0, hands);
  mostGrown('handles', (sample) => sample.handles, 0, hands * 2);
  mostGrown('open files', (sample) => sample.files, 0, hands * 2);

  const folder = join(root, 'dist');
  mkdirSync(folder, { recursive: true });
  const served = samples.at(-1)?.served ?? 0;
  writeFileSync(
    join(folder, 'soak.json'),
    `${JSON.stringify({ minutes, seed, served, failures, samples }, null, 2)}\n`,
  );
  if (minutes >= 30) {
    const curve = (name: string, unit: string, of: (sample: Sample) => number) => ({
      name,
      unit,
      points: samples.map((sample) => [sample.minutes, of(sample)] as const),
    });
    writeFileSync(
      join(root, 'docs/images/soak.svg'),
      plot(`${served} requests of mixed traffic: what ocx start holds at rest`, [
        curve('Resident memory', 'MiB', (sample) => sample.rssMiB),
        curve('Live memory', 'MiB', (sample) => sample.heapMiB),
        curve('Sockets', 'open', (sample) => sample.sockets),
        curve('Timers', 'pending', (sample) => sample.timers),
      ]),
    );
  }
  console.log(`${served} requests in ${minutes} minutes`);
} finally {
  await scope.close();
}
for (const line of failures) console.error(line);
process.exitCode = failures.length === 0 ? 0 : 1;
