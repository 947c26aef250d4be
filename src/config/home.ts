import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** OpenCodex's own folder: `OPENCODEX_HOME`, else `.opencodex` in the user's home. */
export function opencodexHome(env: Environment): string {
  return homeFolder(env, 'OPENCODEX_HOME', '.opencodex');
}

/** A tool's folder: the one that `variable` names, else `name` in the user's home. */
export function homeFolder(env: Environment, variable: string, name: string): string {
  const chosen = env[variable];
  if (chosen === undefined || chosen.trim() === '') {
    return join(userHome(env), name);
  }
  // Editors start without a shell, so nobody has expanded the tilde.
  const expanded = /^~(?=$|[\\/])/.test(chosen) ? userHome(env) + chosen.slice(1) : chosen;
  return resolve(expanded);
}

function userHome(env: Environment): string {
  const home = env[process.platform === 'win32' ? 'USERPROFILE' : 'HOME'];
  return home === undefined || home === '' ? homedir() : home;
}

/** `config.json` in OpenCodex's folder. */
export function configPath(home: string): string {
  return join(home, 'config.json');
}
