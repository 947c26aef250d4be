import { parseArgs } from 'node:util';
import { reasonOf } from '../turn/reason.ts';
import type { Command, CommandOptions } from './command.ts';
import { doctor } from './doctor.ts';
import { gui } from './gui.ts';
import { init } from './init.ts';
import { login } from './login.ts';
import { logout } from './logout.ts';
import { models } from './models.ts';
import { provider } from './provider.ts';
import { eject, restore } from './restore.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';
import { sync } from './sync.ts';
import { CommandFailure, type Terminal } from './terminal.ts';
import { token } from './token.ts';

const commands: Readonly<Record<string, Command>> = {
  init,
  start,
  stop,
  status,
  gui,
  provider,
  models,
  login,
  logout,
  token,
  sync,
  restore,
  eject,
  doctor,
};

/** Runs `ocx` with these arguments and gives its exit code. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name = 'help', ...rest] = args;
  try {
    if (/^(help|--help|-h)$/.test(name) || rest.some((arg) => /^(--help|-h)$/.test(arg))) {
      terminal.print(helpText());
    } else if (/^(version|--version|-v)$/.test(name)) {
      terminal.print(terminal.version);
    } else {
      const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
      if (command === undefined) throw unknownCommand(name);
      const { options, positionals } = parsed(name, command, rest);
      await command.run(options, terminal, positionals);
    }
    return 0;
  } catch (thrown) {
    terminal.note(`ocx: ${reasonOf(thrown)}`);
    return 1;
  }
}

function unknownCommand(name: string): CommandFailure {
  return new CommandFailure(
    `there is no command "${name}". The commands are ${Object.keys(commands).join(', ')} and help.`,
  );
}

interface Parsed {
  readonly options: CommandOptions;
  readonly positionals: readonly string[];
}

function parsed(name: string, command: Command, args: readonly string[]): Parsed {
  const misused = new CommandFailure(
    `that is not how to use ${name}. Write "ocx ${command.usage}".`,
  );
  const { min, max } = command.positionals ?? { min: 0, max: 0 };
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: command.options,
      allowPositionals: max > 0,
      strict: true,
    });
    if (positionals.length < min || positionals.length > max) throw misused;
    const options = Object.fromEntries(
      Object.entries(values).map(([option, value]) => [
        option,
        Array.isArray(value) ? value.at(-1) : value,
      ]),
    );
    return { options, positionals };
  } catch {
    throw misused;
  }
}

function helpText(): string {
  const rows = [
    ...Object.values(commands).map(({ usage, summary }) => [usage, summary] as const),
    ['help', 'show this help'] as const,
    ['--version', 'print the version'] as const,
  ];
  const width = Math.max(...rows.map(([usage]) => usage.length));
  return [
    'OpenCodex: use Codex with any model, through a proxy on this machine.',
    '',
    'Usage: ocx <command>',
    '',
    ...rows.map(([usage, summary]) => `  ${usage.padEnd(width)}   ${summary}`),
    '',
    'start takes --verbose, which logs to stderr. OPENCODEX_HOME names the folder of config.json',
    '(default ~/.opencodex), CODEX_HOME that of Codex (default ~/.codex).',
  ].join('\n');
}
