import { setTimeout as sleep } from 'node:timers/promises';
import { codexHome } from '../codex/home.ts';
import { leave } from '../codex/stay.ts';
import { opencodexHome } from '../config/home.ts';
import { localToken } from '../credentials/token.ts';
import { type Occupant, occupantOf } from '../proxy/identity.ts';
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
    const occupant = await occupantOf(port, token);
    if (occupant.kind === 'nobody') {
      terminal.print(`No proxy runs on port ${port}.`);
      return;
    }
    if (occupant.kind === 'foreign') {
      throw new CommandFailure(
        `Port ${port} is served by ${occupant.name ?? 'another program'}, not by your OpenCodex proxy: nothing was stopped.`,
      );
    }
    await askToStop(port, token);
    await gone(port, token, occupant);
    terminal.print(`The proxy on port ${port} has stopped.`);
    if (options['stay-connected'] === true) return;
    if ((await occupantOf(port, token)).kind === 'ours') {
      terminal.print('Another window serves in its place, so Codex stays connected.');
    } else if (await leave({ home, codexHome: codexHome(terminal.env), port, token })) {
      terminal.print('Codex has its own config back; the next start connects it again.');
    }
  },
};

async function askToStop(port: number, token: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/stop`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-opencodex-token': token },
    body: '{}',
  });
  if (!answer.ok) {
    throw new CommandFailure(`The proxy on port ${port} refused to stop (HTTP ${answer.status}).`);
  }
}

/** Waits until that process serves the port no more; another window may have taken it over. */
async function gone(
  port: number,
  token: string,
  before: Extract<Occupant, { kind: 'ours' }>,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    const now = await occupantOf(port, token);
    if (now.kind !== 'ours' || now.pid !== before.pid) return;
    await sleep(betweenLooksMs);
  }
  throw new CommandFailure(
    `The proxy on port ${port} (process ${before.pid}) agreed to stop but still runs.`,
  );
}
