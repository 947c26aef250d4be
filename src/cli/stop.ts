import { setTimeout as sleep } from 'node:timers/promises';
import { codexHome } from '../codex/home.ts';
import { leave } from '../codex/stay.ts';
import { opencodexHome } from '../config/home.ts';
import { localToken } from '../credentials/token.ts';
import { occupantOf } from '../proxy/identity.ts';
import { connectPeer, type Peer } from '../proxy/peer.ts';
import type { Command } from './command.ts';
import { expectedPort } from './port.ts';
import { CommandFailure } from './terminal.ts';

/** Running turns get a little time to end. */
const patienceMs = 10_000;
const betweenLooksMs = 50;

/** Asks the running proxy to end, once it has shown that it is this user's OpenCodex. */
export const stop: Command = {
  usage: 'stop [--port N] [--stay-connected]',
  summary: 'stop the proxy, and give Codex back until the next start',
  options: { port: { type: 'string' }, 'stay-connected': { type: 'boolean' } },
  async run(options, terminal) {
    const home = opencodexHome(terminal.env);
    const port = await expectedPort(options, home);
    const token = await localToken(home);
    const found = await connectPeer(port, token);
    if (found.kind === 'nobody') {
      terminal.print(`No proxy runs on port ${port}.`);
      return;
    }
    if (found.kind === 'foreign') {
      throw new CommandFailure(
        `Port ${port} is served by ${found.name ?? 'another program'}, not by your OpenCodex proxy: nothing was stopped.`,
      );
    }
    await askToStop(port, found.peer);
    await gone(port, token, found.pid);
    terminal.print(`The proxy on port ${port} has stopped.`);
    if (options['stay-connected'] === true) return;
    if ((await occupantOf(port, token)).kind === 'ours') {
      terminal.print('Another window serves in its place, so Codex stays connected.');
    } else if (await leave({ home, codexHome: codexHome(terminal.env), port, token })) {
      terminal.print('Codex has its own config back; the next start connects it again.');
    }
  },
};

/** On the connection on which it has shown who it is: nobody else gets to see the token. */
async function askToStop(port: number, peer: Peer): Promise<void> {
  try {
    const { status } = await peer.call({ method: 'POST', path: '/api/stop', body: {} });
    if (status === 200) return;
    throw new CommandFailure(`The proxy on port ${port} refused to stop (HTTP ${status}).`);
  } finally {
    peer.close();
  }
}

/** Waits until that process serves the port no more; another window may have taken it over. */
async function gone(port: number, token: string, pid: number): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    const now = await occupantOf(port, token);
    if (now.kind !== 'ours' || now.pid !== pid) return;
    await sleep(betweenLooksMs);
  }
  throw new CommandFailure(
    `The proxy on port ${port} (process ${pid}) agreed to stop but still runs.`,
  );
}
