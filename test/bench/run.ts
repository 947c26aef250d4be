/**
 * `npm run bench`: what the proxy costs, compared with a plain relay in the same run.
 *
 *     npm run bench                          five interleaved rounds
 *     npm run bench -- --quick               two short ones
 *     npm run bench -- --rounds 3            as many
 *     npm run bench -- --json out.json       also as JSON
 *     npm run bench -- --page                also docs/performance.md and its plot
 *     npm run bench -- --from out.json --page   these from an earlier run
 *     npm run bench -- --peers               also other programs, which npm installs
 *     npm run bench -- --from out.json --beside peers.json --page   these from a run of their own
 *
 * Three ways to the same upstream are measured in turn: directly, through a relay that only hands
 * bytes on, and through `ocx start` on the translated and on the passed-through wire. Absolute
 * times say more about the machine than about the proxy, so the last column is the ratio to the relay.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { besideCells, leftOutOf } from './beside.ts';
import type { Endpoint } from './client.ts';
import { aligned, cellsOf, Figures, type Target, targets } from './figures.ts';
import type { Result } from './goals.ts';
import { pageOf, plotOf } from './page.ts';
import { PeerField } from './peerField.ts';
import { installed } from './peerPackages.ts';
import { peers } from './peers.ts';
import { memoryMiB, type ServerProcess, startServer } from './processes.ts';
import {
  firstAnswer,
  firstToken,
  otherWires,
  round,
  type Scale,
  shortStreamsOf,
} from './scenarios.ts';
import { median } from './statistics.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    json: { type: 'string' },
    from: { type: 'string' },
    beside: { type: 'string' },
    page: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
  },
});

// So that what was started ends, too; the peers' process groups would not hear Ctrl+C.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const rounds = Number(options.rounds ?? (options.quick ? 2 : 5));
const scale: Scale = { share: options.quick ? 0.2 : 1, whole: !options.quick };
/** Until everything that follows a start is over. */
const settledMs = 3_000;
const token = 'bench-token-0123456789abcdef0123456789abcdef';

function writeHome(home: string, upstreamPort: number): void {
  const host = `http://127.0.0.1:${upstreamPort}`;
  const base = `${host}/v1`;
  const providers = {
    chat: { adapter: 'openai-chat', baseUrl: base, apiKey: '' },
    responses: { adapter: 'openai-responses', baseUrl: base, apiKey: '', passthrough: true },
    anthropic: { adapter: 'anthropic', baseUrl: host, apiKey: '' },
    google: { adapter: 'google', baseUrl: host, apiKey: '' },
    plain: { adapter: 'openai-responses', baseUrl: base, apiKey: '', passthrough: false },
  };
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'config.json'), JSON.stringify({ defaultProvider: 'chat', providers }));
  writeFileSync(join(home, 'token'), token, { mode: 0o600 });
}

