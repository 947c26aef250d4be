import type { CodexFolders, ConnectOptions } from '../codex/connect.ts';
import { connectOptions } from '../codex/connectOptions.ts';
import { arrive, disconnectsOnExit, leave } from '../codex/stay.ts';
import type { Environment } from '../config/home.ts';
import { loadConfig } from '../config/load.ts';
import { reasonOf } from '../language/reason.ts';
import type { LogLine } from '../link/state.ts';
import { occupantOf } from '../proxy/identity.ts';

/** Brings Codex's config up to date for a proxy that serves now. */
export async function welcome(
  folders: CodexFolders,
  port: number,
  env: Environment,
  log: (line: LogLine) => void,
): Promise<ConnectOptions | undefined> {
  try {
    const options = await connectOptions(folders, port, env);
    await arrive(options);
    return options;
  } catch (thrown) {
    const reason = reasonOf(thrown);
    log({ level: 'warn', text: `Codex's config could not be brought up to date: ${reason}` });
    return undefined;
  }
}

/** Where the user wants it so, Codex is given back, unless somebody else serves now. */
export async function farewell(options: ConnectOptions): Promise<void> {
  const loaded = await loadConfig(options.home);
  if (!loaded.ok || !(await disconnectsOnExit(loaded.config, options.login ?? 'none'))) return;
  if ((await occupantOf(options.port, options.token)).kind !== 'ours') await leave(options);
}
