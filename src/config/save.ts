import { isDeepStrictEqual } from 'node:util';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import { withLock } from '../files/lock.ts';
import type { JsonObject } from '../turn/turn.ts';
import { configPath } from './home.ts';
import { readConfigText } from './load.ts';
import { patchJson } from './patch.ts';
import type { ConfigError } from './problem.ts';
import { type Config, defaultConfig } from './schema.ts';
import { parseConfig, withoutMark } from './text.ts';

/** The change was not saved; the file is as it was. */
export class ConfigNotSaved extends Error {
  override readonly name = 'ConfigNotSaved';
  readonly error: ConfigError;

  constructor(error: ConfigError) {
    super(error.message);
    this.error = error;
  }
}

/**
 * Changes config.json: under a lock the file is read afresh, `change` gets its content (also the
 * fields that this version does not know) and gives the new one, and only what differs is edited in
 * the text, so formatting and other writers' changes stay. Throws `ConfigNotSaved` when the file or
 * the outcome is invalid; then nothing is written.
 */
export async function updateConfig(
  home: string,
  change: (raw: JsonObject) => JsonObject,
): Promise<Config> {
  const path = configPath(home);
  return withLock(`${path}.lock`, async () => {
    const file = await readConfigText(path);
    if (!file.ok) {
      throw new ConfigNotSaved(file.error);
    }
    const before = file.text ?? '{}\n';
    const found = parseConfig(path, before);
    if (!found.ok) {
      throw new ConfigNotSaved(found.error);
    }
    const changed = change(structuredClone({ ...implied, ...found.raw }));
    const json = withoutMark(before);
    const mark = before.slice(0, before.length - json.length);
    const after = mark + patchJson(json, found.raw, withoutImplied(changed, found.raw));
    const outcome = parseConfig(path, after);
    if (!outcome.ok) {
      throw new ConfigNotSaved(outcome.error);
    }
    if (after !== file.text) {
      await writeFileAtomic(path, after, { mode: 0o600 });
    }
    return outcome.config;
  });
}

/** What a file without `providers` stands for: a first provider must not replace it silently. */
const implied: JsonObject = { providers: JSON.parse(JSON.stringify(defaultConfig.providers)) };

/** Leaves out what the file did not say and the change did not touch. */
function withoutImplied(changed: JsonObject, found: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(changed).filter(
      ([name, value]) => Object.hasOwn(found, name) || !isDeepStrictEqual(value, implied[name]),
    ),
  );
}
