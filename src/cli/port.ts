import type { CommandOptions } from './command.ts';
import { CommandFailure } from './terminal.ts';

/** The value of `--port`; `undefined` where it was not given. */
export function portOption(options: CommandOptions): number | undefined {
  const { port } = options;
  if (port === undefined) return undefined;
  const number = Number(port);
  if (!/^\d{1,5}$/.test(String(port)) || number > 65_535) {
    throw new CommandFailure(
      `"${port}" is not a port. Give a number from 1 to 65535, or 0 for any free one.`,
    );
  }
  return number;
}

/** Where the proxy of this user is expected: `--port`, else config.json. */
export async function expectedPort(options: CommandOptions, home: string): Promise<number> {
  const given = portOption(options);
  if (given === 0) {
    throw new CommandFailure('no proxy is on port 0. Give the number that "ocx start" has shown.');
  }
  if (given !== undefined) return given;
  // Only now: most starts name no port and leave config.json to the proxy.
  const { loadConfig } = await import('../config/load.ts');
  const { defaultPort } = await import('../config/schema.ts');
  const loaded = await loadConfig(home);
  if (!loaded.ok) throw new CommandFailure(loaded.error.message);
  return loaded.config.port ?? defaultPort;
}
