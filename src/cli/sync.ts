import { connectCodex } from '../codex/connect.ts';
import { connectOptions } from '../codex/connectOptions.ts';
import { codexHome } from '../codex/home.ts';
import { loopbackRemedy, proxiesLoopback } from '../codex/loopbackProxy.ts';
import { opencodexHome } from '../config/home.ts';
import { occupantOf } from '../proxy/identity.ts';
import type { Command } from './command.ts';
import { expectedPort } from './port.ts';
import { CommandFailure } from './terminal.ts';

/** Connects Codex, or brings its config up to date. */
export const sync: Command = {
  usage: 'sync [--port N]',
  summary: 'connect Codex, or bring its config up to date',
  options: { port: { type: 'string' } },
  async run(options, { env, print, note }) {
    const home = opencodexHome(env);
    const port = await expectedPort(options, home);
    const connection = await connectOptions({ home, codexHome: codexHome(env) }, port, env);
    const outcome = await connectCodex(connection);
    if (!outcome.ok) throw new CommandFailure(outcome.message);
    print(
      outcome.changed
        ? `Codex is connected: ${outcome.path} names the proxy. Restart Codex where it is running.`
        : `Codex is connected already, and ${outcome.path} is up to date.`,
    );
    for (const warning of outcome.warnings) note(warning);
    if (proxiesLoopback(env)) note(loopbackRemedy);
    const { kind } = await occupantOf(port, connection.token);
    if (kind !== 'ours') {
      note(`No proxy runs on port ${port} yet: open VS Code, or run "ocx start".`);
    }
  },
};
