import { appendFile, mkdir, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from './atomicWrite.ts';

/** How long lines are gathered before they are written. */
const gatherMs = 500;

/** Lines that wait for a disk that does not take them; the oldest are given up. */
const mostWaiting = 10_000;

const nameShape = /^(\d{4}-\d\d-\d\d)(?:\.(\d{1,4}))?\.jsonl$/;

export interface DayFilesOptions {
  readonly folder: string;
  /** Files of older days are deleted. */
  readonly keepDays: number;
  /** Of one file; a fuller one gets a successor. */
  readonly fileBytes: number;
  /** Of all files; the oldest are deleted. */
  readonly totalBytes: number;
  /** A sentence for the log, once, when nothing can be written. */
  failed(message: string): void;
}

interface DayFile {
  readonly path: string;
  readonly day: string;
  readonly part: number;
}

/**
 * Lines in one file per day (`2026-11-22.jsonl`, then `2026-11-22.2.jsonl`, …). Several programs may
 * add to them: each batch is one append, and no file is ever renamed or rewritten.
 */
export class DayFiles {
  readonly #options: DayFilesOptions;
  #waiting: { readonly day: string; readonly line: string }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** The next write; a disk that hangs has one behind it, however often it is asked for. */
  #next: Promise<void> | undefined;
  #warned = false;
  #prunedOn = '';

  constructor(options: DayFilesOptions) {
    this.#options = options;
  }

  /** Gathers a line, which must not hold a line break; nobody waits for the disk. */
  add(line: string): void {
    if (this.#waiting.length >= mostWaiting) this.#waiting.shift();
    this.#waiting.push({ day: dayOf(Date.now()), line });
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.flush(), gatherMs);
    this.#timer.unref();
  }

  /** Writes what has been gathered. Never fails. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length > 0) this.#next ??= this.#writing.then(() => this.#writeWaiting());
    return this.#next ?? this.#writing;
  }

  /** The lines of a day in the order of its files; also those that are still to be written. */
  async read(day: string): Promise<readonly string[]> {
    await this.flush();
    const files = (await this.#files()).filter((file) => file.day === day);
    const texts = await Promise.all(
      files.map(({ path }) => readFile(path, 'utf8').catch(() => '')),
    );
    return texts.flatMap((text) => text.split('\n')).filter((line) => line !== '');
  }

  /** The days that have files, oldest first. */
  async days(): Promise<readonly string[]> {
    return [...new Set((await this.#files()).map(({ day }) => day))];
  }

  /** Deletes every file. */
  async clear(): Promise<void> {
    await this.flush();
    for (const { path } of await this.#files()) await unlink(path).catch(() => {});
  }

  #writeWaiting(): Promise<void> {
    const lines = this.#waiting;
    this.#waiting = [];
    this.#next = undefined;
    this.#writing = this.#write(lines);
    return this.#writing;
  }

  async #write(lines: readonly { readonly day: string; readonly line: string }[]): Promise<void> {
    const byDay = Map.groupBy(lines, ({ day }) => day);
    try {
      await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
      for (const [day, ofDay] of byDay) {
        const text = ofDay.map(({ line }) => `${line}\n`).join('');
        await appendFile(await this.#pathFor(day), text, { mode: 0o600 });
      }
      await this.#prune();
    } catch (thrown) {
      this.#warn(thrown);
    }
  }

  /** The last file of the day, or a new one where that has no room. */
  async #pathFor(day: string): Promise<string> {
    const last = (await this.#files()).findLast((file) => file.day === day);
    const { path = '', part = 1 } = last ?? {};
    const full = last !== undefined && (await sizeOf(path)) >= this.#options.fileBytes;
    const next = full ? part + 1 : part;
    return join(this.#options.folder, `${day}${next === 1 ? '' : `.${next}`}.jsonl`);
  }

  async #prune(): Promise<void> {
    const today = dayOf(Date.now());
    const files = await this.#files();
    const sizes = await Promise.all(files.map(({ path }) => sizeOf(path)));
    let total = sizes.reduce((sum, size) => sum + size, 0);
    if (this.#prunedOn === today && total <= this.#options.totalBytes) return;
    this.#prunedOn = today;
    const oldest = daysBack(this.#options.keepDays - 1);
    for (const [index, { path, day }] of files.slice(0, -1).entries()) {
      if (day >= oldest && total <= this.#options.totalBytes) break;
      await unlink(path).catch(ignoreMissing);
      total -= sizes[index] ?? 0;
    }
  }

  async #files(): Promise<readonly DayFile[]> {
    const { folder } = this.#options;
    const names = await readdir(folder).catch((): string[] => []);
    return names
      .flatMap((name) => {
        const [, day, part = '1'] = nameShape.exec(name) ?? [];
        return day === undefined ? [] : { path: join(folder, name), day, part: Number(part) };
      })
      .sort((a, b) => a.day.localeCompare(b.day) || a.part - b.part);
  }

  #warn(thrown: unknown): void {
    if (this.#warned) return;
    this.#warned = true;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    this.#options.failed(`Nothing can be kept in ${this.#options.folder}: ${reason}`);
  }
}

/** Another program may have deleted it meanwhile. */
async function sizeOf(path: string): Promise<number> {
  const facts = await stat(path).catch(ignoreMissing);
  return facts?.size ?? 0;
}

function ignoreMissing(thrown: unknown): undefined {
  if (!hasCode(thrown, 'ENOENT')) throw thrown;
  return undefined;
}

/** The day of a time on this machine, `YYYY-MM-DD`. */
export function dayOf(time: number): string {
  const date = new Date(time);
  const [month, day] = [date.getMonth() + 1, date.getDate()].map((n) => String(n).padStart(2, '0'));
  return `${date.getFullYear()}-${month}-${day}`;
}

/** The day so many days ago; the clocks of a year with summer time included. */
export function daysBack(days: number): string {
  const date = new Date();
  date.setHours(12, 0, 0, 0);
  date.setDate(date.getDate() - days);
  return dayOf(date.getTime());
}
