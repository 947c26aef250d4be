import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Accounts, type AccountsOptions } from '../../../src/credentials/accounts/accounts.ts';
import type { Clock } from '../../../src/credentials/accounts/clock.ts';
import { testScope } from '../../support/scope.ts';
import { TokenEndpoint } from '../../support/tokenEndpoint.ts';

/** Time that passes only when somebody sleeps, or when the test says so. */
export class FakeClock implements Clock {
  ms = Date.now();
  slept: number[] = [];
  /** What happens while somebody sleeps. */
  onSleep: (ms: number) => void = () => {};

  now(): number {
    return this.ms;
  }

  async sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    this.ms += ms;
    this.onSleep(ms);
  }
}

/** OpenCodex's folder with an auth.json, a login service and the accounts over both. */
export class AccountsFolder {
  readonly home: string;
  readonly endpoint = new TokenEndpoint();
  readonly clock = new FakeClock();
  readonly accounts: Accounts;

  constructor(t: TestContext, options: Partial<AccountsOptions> = {}) {
    const scope = testScope(t);
    this.home = join(scope.directory('accounts'), 'home');
    mkdirSync(this.home, { mode: 0o700 });
    this.accounts = this.another(options);
    scope.add(() => this.accounts.dispose());
  }

  /** As another window has them. */
  another(options: Partial<AccountsOptions> = {}): Accounts {
    return new Accounts({
      home: this.home,
      version: '1.2.3',
      call: this.endpoint.call,
      permitted: () => true,
      clock: this.clock,
      ...options,
    });
  }

  get path(): string {
    return join(this.home, 'auth.json');
  }

  write(file: unknown): void {
    const text = typeof file === 'string' ? file : `${JSON.stringify(file, null, 2)}\n`;
    writeFileSync(this.path, text, { mode: 0o600 });
  }

  text(): string {
    return readFileSync(this.path, 'utf8');
  }

  read(): unknown {
    return JSON.parse(this.text());
  }
}
