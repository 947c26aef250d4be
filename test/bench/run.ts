/**
 * `npm run bench`: what the proxy costs, compared with a plain relay in the same run.
 *
 *     npm run bench              five interleaved rounds
 *     npm run bench -- --quick   two short ones
 *
 * Three ways to the same upstream are measured in turn: directly, through a relay that only hands
 * bytes on, and through `ocx start` on the translated and on the passed-through wire. Absolute
 * times say more about the machine than about the proxy, so the last column is the ratio to the relay.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Endpoint, requestBody, stream } from './client.ts';
import { cpuSeconds, memoryMiB, type ServerProcess, startServer } from './processes.ts';
import { median, percentile } from './statistics.ts';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
});

const rounds = options.quick ? 2 : 5;
const sizes = { '4 KB': 4e3, '40 KB': 40e3, '1 MB': 1e6, '5 MB': 5e6 } as const;
const scale = options.quick ? 0.3 : 1;

type Target = 'direct' | 'relay' | 'translated' | 'passed through';
type Figures = Record<string, Record<Target, number[]>>;

const figures: Figures = {};

function note(figure: string, target: Target, value: number): void {
  figures[figure] ??= { direct: [], relay: [], translated: [], 'passed through': [] };
  figures[figure][target].push(value);
}

async function firstToken(endpoint: Endpoint, bytes: number, count: number): Promise<number> {
  const body = requestBody(`${endpoint.prefix}first`, bytes);
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) times.push((await stream(endpoint, body, false)).firstMs);
  return median(times);
}

async function many(
  endpoint: Endpoint,
  script: string,
  streams: number,
  ages: boolean,
): Promise<{ readonly ages: readonly number[]; readonly seconds: number }> {
  const body = requestBody(`${endpoint.prefix}${script}`, 4e3);
  const started = performance.now();
  const results = await Promise.all(
    Array.from({ length: streams }, () => stream(endpoint, body, ages)),
  );
  return {
    ages: results.flatMap((result) => result.ages),
    seconds: (performance.now() - started) / 1000,
  };
}

async function shortStreams(endpoint: Endpoint, total: number, at: number): Promise<number> {
  const body = requestBody(`${endpoint.prefix}burst-10`, 4e3);
  const started = performance.now();
  let left = total;
  await Promise.all(
    Array.from({ length: at }, async () => {
      while (left > 0) {
        left -= 1;
        await stream(endpoint, body, false);
      }
    }),
  );
  return total / ((performance.now() - started) / 1000);
}

async function round(target: Target, endpoint: Endpoint, pid: number | undefined): Promise<void> {
  for (const [name, bytes] of Object.entries(sizes)) {
    const count = Math.ceil((bytes > 5e5 ? 8 : 60) * scale);
    note(`time to first token, ${name} (ms)`, target, await firstToken(endpoint, bytes, count));
  }
  for (const streams of [1, 16, 64]) {
    const chunks = Math.ceil(100 * scale);
    const before = pid === undefined ? Number.NaN : cpuSeconds(pid);
    const { ages } = await many(endpoint, `paced-${chunks}-20`, streams, true);
    note(`age of a chunk, ${streams} streams, p50 (ms)`, target, percentile(ages, 0.5));
    note(`age of a chunk, ${streams} streams, p99 (ms)`, target, percentile(ages, 0.99));
    if (streams === 64 && pid !== undefined) {
      const used = ((cpuSeconds(pid) - before) / (chunks * streams)) * 1e6;
      note('CPU per chunk, 64 paced streams (µs)', target, used);
    }
  }
  for (const streams of [1, 16]) {
    const chunks = Math.ceil((streams === 1 ? 60_000 : 8_000) * scale);
    const { seconds } = await many(endpoint, `burst-${chunks}`, streams, false);
    note(`chunks per second, burst, ${streams} streams`, target, (chunks * streams) / seconds);
  }
  note(
    'short streams per second, 64 at once',
    target,
    await shortStreams(endpoint, Math.ceil(1500 * scale), 64),
  );
}

interface Row {
  readonly figure: string;
  readonly values: Readonly<Record<Target, number>>;
  readonly ratios: Readonly<Record<'translated' | 'passed through', number>>;
}

/** Ratios to the relay, per round and then their median. For times to first token only what is added to direct counts. */
function row(figure: string, values: Record<Target, number[]>): Row {
  const added = figure.startsWith('time to first token');
  const cost = (target: Target, index: number) =>
    (values[target][index] ?? Number.NaN) - (added ? (values.direct[index] ?? Number.NaN) : 0);
  const ratio = (target: Target) =>
    median(values[target].map((_, index) => cost(target, index) / cost('relay', index)));
  return {
    figure,
    values: {
      direct: median(values.direct),
      relay: median(values.relay),
      translated: median(values.translated),
      'passed through': median(values['passed through']),
    },
    ratios: { translated: ratio('translated'), 'passed through': ratio('passed through') },
  };
}

