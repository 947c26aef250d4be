import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { runCli } from '../../src/cli/cli.ts';
import * as codexStay from '../../src/cli/codexStay.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { Accounts } from '../../src/credentials/accounts/accounts.ts';
import type { Clock } from '../../src/credentials/logins/flow.ts';
import { Logins } from '../../src/credentials/logins/logins.ts';
import { createDispatcher } from '../../src/proxy/network.ts';
import { createProxy } from '../../src/proxy/proxy.ts';
import { webCall } from '../../src/proxy/webCall.ts';
import type { OcxRun } from './ocx.ts';
import type { Scope } from './scope.ts';
import { until } from './until.ts';

/** `ocx` in this process: all of it but its start, which takes longer than most of its work. */
export interface RunningCommand {
  readonly ended: Promise<OcxRun>;
  /** Waits until this was printed, and gives what the pattern caught. */
  prints(pattern: RegExp): Promise<string>;
  type(line: string): void;
  /** Ctrl+C. */
  interrupt(): void;
}

export interface CommandOptions {
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is piped in; without it nobody is there. */
  readonly typed?: string | undefined;
  /** The test types lines as it goes. */
  readonly typing?: boolean;
}

/** A hundred times as fast as the real one. */
const hurried: Clock = {
  now: () => performance.now() * 100,
  sleep: (ms, signal) => wait(ms / 100, undefined, { signal }).catch(() => undefined),
};

export function startCommand(
  scope: Scope,
  args: readonly string[],
  { home, env: given = {}, typed = '', typing = false }: CommandOptions,
): RunningCommand {
  const env = { HOME: home, OPENCODEX_HOME: home, CODEX_HOME: home, ...given };
  const version = '0.0.0-test';
  const lines = new Lines(typed, typing);
  let stdout = '';
  let stderr = '';
  const interrupted = Promise.withResolvers<void>();
  const call = () => {
    const authority = given['NODE_EXTRA_CA_CERTS'] ?? '';
    const certificates = authority === '' ? [] : [readFileSync(authority, 'utf8')];
    const dispatcher = createDispatcher(env, { certificates });
    scope.add(() => dispatcher.destroy());
    return webCall(dispatcher);
  };
  const terminal: Terminal = {
    env,
    version,
    print: (line) => {
      stdout += `${line}\n`;
    },
    note: (line) => {
      stderr += `${line}\n`;
    },
    readLine: () => lines.next(),
    readSecret: () => lines.next(),
    webCall: async () => call(),
    openLogins: async (folder) => {
      const own = { home: folder, version, call: call() };
      const accounts = new Accounts({ ...own, permitted: () => true });
      const logins = new Logins({ ...own, accounts, clock: hurried });
      const dispose = (): void => {
        logins.dispose();
        accounts.dispose();
      };
      return { logins, accounts, dispose };
    },
    codexStay: async () => codexStay,
    createProxy: async (options) => createProxy(options),
    asked: () => interrupted.promise,
  };
  const ended = runCli(args, terminal).then((code) => ({ code, stdout, stderr }));
  const caught = (pattern: RegExp): string | undefined => {
    const match = pattern.exec(stdout);
    return match === null ? undefined : (match[1] ?? match[0]);
  };
  return {
    ended,
    prints: (pattern) => {
      const early = ended.then(() => {
        const found = caught(pattern);
        if (found === undefined) throw new Error(`ocx ended: ${stderr}`);
        return found;
      });
      return Promise.race([until(String(pattern), () => caught(pattern)), early]);
    },
    type: (line) => lines.push(line),
    interrupt: () => interrupted.resolve(),
  };
}

/** What somebody types, line by line. */
class Lines {
  readonly #typed: string[];
  readonly #waiting: ((line: string) => void)[] = [];
  readonly #open: boolean;

  constructor(text: string, open: boolean) {
    this.#typed = text === '' ? [] : text.replace(/\n$/, '').split('\n');
    this.#open = open;
  }

  push(line: string): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#typed.push(line);
    else next(line);
  }

  async next(): Promise<string | undefined> {
    const line = this.#typed.shift();
    if (line !== undefined || !this.#open) return line;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
