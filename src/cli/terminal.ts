import type { Environment } from '../config/home.ts';
import type { Accounts } from '../credentials/accounts/accounts.ts';
import type { Logins } from '../credentials/logins/logins.ts';
import type { WebCall } from '../providers/webCall.ts';
import type { Proxy as LocalProxy } from '../proxy/proxy.ts';
import type { ProxyOptions } from '../proxy/proxyOptions.ts';

/** What a sub-command may use of the world around it. */
export interface Terminal {
  readonly env: Environment;
  readonly version: string;
  /** Writes a line of the command's result. */
  print(line: string): void;
  /** Writes a line about the command: failures and logs. */
  note(line: string): void;
  /** The next line that is typed or piped in; `undefined` where there are no more. */
  readLine(): Promise<string | undefined>;
  /** The same, but what is typed is not shown. */
  readSecret(): Promise<string | undefined>;
  /** Loads what asks the services of providers over the network. */
  webCall(): Promise<WebCall>;
  /** Loads the account logins of OpenCodex's folder; they are disposed of at the end. */
  openLogins(home: string): Promise<OpenLogins>;
  /** Loads what a proxy does to Codex's config when it begins to serve, and when it ends. */
  codexStay(): Promise<typeof import('./codexStay.ts')>;
  /** Loads and makes the proxy, which most sub-commands do without. */
  createProxy(options: Omit<ProxyOptions, 'workerFile'>): Promise<LocalProxy>;
  /** Resolves when the user wants the command to end (SIGINT, SIGTERM). */
  asked(): Promise<void>;
}

export interface OpenLogins {
  readonly logins: Logins;
  readonly accounts: Accounts;
  dispose(): void;
}

/** A sub-command that cannot do what it was asked. The sentence is for the user. */
export class CommandFailure extends Error {}
