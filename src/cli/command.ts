import type { ParseArgsOptionsConfig } from 'node:util';
import type { Terminal } from './terminal.ts';

/** One sub-command of `ocx`. */
export interface Command {
  /** As `ocx help` shows it, e.g. `start [--port N]`. */
  readonly usage: string;
  readonly summary: string;
  readonly options: ParseArgsOptionsConfig;
  /** Fails with a `CommandFailure`. */
  run(options: CommandOptions, terminal: Terminal): Promise<void>;
}

export type CommandOptions = Readonly<Record<string, string | boolean | undefined>>;
