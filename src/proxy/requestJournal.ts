import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DayFiles } from '../files/dayFiles.ts';
import { type RequestDetail, requestDetail } from '../link/api/requestsApi.ts';
import { parseJson } from '../turn/json.ts';

const mebibyte = 1024 * 1024;

/** Of a text of ours; enough to recognise it. */
const mostTextLength = 300;

const linesPerTurn = 100;

/** The requests that have ended, on the disk: what became of them, never what was said. */
export class RequestJournal {
  readonly #files: DayFiles;

  constructor(home: string, failed: (message: string) => void) {
    this.#files = new DayFiles({
      folder: join(home, 'logs'),
      keepDays: 14,
      fileBytes: 2 * mebibyte,
      totalBytes: 10 * mebibyte,
      failed,
    });
  }

  add(detail: RequestDetail): void {
    // What an addition replaces is the client's own text.
    const additions = detail.additions.map(({ kind, text, times }) => ({
      kind,
      text: text.slice(0, mostTextLength),
      times,
    }));
    this.#files.add(JSON.stringify({ ...detail, additions }));
  }

  /** The newest so many, oldest first. Streams go on meanwhile. */
  async read(most: number): Promise<readonly RequestDetail[]> {
    let lines: readonly string[] = [];
    for (const day of [...(await this.#files.days())].reverse()) {
      lines = [...(await this.#files.read(day)), ...lines].slice(-most);
      if (lines.length === most) break;
    }
    const found: RequestDetail[] = [];
    for (const [index, line] of lines.entries()) {
      if (index % linesPerTurn === linesPerTurn - 1) await nextTurn();
      const detail = requestDetail.safeParse(parseJson(line)).data;
      if (detail !== undefined) found.push(detail);
    }
    return found;
  }

  clear(): Promise<void> {
    return this.#files.clear();
  }

  flush(): Promise<void> {
    return this.#files.flush();
  }
}
