import type { CodexFolders, ConnectOptions } from '../codex/connect.ts';
import { codexHome } from '../codex/home.ts';
import { type Environment, opencodexHome } from '../config/home.ts';
import { reasonOf } from '../language/reason.ts';
import type { LogLine, ProxyState } from '../link/state.ts';
import type { Command } from './command.ts';
import { portOption } from './port.ts';
import { CommandFailure } from './terminal.ts';

/** How long running turns may go on after the proxy was asked to end. */
const graceMs = 2_000;

/** Runs the proxy in the foreground until it is asked to end. */
export const start: Command = {
  usage: 'start [--port N]',
  summary: 'run the proxy in the foreground',
  options: { port: { type: 'string' }, verbose: { type: 'boolean' } },
  async run(options, terminal) {
    const asked = terminal.asked();
    const port = portOption(options);
    const home = opencodexHome(terminal.env);
    const folders = { home, codexHome: codexHome(terminal.env) };
    let arrived: Promise<ConnectOptions | undefined> | undefined;
    const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
    const log = (line: LogLine): void => {
      if (options['verbose'] === true) terminal.note(`${line.level} ${line.text}`);
    };
    log({
      level: 'info',
      text: `OpenCodex ${terminal.version}, process ${process.pid}, folder ${home}`,
    });
    const proxy = await terminal.createProxy({
      home,
      env: terminal.env,
      version: terminal.version,
      ...(port !== undefined && { port }),
      log,
      onState: (state) => {
        if (state.status === 'stopped') stop();
      },
    });
    try {
      const started = proxy.start();
      started.catch(() => undefined); // a start that was given up is nobody's failure
      const state = await Promise.race([started, asked]);
      if (state === undefined) return;
      terminal.print(ready(state));
      if (state.status === 'listening') arrived = welcome(folders, state.port, terminal.env, log);
      await Promise.race([asked, stopped]);
    } finally {
      await proxy.stop(graceMs);
      const options = await arrived;
      if (options !== undefined) await farewell(options);
    }
  },
};

/** Codex's config follows, beside the first requests: loading what that takes need not be waited for. */
async function welcome(
  folders: CodexFolders,
  port: number,
  env: Environment,
  log: (line: LogLine) => void,
): Promise<ConnectOptions | undefined> {
  try {
    const { connectOptions } = await import('../codex/connectOptions.ts');
    const { arrive } = await import('../codex/stay.ts');
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
async function farewell(options: ConnectOptions): Promise<void> {
  const { loadConfig } = await import('../config/load.ts');
  const { disconnectsOnExit, leave } = await import('../codex/stay.ts');
  const { occupantOf } = await import('../proxy/identity.ts');
  const loaded = await loadConfig(options.home);
  if (!loaded.ok || !(await disconnectsOnExit(loaded.config, options.login ?? 'none'))) return;
  if ((await occupantOf(options.port, options.token)).kind !== 'ours') await leave(options);
}

function ready(state: ProxyState): string {
  switch (state.status) {
    case 'listening':
      return `OpenCodex proxy listening on http://127.0.0.1:${state.port}/v1`;
    case 'elsewhere':
      throw new CommandFailure(
        `An OpenCodex proxy already serves port ${state.port}. Use that one, end it with "ocx stop", or give another port with --port.`,
      );
    case 'failed':
      throw new CommandFailure(state.failure.message);
    case 'starting':
    case 'stopped':
      throw new CommandFailure('The proxy was stopped while it started.');
  }
}
