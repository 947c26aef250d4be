import { join } from 'node:path';
import * as z from 'zod/mini';
import { DayFiles, dayOf, daysBack } from '../files/dayFiles.ts';
import { type UsageRow, usageRow } from '../link/api/requestsApi.ts';
import { parseJson } from '../turn/json.ts';
import type { RequestRecord } from './requestLog.ts';

const keepDays = 400;
const mebibyte = 1024 * 1024;

/** Sums are written this often, as one line per model. */
const gatherMs = 2_000;

/** A client may name a model anew with every turn. */
const mostFresh = 1_000;

/** One line of a day's file: what came on top of the lines before. */
const lineSchema = z.omit(usageRow, { day: true });
type Sums = z.infer<typeof lineSchema>;

const counts = [
  'requests',
  'failures',
  'inputTokens',
  'cachedTokens',
  'outputTokens',
  'reasoningTokens',
] as const;

/** Sums of requests and tokens by day, provider and model, in OpenCodex's own folder. */
export class UsageTotals {
  readonly #files: DayFiles;
  readonly #fresh = new Map<string, Sums>();
  #timer: NodeJS.Timeout | undefined;

  constructor(home: string, failed: (message: string) => void) {
    this.#files = new DayFiles({
      folder: join(home, 'usage'),
      keepDays,
      fileBytes: 16 * mebibyte,
      totalBytes: 128 * mebibyte,
      failed,
    });
  }

  /** Counts a request that has ended. */
  count({ model, provider, status, usage }: RequestRecord): void {
    if (provider === '') return;
    if (this.#fresh.size >= mostFresh) this.#gather();
    const sums = sumsIn(this.#fresh, provider, model);
    sums.requests += 1;
    if (status === 'failed') sums.failures += 1;
    if (usage !== undefined) {
      sums.inputTokens += usage.inputTokens;
      sums.cachedTokens += usage.cachedTokens;
      sums.outputTokens += usage.outputTokens;
      sums.reasoningTokens += usage.reasoningTokens;
    }
    this.#timer ??= setTimeout(() => this.#gather(), gatherMs);
    this.#timer.unref();
  }

  /** The sums of today and the days before it, of everybody who writes into the folder. */
  async read(days: number): Promise<{ days: readonly string[]; rows: readonly UsageRow[] }> {
    this.#gather();
    const wanted = Array.from({ length: days }, (_none, index) => daysBack(days - 1 - index));
    const known = new Set(await this.#files.days()).add(dayOf(Date.now()));
    const rows = await Promise.all(
      wanted.filter((day) => known.has(day)).map((day) => this.#rows(day)),
    );
    return { days: wanted, rows: rows.flat() };
  }

  /** Writes what is not yet on the disk. */
  flush(): Promise<void> {
    this.#gather();
    return this.#files.flush();
  }

  async #rows(day: string): Promise<readonly UsageRow[]> {
    const sums = new Map<string, Sums>();
    for (const text of await this.#files.read(day)) {
      // A line that was cut by a full disk, or is of another version, does not hide the others.
      const line = lineSchema.safeParse(parseJson(text)).data;
      if (line !== undefined) add(sumsIn(sums, line.provider, line.model), line);
    }
    return [...sums.values()].map((row) => ({ day, ...row }));
  }

  #gather(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const sums of this.#fresh.values()) this.#files.add(JSON.stringify(sums));
    this.#fresh.clear();
  }
}

function sumsIn(all: Map<string, Sums>, provider: string, model: string): Sums {
  const key = `${provider} ${model}`;
  const known = all.get(key);
  if (known !== undefined) return known;
  const none = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0 };
  const sums = { provider, model, requests: 0, failures: 0, ...none };
  all.set(key, sums);
  return sums;
}

function add(sums: Sums, more: Sums): void {
  for (const count of counts) sums[count] += more[count];
}
