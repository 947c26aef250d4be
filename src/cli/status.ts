import { type ConnectionState, connectionState } from '../codex/connect.ts';
import { codexHome } from '../codex/home.ts';
import { configPath, type Environment, opencodexHome } from '../config/home.ts';
import { loadConfig } from '../config/load.ts';
import { resolveReferences } from '../credentials/envReference.ts';
import { localToken } from '../credentials/token.ts';
import { configuredProviders } from '../providers/configured.ts';
import type { Auth, Provider } from '../providers/provider.ts';
import { occupantOf } from '../proxy/identity.ts';
import type { Command } from './command.ts';
import { expectedPort } from './port.ts';
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
    const connection = await connectionState({ codexHome: codex, home, port, token });
    terminal.print(`Proxy      ${await proxyLine(port, token)}`);
    terminal.print(`Codex      ${connectionLine(connection, codex)}`);
    terminal.print(
      `Config     ${configPath(home)}${fromFile ? '' : ' (no file: the default applies)'}`,
    );
    terminal.print('Providers');
    for (const provider of configuredProviders(config).values()) {
      const mark = provider.id === config.defaultProvider ? ', the default' : '';
      terminal.print(`  ${provider.id}${mark}`);
      terminal.print(`    ${provider.wire} at ${provider.baseUrl.replace(/[?#].*$/, '')}`);
      terminal.print(`    ${credential(provider, terminal.env)}`);
    }
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
        : `connected, but to another address or in an older way; connect again (${codex})`;
    case 'dormant':
      return `not connected: another provider is chosen (${codex})`;
    case 'disconnected':
      return `not connected (${codex})`;
    case 'unreadable':
      return connection.message;
  }
}

function credential({ auth }: Provider, env: Environment): string {
  switch (auth.mode) {
    case 'forward':
      return 'relays the ChatGPT login of Codex';
    case 'oauth':
      return 'account login';
    case 'key':
      return keyState(auth, env);
  }
}

function keyState(auth: Extract<Auth, { mode: 'key' }>, env: Environment): string {
  if (auth.source === 'vault') return "API key in the editor's secret store";
  if (auth.apiKey === undefined || auth.apiKey === '') return 'no API key';
  const resolved = resolveReferences(auth.apiKey, env);
  if (!resolved.ok) return `API key: the environment variable ${resolved.variable} is not set here`;
  return resolved.value === auth.apiKey ? 'API key in config.json' : 'API key from the environment';
}
