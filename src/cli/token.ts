import { opencodexHome } from '../config/home.ts';
import { localToken } from '../credentials/token.ts';
import type { Command } from './command.ts';

/** Prints the local access token, which is made at the first use. */
export const token: Command = {
  usage: 'token',
  summary: 'print the local access token',
  options: {},
  async run(_options, terminal) {
    terminal.print(await localToken(opencodexHome(terminal.env)));
  },
};
