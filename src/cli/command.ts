import type { ParseArgsOptionsConfig } from 'node:util';
import type { Terminal } from './terminal.ts';

/** One sub-command of `ocx`. */
export interface Command {
  /** As `ocx help` shows it, e.g. `start [--port N]`. */
  readonly usage: string;
  readonly summary: string;
  readonly options: ParseArgsOptionsConfig;
  /** How many arguments without dashes it takes; default none.. */
  readonly positionals?: { readonly min: number; readonly max: number };
  /** Fails with a `CommandFailure`. */
  run(options: CommandOptions, terminal: Terminal, positionals: readonly string[]): Promise<void>;
}

export type CommandOptions = Readonly<Record<string, string | boolean | undefined>>;
