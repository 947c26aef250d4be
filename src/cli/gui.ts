import { execFile } from 'node:child_process';
import * as z from 'zod/mini';
import { opencodexHome } from '../config/home.ts';
import { localToken } from '../credentials/token.ts';
import { connectPeer } from '../proxy/peer.ts';
import type { Command } from './command.ts';
import { expectedPort } from './port.ts';
import { CommandFailure } from './terminal.ts';

/** Opens the dashboard of the proxy that runs, in a browser of this machine. */
export const gui: Command = {
  usage: 'gui [--no-open] [--port N]',
  summary: 'the dashboard in a browser',
  options: { 'no-open': { type: 'boolean' }, port: { type: 'string' } },
  async run(options, terminal) {
    const home = opencodexHome(terminal.env);
    const port = await expectedPort(options, home);
    const code = await newCode(port, await localToken(home));
    const url = `http://127.0.0.1:${port}/gui/?code=${code}`;
    if (options['no-open'] === true || !(await opened(url))) {
      terminal.print(url);
      terminal.note('Open this link within a minute; it works once, and on this machine only.');
    } else {
      terminal.print('The dashboard opens in your browser.');
    }
  },
};

const answerSchema = z.object({ code: z.string().check(z.regex(/^[\w-]{20,100}$/)) });

async function newCode(port: number, token: string): Promise<string> {
  const found = await connectPeer(port, token);
  if (found.kind !== 'ours') {
    const why =
      found.kind === 'nobody'
        ? `nothing answers on port ${port}`
        : `port ${port} is served by ${found.name ?? 'another program'}`;
    throw new CommandFailure(
      `the proxy does not run: ${why}. Open an editor window, or run "ocx start".`,
    );
  }
  try {
    const reply = await found.peer.call({ method: 'POST', path: '/api/gui/code', body: {} });
    const answer = answerSchema.safeParse(reply.body);
    if (reply.status === 200 && answer.success) return answer.data.code;
    throw new CommandFailure(
      `the proxy of version ${found.version} has no dashboard for browsers. Restart the editor windows, or the older ocx.`,
    );
  } finally {
    found.peer.close();
  }
}

/** The program that opens an address as the user's choice of browser is; none of them is a shell. */
function opener(url: string): readonly [string, readonly string[]] {
  switch (process.platform) {
    case 'darwin':
      return ['open', [url]];
    case 'win32':
      return ['rundll32', ['url.dll,FileProtocolHandler', url]];
    default:
      return ['xdg-open', [url]];
  }
}

function opened(url: string): Promise<boolean> {
  const [program, args] = opener(url);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  execFile(program, args, { timeout: 10_000 }, (error) => resolve(error === null));
  return promise;
}
