import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../config/home.ts';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import { modelAgnostic } from '../responses/identity.ts';
import { isJsonObject, parseJsonObject } from '../turn/json.ts';
import type { JsonObject } from '../turn/turn.ts';
import { type CodexInstall, findCodex, needsCatalogFile } from './find.ts';
import { runCodex } from './runCodex.ts';

/** What the installed Codex says of its own models. */
export interface InstalledModels {
  /** Its base prompt, without the claim to be one of them; `undefined` where it has none to give. */
  readonly instructions: string | undefined;
  /** The models that it lists, by its own priority. */
  readonly natives: readonly NativeModel[];
}

export interface NativeModel {
  readonly slug: string;
  /** Its entry in Codex's own catalog, as it stands there. */
  readonly entry: JsonObject;
}

/** How soon the program is looked at again; a newer Codex may have been installed. */
const lookAgainMs = 60_000;

/**
 * The models of the installed Codex, loaded beside everything else: nobody waits for it. What a
 * program has said is kept under our folder until the program changes.
 */
export class InstalledCodex {
  readonly #home: string;
  readonly #env: Environment;
  readonly #changed: () => void;
  #models: InstalledModels | undefined;
  #stamp: string | undefined;
  #needsFile = false;
  #looking: Promise<void> | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #disposed = false;

  constructor(home: string, env: Environment, changed: () => void) {
    this.#home = home;
    this.#env = env;
    this.#changed = changed;
  }

  /** `undefined` until they are loaded, or where no Codex is found. */
  get models(): InstalledModels | undefined {
    return this.#models;
  }

  /** Whether Codex is so old that it takes the models from a file only. */
  get needsCatalogFile(): boolean {
    return this.#needsFile;
  }

  /** Looks for a Codex, unless it did a moment ago. */
  look(): void {
    if (this.#disposed || this.#looking !== undefined) return;
    if (performance.now() - this.#lookedAt < lookAgainMs) return;
    this.#lookedAt = performance.now();
    this.#looking = this.#load()
      .catch(() => {
        // Our own text serves as well.
      })
      .finally(() => {
        this.#looking = undefined;
      });
  }

  dispose(): void {
    this.#disposed = true;
  }

  async #load(): Promise<void> {
    const installs = await findCodex(this.#env);
    const needed = this.#needsFile;
    this.#needsFile = needsCatalogFile(installs);
    if (this.#needsFile && !needed && !this.#disposed) this.#changed();
    for (const install of installs) {
      if (install.version === undefined) continue;
      if (install.stamp === this.#stamp) return;
      const models = await modelsOf(install, this.#home, this.#env);
      if (models === undefined) continue;
      if (this.#disposed) return;
      this.#stamp = install.stamp;
      this.#models = models;
      this.#changed();
      return;
    }
  }
}

async function modelsOf(
  { program, stamp, version }: CodexInstall,
  home: string,
  env: Environment,
): Promise<InstalledModels | undefined> {
  const path = join(home, 'cache', 'codexModels.json');
  const key = `${version?.text} ${stamp}`;
  const kept = parseJsonObject(await readFile(path, 'utf8').catch(() => ''));
  if (kept?.['key'] === key) return readModels(kept['models']);
  const run = await runCodex(program, ['debug', 'models', '--bundled'], {
    env,
    timeoutMs: 30_000,
  });
  const models = run.ok && run.code === 0 ? parseJsonObject(run.stdout)?.['models'] : undefined;
  const read = readModels(models);
  if (read === undefined) return undefined;
  await writeFileAtomic(path, JSON.stringify({ key, models }), { mode: 0o600 });
  return read;
}

/** Reads the entries of `codex debug models`. */
export function readModels(models: unknown): InstalledModels | undefined {
  if (!Array.isArray(models)) return undefined;
  const natives = models
    .filter(isJsonObject)
    .flatMap((entry) => {
      const { slug, visibility } = entry;
      return typeof slug === 'string' && slug !== '' && visibility === 'list'
        ? [{ slug, entry }]
        : [];
    })
    .toSorted((a, b) => priorityOf(a) - priorityOf(b));
  if (natives.length === 0) return undefined;
  return { instructions: instructionsOf(natives), natives };
}

function priorityOf({ entry: { priority } }: NativeModel): number {
  return typeof priority === 'number' ? priority : Number.POSITIVE_INFINITY;
}

/** The prompt of a model that is offered the same tools as the routed ones, if there is such a model. */
function instructionsOf(natives: readonly NativeModel[]): string | undefined {
  const isPlain = ({ entry }: NativeModel): boolean =>
    entry['use_responses_lite'] !== true && typeof entry['tool_mode'] !== 'string';
  const text = (natives.find(isPlain) ?? natives[0])?.entry['base_instructions'];
  return typeof text === 'string' && text.trim() !== '' ? modelAgnostic(text) : undefined;
}