function print(rows: readonly Row[]): void {
  const number = (value: number) => (Number.isNaN(value) ? '–' : value.toPrecision(3));
  const cells = (row: Row) => [
    row.figure,
    number(row.values.direct),
    number(row.values.relay),
    number(row.values.translated),
    `${number(row.ratios.translated)}×`,
    number(row.values['passed through']),
    `${number(row.ratios['passed through'])}×`,
  ];
  const head = ['', 'direct', 'relay', 'translated', 'to relay', 'passed through', 'to relay'];
  const table = [head, ...rows.map(cells)];
  const widths = head.map((_, column) =>
    Math.max(...table.map((line) => line[column]?.length ?? 0)),
  );
  for (const line of table) {
    console.log(
      line
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join('  '),
    );
  }
}

async function main(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'opencodex-bench-'));
  const servers: ServerProcess[] = [];
  const start = async (args: readonly string[], env?: Readonly<Record<string, string>>) => {
    const server = await startServer(args, env);
    servers.push(server);
    return server;
  };
  try {
    const upstream = await start(['test/bench/upstream.ts']);
    const relay = await start(['test/bench/relay.ts', String(upstream.port)]);
    const base = `http://127.0.0.1:${upstream.port}/v1`;
    const config = {
      defaultProvider: 'chat',
      providers: {
        chat: { adapter: 'openai-chat', baseUrl: base, apiKey: '' },
        responses: { adapter: 'openai-responses', baseUrl: base, apiKey: '', passthrough: true },
      },
    };
    writeFileSync(join(home, 'config.json'), JSON.stringify(config));
    writeFileSync(join(home, 'token'), 'bench-token-0123456789abcdef0123456789abcdef', {
      mode: 0o600,
    });
    const proxy = await start(['dist/ocx.cjs', 'start', '--port', '0'], {
      OPENCODEX_HOME: home,
      CODEX_HOME: join(home, 'codex'),
    });
    const idle = memoryMiB(proxy.pid);
    const headers = { 'x-opencodex-token': 'bench-token-0123456789abcdef0123456789abcdef' };
    const endpoints: Record<Target, Endpoint> = {
      direct: { port: upstream.port, path: '/v1/chat/completions', headers: {}, prefix: '' },
      relay: { port: relay.port, path: '/v1/responses', headers: {}, prefix: '' },
      translated: { port: proxy.port, path: '/v1/responses', headers, prefix: 'chat/' },
      'passed through': { port: proxy.port, path: '/v1/responses', headers, prefix: 'responses/' },
    };
    const pids: Partial<Record<Target, number>> = {
      relay: relay.pid,
      translated: proxy.pid,
      'passed through': proxy.pid,
    };
    const targets: readonly Target[] = ['direct', 'relay', 'translated', 'passed through'];
    // One short round warms the code up and is not counted.
    for (const target of targets) await firstToken(endpoints[target], 4e3, 20);
    for (let i = 1; i <= rounds; i += 1) {
      for (const target of targets) await round(target, endpoints[target], pids[target]);
      console.log(`round ${i} of ${rounds}`);
    }
    const rows = Object.entries(figures).map(([figure, values]) => row(figure, values));
    const memory = { idle: idle.now, peak: memoryMiB(proxy.pid).peak };
    print(rows);
    console.log(
      `start to listening: ${proxy.startMs.toFixed(0)} ms (relay ${relay.startMs.toFixed(0)} ms)`,
    );
    console.log(
      `resident memory: ${memory.idle.toFixed(0)} MiB idle, ${memory.peak.toFixed(0)} MiB at most (relay ${memoryMiB(relay.pid).peak.toFixed(0)} MiB)`,
    );
    if (options.json !== undefined) {
      const start = { proxyMs: proxy.startMs, relayMs: relay.startMs };
      writeFileSync(options.json, `${JSON.stringify({ rounds, rows, memory, start }, null, 2)}\n`);
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(home, { recursive: true, force: true });
  }
}

await main();
