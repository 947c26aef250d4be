import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Accounts } from '../../../src/credentials/accounts/accounts.ts';
import type { AccountProvider } from '../../../src/credentials/accounts/credential.ts';
import { loginDefinitions } from '../../../src/credentials/logins/definitions.ts';
import type { Clock } from '../../../src/credentials/logins/flow.ts';
import type {
  LoginOptions,
  LoginSession,
  LoginState,
} from '../../../src/credentials/logins/loginSession.ts';
import { Logins } from '../../../src/credentials/logins/logins.ts';
import { createDispatcher } from '../../../src/proxy/network.ts';
import { webCall } from '../../../src/proxy/webCall.ts';
import { writeConfig } from '../../support/configFile.ts';
import { type IdentityProvider, startIdentityProvider } from '../../support/identityProvider.ts';
import type { Scope } from '../../support/scope.ts';

/** The product's logins in this process, on a network in which the fakes have the real names. */
export interface LoginSetUp {
  readonly idp: IdentityProvider;
  readonly home: string;
  readonly logins: Logins;
  readonly accounts: Accounts;
  start(provider: AccountProvider, options?: Partial<LoginOptions>): Promise<LoginSession>;
  /** The stored logins; `undefined` without a file. */
  stored(): Readonly<Record<string, unknown>> | undefined;
}

/** A hundred times as fast as the real one. */
const hurried: Clock = {
  now: () => performance.now() * 100,
  sleep: (ms, signal) => wait(ms / 100, undefined, { signal }).catch(() => undefined),
};

export async function setUpLogins(
  scope: Scope,
  {
    clock = hurried,
    config = { allowAnthropicLogin: true },
  }: { clock?: Clock; config?: object } = {},
): Promise<LoginSetUp> {
  const idp = await startIdentityProvider(scope);
  const home = scope.directory('home');
  writeConfig(home, config);
  const dispatcher = createDispatcher(
    {},
    {
      proxy: idp.proxy.url,
      certificates: [readFileSync(idp.proxy.env.NODE_EXTRA_CA_CERTS, 'utf8')],
    },
  );
  scope.add(() => dispatcher.destroy());
  const call = webCall(dispatcher);
  const accounts = new Accounts({ home, version: '1.2.3', call, permitted: () => true });
  scope.add(() => accounts.dispose());
  const logins = new Logins({ home, version: '1.2.3', call, accounts, clock });
  scope.add(() => logins.dispose());
  return {
    idp,
    home,
    logins,
    accounts,
    start: async (provider, options = {}) => {
      const started = await logins.start(provider, {
        acceptedNotice: loginDefinitions[provider].notice.version,
        remote: false,
        ...options,
      });
      if (!started.ok) throw new Error(started.message);
      return started.session;
    },
    stored: () => {
      try {
        return JSON.parse(readFileSync(join(home, 'auth.json'), 'utf8'));
      } catch {
        return undefined;
      }
    },
  };
}

/** Waits until a login is at this point; fails where it ends before. */
export async function reaches<K extends LoginState['kind']>(
  session: LoginSession,
  kind: K,
): Promise<Extract<LoginState, { kind: K }>> {
  const isThere = (state: LoginState): state is Extract<LoginState, { kind: K }> =>
    state.kind === kind;
  const { promise, resolve, reject } = Promise.withResolvers<Extract<LoginState, { kind: K }>>();
  const look = (state: LoginState): void => {
    if (isThere(state)) resolve(state);
  };
  look(session.state);
  session.onChange(look);
  void session.done.then((end) => reject(new Error(`the login ended: ${JSON.stringify(end)}`)));
  return await promise;
}
