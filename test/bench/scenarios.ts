import { type Endpoint, requestBody, stream } from './client.ts';
import type { Figures, Target } from './figures.ts';
import { shortStreams } from './goals.ts';
import { cpuSeconds, type ServerProcess } from './processes.ts';
import { median, percentile } from './statistics.ts';

export interface Scale {
  /** Of the usual counts. */
  readonly share: number;
  /** Also what takes long. */
  readonly whole: boolean;
}

const sizes = { '4 KB': 4e3, '40 KB': 40e3, '1 MB': 1e6, '5 MB': 5e6 } as const;

/** Everything that is measured of one way to the upstream, once. */
export async function round(
  figures: Figures,
  { share, whole }: Scale,
  way: string,
  endpoint: Endpoint,
  pid: number | undefined,
): Promise<void> {
  for (const [name, bytes] of Object.entries(sizes)) {
    const count = Math.ceil((bytes > 5e5 ? 8 : 60) * share);
    const ms = await firstToken(endpoint, bytes, count);
    figures.note(`time to first token, ${name} (ms)`, way, ms);
  }
  for (const streams of whole ? [1, 16, 64, 256] : [1, 16, 64]) {
    const chunks = Math.ceil(100 * share);
    const before = pid === undefined ? Number.NaN : cpuSeconds(pid);
    const { ages } = await many(endpoint, `paced-${chunks}-20`, streams, true);
    figures.note(`age of a chunk, ${streams} streams, p50 (ms)`, way, percentile(ages, 0.5));
    figures.note(`age of a chunk, ${streams} streams, p99 (ms)`, way, percentile(ages, 0.99));
    if (streams === 64 && pid !== undefined) {
      const used = ((cpuSeconds(pid) - before) / (chunks * streams)) * 1e6;
      figures.note('CPU per chunk, 64 paced streams (µs)', way, used);
    }
  }
  const latest = await besideLarge(endpoint, Math.ceil(100 * share));
  figures.note('age of the latest chunk of 64 streams beside a 5 MB request (ms)', way, latest);
  for (const streams of [1, 16]) {
    const figure = `chunks per second, burst, ${streams} at once`;
    figures.note(figure, way, await burst(endpoint, streams, share));
  }
  const perSecond = await shortStreamsOf(endpoint, Math.ceil(1500 * share), 64);
  figures.note(shortStreams, way, perSecond);
}

const wires = { anthropic: 'Anthropic', google: 'Gemini', plain: 'Responses' } as const;

/** The other wires that are translated, beside the same direct and relayed streams. */
export async function otherWires(
  figures: Figures,
  { share }: Scale,
  endpoints: Readonly<Record<Target, Endpoint>>,
  through: (prefix: string) => Endpoint,
): Promise<void> {
  const controls = ['direct', 'relay'] as const;
  const bursts = new Map<Target, number>();
  const firsts = new Map<Target, number>();
  const count = Math.ceil(60 * share);
  for (const control of controls) {
    firsts.set(control, await firstToken(endpoints[control], 40e3, count));
    bursts.set(control, await burst(endpoints[control], 16, share));
  }
  for (const [prefix, wire] of Object.entries(wires)) {
    const endpoint = through(`${prefix}/`);
    const [first, burstName] = [
      `time to first token, 40 KB, ${wire} wire (ms)`,
      `chunks per second, burst, 16 at once, ${wire} wire`,
    ];
    for (const control of controls) {
      figures.note(first, control, firsts.get(control) ?? Number.NaN);
      figures.note(burstName, control, bursts.get(control) ?? Number.NaN);
    }
    figures.note(first, 'translated', await firstToken(endpoint, 40e3, count));
    figures.note(burstName, 'translated', await burst(endpoint, 16, share));
  }
}

export async function firstToken(
  endpoint: Endpoint,
  bytes: number,
  count: number,
): Promise<number> {
  const body = requestBody(`${endpoint.prefix}first`, bytes);
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) times.push((await stream(endpoint, body, false)).firstMs);
  return median(times);
}

/** From starting a server, which has just been done, to the first chunk through it, in milliseconds. */
export async function firstAnswer(server: ServerProcess, endpoint: Endpoint): Promise<number> {
  const { firstMs } = await stream(endpoint, requestBody(`${endpoint.prefix}first`, 4e3), false);
  return server.startMs + firstMs;
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

/** How late the latest chunk of 64 paced streams is while one large request is sent among them. */
async function besideLarge(endpoint: Endpoint, chunks: number): Promise<number> {
  const body = requestBody(`${endpoint.prefix}first`, 5e6);
  const large = async () => {
    await new Promise((resolve) => setTimeout(resolve, chunks * 10));
    await stream(endpoint, body, false);
  };
  const [{ ages }] = await Promise.all([many(endpoint, `paced-${chunks}-20`, 64, true), large()]);
  return Math.max(...ages);
}

/** Chunks per second. */
async function burst(endpoint: Endpoint, streams: number, share: number): Promise<number> {
  const chunks = Math.ceil((streams === 1 ? 60_000 : 8_000) * share);
  const { seconds } = await many(endpoint, `burst-${chunks}`, streams, false);
  return (chunks * streams) / seconds;
}

/** Streams per second, so many at once. */
export async function shortStreamsOf(
  endpoint: Endpoint,
  total: number,
  at: number,
): Promise<number> {
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