async function measure(): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'opencodex-bench-'));
  const figures = new Figures();
  const field = new PeerField({
    peers: options.peers ? peers : [],
    install: installed,
    left(name, { message, cause = '' }) {
      console.log(`${name} is left out: ${message}. ${cause}`);
      figures.forget(name);
    },
  });
  const servers: ServerProcess[] = [];
  const start = async (args: readonly string[], env?: Readonly<Record<string, string>>) => {
    const server = await startServer(args, env);
    servers.push(server);
    return server;
  };
  try {
    const upstream = await start(['test/bench/upstream.ts']);
    const relayed = ['test/bench/relay.ts', String(upstream.port)];
    const relay = await start(relayed);
    const startProxy = (name: string) => {
      const home = join(folder, name);
      writeHome(home, upstream.port);
      const env = { OPENCODEX_HOME: home, CODEX_HOME: join(home, 'codex') };
      return startServer(['dist/ocx.cjs', 'start', '--port', '0'], env);
    };
    const proxy = await startProxy('home');
    servers.push(proxy);
    await sleep(settledMs);
    const idle = memoryMiB(proxy.pid).now;
    const endpoints: Record<Target, Endpoint> = {
      direct: { port: upstream.port, path: '/v1/chat/completions', headers: {}, prefix: '' },
      relay: throughRelay(relay),
      translated: throughProxy(proxy, 'chat/'),
      'passed through': throughProxy(proxy, 'responses/'),
    };
    const pids: Partial<Record<Target, number>> = {
      relay: relay.pid,
      translated: proxy.pid,
      'passed through': proxy.pid,
    };
    await field.start(folder, upstream.port);
    // One short round warms the code up and is not counted.
    for (const target of targets) await firstToken(endpoints[target], 4e3, 20);
    await field.each(({ endpoint }) => firstToken(endpoint, 4e3, 20));
    for (let i = 1; i <= rounds; i += 1) {
      for (const target of targets) {
        await round(figures, scale, target, endpoints[target], pids[target]);
      }
      await field.each(({ name, endpoint, pid }) => round(figures, scale, name, endpoint, pid));
      if (scale.whole || i === 1)
        await otherWires(figures, scale, endpoints, (prefix) => throughProxy(proxy, prefix));
      console.log(`round ${i} of ${rounds}`);
    }
    await shortStreamsOf(endpoints.translated, 1000, 16);
    const { now: after1000, peak } = memoryMiB(proxy.pid);
    const starts: number[] = [];
    const relayStarts: number[] = [];
    // The first start leaves behind what it has compiled.
    for (let i = 0; i <= rounds; i += 1) {
      const one = await startServer(relayed);
      relayStarts.push(await firstAnswer(one, throughRelay(one)));
      await one.stop();
      const other = await startProxy('started again');
      starts.push(await firstAnswer(other, throughProxy(other, 'chat/')));
      await other.stop();
    }
    const [firstEverMs = Number.NaN, ...later] = starts;
    await field.end(rounds);
    return {
      rounds,
      rows: figures.rows,
      memory: { idle, after1000, peak },
      start: { firstEverMs, answerMs: median(later), relayAnswerMs: median(relayStarts) },
      ...(options.peers && { peers: field.results }),
    };
  } finally {
    await Promise.all([field, ...servers].map((one) => one.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

function throughRelay({ port }: ServerProcess): Endpoint {
  return { port, path: '/v1/responses', headers: {}, prefix: '' };
}

function throughProxy({ port }: ServerProcess, prefix: string): Endpoint {
  return { port, path: '/v1/responses', headers: { 'x-opencodex-token': token }, prefix };
}

function print(result: Result): void {
  const { rows, memory, start } = result;
  const whole = (value: number) => value.toFixed(0);
  console.log(aligned(cellsOf(rows)));
  console.log(
    `start to first answer: ${whole(start.answerMs)} ms, ${whole(start.firstEverMs ?? Number.NaN)} ms the first time (relay ${whole(start.relayAnswerMs)} ms)`,
  );
  console.log(
    `resident memory: ${whole(memory.idle)} MiB idle, ${whole(memory.after1000)} MiB after 1,000 more requests, ${whole(memory.peak)} MiB at most`,
  );
  const beside = besideCells(result);
  if (beside.length > 0) console.log(`\n${aligned(beside)}`);
  for (const reason of leftOutOf(result)) console.log(reason);
}

/** A run that was written with `--json`. */
function readResult(file: string): Result {
  const result: Result = JSON.parse(readFileSync(file, 'utf8'));
  return result;
}

const result = options.from === undefined ? await measure() : readResult(options.from);
print(result);
if (options.json !== undefined) {
  writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
}
if (options.page) {
  const page = 'docs/performance.md';
  const before = existsSync(page) ? readFileSync(page, 'utf8') : '';
  const { beside } = options;
  writeFileSync(page, pageOf(result, before, beside === undefined ? result : readResult(beside)));
  writeFileSync('docs/images/performance.svg', plotOf(result));
}
