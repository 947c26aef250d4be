import type { Environment } from '../config/home.ts';
import type { Proxy as LocalProxy, ProxyOptions } from '../proxy/proxy.ts';

/** What a sub-command may use of the world around it. */
export interface Terminal {
  readonly env: Environment;
  readonly version: string;
  /** Writes a line of the command's result. */
  print(line: string): void;
  /** Writes a line about the command: failures and logs. */
  note(line: string): void;
  /** Loads and makes the proxy, which most sub-commands do without. */
  createProxy(options: Omit<ProxyOptions, 'workerFile'>): Promise<LocalProxy>;
  /** Resolves when the user wants the command to end (SIGINT, SIGTERM). */
  asked(): Promise<void>;
}

/** A sub-command that cannot do what it was asked. The sentence is for the user. */
export class CommandFailure extends Error {}
