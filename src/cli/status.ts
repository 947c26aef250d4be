import { type ConnectionState, connectionState } from '../codex/connect.ts';
import { connectOptions } from '../codex/connectOptions.ts';
import { codexHome } from '../codex/home.ts';
import { configPath, opencodexHome } from '../config/home.ts';
import { loadConfig } from '../config/load.ts';
import { localToken } from '../credentials/token.ts';
import { occupantOf } from '../proxy/identity.ts';
import type { Command } from './command.ts';
import { expectedPort } from './port.ts';
import { providerLines } from './providerLines.ts';
import { CommandFailure } from './terminal.ts';

/** Tells how the proxy, Codex and the providers stand. */
export const status: Command = {
  usage: 'status [--port N]',
  summary: 'proxy, Codex connection, providers',
  options: { port: { type: 'string' } },
  async run(options, terminal) {
    const home = opencodexHome(terminal.env);
    const port = await expectedPort(options, home);
    const loaded = await loadConfig(home);
    if (!loaded.ok) throw new CommandFailure(loaded.error.message);
    const { config, fromFile } = loaded;

    const token = await localToken(home);
    const codex = codexHome(terminal.env);
    const folders = { codexHome: codex, home };
    const connection = await connectionState(await connectOptions(folders, port, terminal.env));
    terminal.print(`Proxy      ${await proxyLine(port, token)}`);
    terminal.print(`Codex      ${connectionLine(connection, codex)}`);
    terminal.print(
      `Config     ${configPath(home)}${fromFile ? '' : ' (no file: the default applies)'}`,
    );
    terminal.print('Providers');
    for (const line of providerLines(config, terminal.env)) terminal.print(line);
  },
};

async function proxyLine(port: number, token: string): Promise<string> {
  const occupant = await occupantOf(port, token);
  switch (occupant.kind) {
    case 'ours':
      return `http://127.0.0.1:${port}/v1, version ${occupant.version}, process ${occupant.pid}`;
    case 'foreign':
      return `does not run: port ${port} is served by ${occupant.name ?? 'another program'}`;
    case 'nobody':
      return `does not run (port ${port})`;
  }
}

function connectionLine(connection: ConnectionState, codex: string): string {
  switch (connection.kind) {
    case 'connected':
      return connection.upToDate
        ? `connected (${codex})`
        : `connected, but to another address or in an older way; run "ocx sync" (${codex})`;
    case 'dormant':
      return `not connected; the provider stays for earlier threads (${codex})`;
    case 'disconnected':
      return `not connected (${codex})`;
    case 'unreadable':
      return connection.message;
  }
}
