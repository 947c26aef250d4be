import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import { catalogFileName } from './providerTable.ts';

/** The models as a file, for a Codex that reads no `model_catalog_url`. */
export function catalogFilePath(home: string): string {
  return join(home, catalogFileName);
}

/** Whether the file is there: Codex does not start when its config names one that is not. */
export async function hasCatalogFile(home: string): Promise<boolean> {
  const facts = await stat(catalogFilePath(home)).catch(() => undefined);
  return facts?.isFile() === true;
}

/** Keeps the file up to date while a proxy serves. */
export class CatalogFile {
  readonly #home: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(home: string) {
    this.#home = home;
  }

  /** Writes the models, which take a while to list, where the file is there already, or `needed`. */
  keep(catalogNow: () => string, needed: boolean): Promise<void> {
    const write = async (): Promise<void> => {
      const path = catalogFilePath(this.#home);
      const now = await readFile(path, 'utf8').catch(() => undefined);
      if (now === undefined && !needed) return;
      const catalog = catalogNow();
      if (now === catalog) return;
      await writeFileAtomic(path, catalog, { mode: 0o600 });
    };
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }
}
