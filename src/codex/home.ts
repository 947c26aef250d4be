import { join } from 'node:path';
import { type Environment, homeFolder } from '../config/home.ts';

/** Codex's own folder: `CODEX_HOME`, else `.codex` in the user's home. */
export function codexHome(env: Environment): string {
  return homeFolder(env, 'CODEX_HOME', '.codex');
}

/** Codex's configuration. */
export function codexConfigPath(folder: string): string {
  return join(folder, 'config.toml');
}

/** Where Codex keeps its login, unless that is in the system's keyring. */
export function codexAuthPath(folder: string): string {
  return join(folder, 'auth.json');
}
