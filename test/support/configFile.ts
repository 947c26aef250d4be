import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes config.json into a folder for OPENCODEX_HOME. */
export function writeConfig(home: string, config: object): void {
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'config.json'), JSON.stringify(config, null, 2), { mode: 0o600 });
}
