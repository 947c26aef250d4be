import { parseArgs } from 'node:util';
import { reasonOf } from '../language/reason.ts';
import type { Command, CommandOptions } from './command.ts';
import { CommandFailure, type Terminal } from './terminal.ts';

/** Loaded one by one: a start of the proxy need not wait for the others. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import('./init.ts')).init,
  start: async () => (await import('./start.ts')).start,
  stop: async () => (await import('./stop.ts')).stop,
  status: async () => (await import('./status.ts')).status,
  gui: async () => (await import('./gui.ts')).gui,
  provider: async () => (await import('./provider.ts')).provider,
  models: async () => (await import('./models.ts')).models,
  login: async () => (await import('./login.ts')).login,
  logout: async () => (await import('./logout.ts')).logout,
  token: async () => (await import('./token.ts')).token,
  sync: async () => (await import('./sync.ts')).sync,
  restore: async () => (await import('./restore.ts')).restore,
  eject: async () => (await import('./restore.ts')).eject,
  doctor: async () => (await import('./doctor.ts')).doctor,
};

/** Runs `ocx` with these arguments and gives its exit code. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name = 'help', ...rest] = args;
  try {
    if (/^(help|--help|-h)$/.test(name) || rest.some((arg) => /^(--help|-h)$/.test(arg))) {
      terminal.print(await helpText());
    } else if (/^(version|--version|-v)$/.test(name)) {
      terminal.print(terminal.version);
    } else {
      const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
      if (load === undefined) throw unknownCommand(name);
      const command = await load();
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

async function helpText(): Promise<string> {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  const rows = [
    ...all.map(({ usage, summary }) => [usage, summary] as const),
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
