import { readFile } from 'node:fs/promises';
import { configPath } from './home.ts';
import type { ConfigError } from './problem.ts';
import { type Config, defaultConfig } from './schema.ts';
import { parseConfig } from './text.ts';

export type { ConfigError } from './problem.ts';

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config; readonly fromFile: boolean }
  | { readonly ok: false; readonly error: ConfigError };

/** Reads config.json in OpenCodex's folder; without a file the default is in force. */
export async function loadConfig(home: string): Promise<LoadedConfig> {
  const path = configPath(home);
  const file = await readConfigText(path);
  if (!file.ok) {
    return file;
  }
  if (file.text === undefined) {
    return { ok: true, config: defaultConfig, fromFile: false };
  }
  const parsed = parseConfig(path, file.text);
  return parsed.ok ? { ok: true, config: parsed.config, fromFile: true } : parsed;
}

/** The file's text, `undefined` where there is no file. */
export async function readConfigText(
  path: string,
): Promise<
  | { readonly ok: true; readonly text: string | undefined }
  | { readonly ok: false; readonly error: ConfigError }
> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (thrown) {
    const code = errorCode(thrown);
    return code === 'ENOENT'
      ? { ok: true, text: undefined }
      : { ok: false, error: unplaced(path, `${path} cannot be read (${code}).`) };
  }
  try {
    return {
      ok: true,
      text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
    };
  } catch {
    return { ok: false, error: unplaced(path, `${path} is not UTF-8 text. Save it as UTF-8.`) };
  }
}

function unplaced(path: string, message: string): ConfigError {
  return { path, line: undefined, column: undefined, field: undefined, message };
}

function errorCode(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown error';
}
