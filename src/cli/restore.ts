import { disconnectCodex } from '../codex/connect.ts';
import { codexHome } from '../codex/home.ts';
import { forgetReturn } from '../codex/stay.ts';
import { opencodexHome } from '../config/home.ts';
import type { Command } from './command.ts';
import { CommandFailure } from './terminal.ts';

/** Gives Codex its own config back. */
export const restore: Command = {
  usage: 'restore [--keep-threads]',
  summary: 'disconnect Codex (also: eject)',
  options: { 'keep-threads': { type: 'boolean' } },
  async run(options, { env, print }) {
    const folders = { home: opencodexHome(env), codexHome: codexHome(env) };
    const keepProvider = options['keep-threads'] === true;
    const outcome = await disconnectCodex({ ...folders, keepProvider });
    if (!outcome.ok) throw new CommandFailure(outcome.message);
    await forgetReturn(folders);
    if (!outcome.changed) {
      print(`${outcome.path} holds nothing to take back.`);
      return;
    }
    print(
      keepProvider
        ? `Codex is disconnected. The provider of OpenCodex stays in ${outcome.path}, unused: threads made through it can be opened while the proxy runs.`
        : `Codex is disconnected, and ${outcome.path} is as it was. Threads made through OpenCodex can be opened after "ocx sync", or when you restore with --keep-threads.`,
    );
  },
};

/** The same by its other name. */
export const eject: Command = {
  ...restore,
  usage: 'eject [--keep-threads]',
  summary: 'the same as restore',
};
