import { opencodexHome } from '../config/home.ts';
import { accountProviders } from '../credentials/accounts/credential.ts';
import { accountArgument } from './accountArgument.ts';
import type { Command } from './command.ts';
import { CommandFailure } from './terminal.ts';

/** Deletes an account login, and has the provider withdraw it where that is possible. */
export const logout: Command = {
  usage: `logout <${accountProviders.join('|')}>`,
  summary: 'delete an account login',
  options: {},
  positionals: { min: 1, max: 1 },
  async run(_options, terminal, [name = '']) {
    const provider = accountArgument(name);
    const { logins, dispose } = await terminal.openLogins(opencodexHome(terminal.env));
    try {
      const { ok, message } = await logins.logout(provider);
      if (!ok) throw new CommandFailure(message);
      terminal.print(message);
    } finally {
      dispose();
    }
  },
};
