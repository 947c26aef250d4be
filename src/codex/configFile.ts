import { readFile, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, writeFileAtomic } from '../files/atomicWrite.ts';
import { LockUnavailable, withLock } from '../files/lock.ts';
import { reasonOf } from '../language/reason.ts';
import { blockState, openConfig } from './configDocument.ts';
import type { Edited } from './disconnectText.ts';
import { codexConfigPath } from './home.ts';
import { isOurCatalogFile } from './providerTable.ts';
import type { TomlProblem } from './tomlText.ts';

export interface CodexFolders {
  /** Codex's folder: `codexHome(env)`. */
  readonly codexHome: string;
  /** OpenCodex's folder: `opencodexHome(env)`. */
  readonly home: string;
}

export type Changed =
  | {
      readonly ok: true;
      readonly path: string;
      /** `false`: the file was as it should be. */
      readonly changed: boolean;
      /** Sentences on settings of the user that keep Codex from using what we offer. */
      readonly warnings: readonly string[];
    }
  | Failed;

export interface Failed {
  readonly ok: false;
  /** What failed, where, and what to do. */
  readonly message: string;
}

/** config.toml as it stands. */
export interface ConfigFile {
  readonly ok: true;
  /** `undefined`: there is no file. */
  readonly bytes: Uint8Array | undefined;
  readonly text: string;
  readonly mode: number | undefined;
  readonly folderExists: boolean;
}

export interface Plan {
  readonly edited: Edited;
  readonly mode: number | 'keep';
  /** An empty outcome means: the file that we made goes away. */
  readonly empties?: boolean;
}

/** Reads, edits and replaces config.toml; starts anew when somebody else writes in between. */
export async function changeConfig(
  options: CodexFolders,
  plan: (file: ConfigFile) => Promise<Plan>,
): Promise<Changed> {
  const path = codexConfigPath(options.codexHome);
  try {
    return await withLock(join(options.home, 'codex-config.lock'), async () => {
      for (let attempt = 0; attempt < 10; attempt++) {
        const outcome = await changeOnce(path, plan);
        if (outcome !== 'raced') {
          return outcome;
        }
      }
      return { ok: false, message: `${path} keeps changing. Close other programs that edit it.` };
    });
  } catch (thrown) {
    const reason = reasonOf(thrown);
    return {
      ok: false,
      message: thrown instanceof LockUnavailable ? reason : `${path} cannot be changed: ${reason}`,
    };
  }
}

async function changeOnce(
  path: string,
  plan: (file: ConfigFile) => Promise<Plan>,
): Promise<Changed | 'raced'> {
  const file = await readConfig(path);
  if (!file.ok) {
    return file;
  }
  const { edited, mode, empties } = await plan(file);
  if (!edited.ok) {
    return { ok: false, message: problemText(path, edited.problem) };
  }
  const warnings = warningsOf(edited.text);
  const { created } = edited.facts;
  if (empties === true && edited.text === '' && created !== 'nothing' && file.bytes !== undefined) {
    await rm(path);
    if (created === 'folder') {
      await rmdir(join(path, '..')).catch(() => {
        // Codex has put something of its own there.
      });
    }
    return { ok: true, path, changed: true, warnings };
  }
  const modeFits = mode === 'keep' || file.mode === undefined || file.mode === mode;
  const textFits = edited.text === file.text && (file.bytes !== undefined || edited.text === '');
  if (textFits && modeFits) {
    return { ok: true, path, changed: false, warnings };
  }
  const isUnchanged = async () => {
    const now = await readConfig(path);
    return (
      now.ok && now.text === file.text && (now.bytes === undefined) === (file.bytes === undefined)
    );
  };
  const written = await writeFileAtomic(path, edited.text, { mode, beforeReplace: isUnchanged });
  return written ? { ok: true, path, changed: true, warnings } : 'raced';
}

/** The file as it is now; no file is an empty one. */
export async function readConfig(path: string): Promise<ConfigFile | Failed> {
  let bytes: Uint8Array;
  let mode: number | undefined;
  try {
    bytes = await readFile(path);
    // Windows has no such permissions to bring back.
    mode = process.platform === 'win32' ? undefined : (await stat(path)).mode & 0o777;
  } catch (thrown) {
    if (!hasCode(thrown, 'ENOENT')) {
      const reason = reasonOf(thrown);
      return { ok: false, message: `${path} cannot be read: ${reason}` };
    }
    const folder = await stat(join(path, '..')).catch(() => undefined);
    return {
      ok: true,
      bytes: undefined,
      text: '',
      mode: undefined,
      folderExists: folder !== undefined,
    };
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { ok: true, bytes, text, mode, folderExists: true };
  } catch {
    return {
      ok: false,
      message: `${path} is not UTF-8 text. Codex cannot read it; save it as UTF-8.`,
    };
  }
}

/** A problem of the file as a sentence. */
export function problemText(path: string, problem: TomlProblem): string {
  const column = problem.column === undefined ? '' : `, column ${problem.column}`;
  const place = problem.line === undefined ? '' : `, line ${problem.line}${column}`;
  return `${path}${place}: ${problem.reason} The file was not changed.`;
}

/** Settings that win over our provider, as sentences. */
export function warningsOf(text: string): readonly string[] {
  const opened = openConfig(text);
  if (!opened.ok || blockState(opened.document) !== 'connected') {
    return [];
  }
  const { table } = opened.document;
  return [
    ...('model_catalog_json' in table && !isOurCatalogFile(table['model_catalog_json'])
      ? [
          'model_catalog_json in config.toml replaces the model list of every provider, so Codex does not list the models of OpenCodex.',
        ]
      : []),
    ...('profile' in table
      ? [
          'profile in config.toml selects settings that win over the ones of OpenCodex; newer versions of Codex refuse it.',
        ]
      : []),
  ];
}
