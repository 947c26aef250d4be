import type { ConnectOptions } from '../codex/connect.ts';
import { codexHome } from '../codex/home.ts';
import { opencodexHome } from '../config/home.ts';
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
    const stay = await terminal.codexStay();
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
      if (state.status === 'listening') {
        // Beside the first requests, which need not wait for Codex's config.
        arrived = stay.welcome(folders, state.port, terminal.env, log);
      }
      await Promise.race([asked, stopped]);
    } finally {
      await proxy.stop(graceMs);
      const options = await arrived;
      if (options !== undefined) await stay.farewell(options);
    }
  },
};

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
