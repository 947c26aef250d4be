import {
  type AccountProvider,
  accountProviders,
  isAccountProvider,
} from '../../credentials/accounts/credential.ts';
import { loginDefinitions } from '../../credentials/logins/definitions.ts';
import type { LoginSession, LoginState } from '../../credentials/logins/loginSession.ts';
import { loginsApi } from '../../link/api/loginsApi.ts';
import { answer, type Outcome, type Route, refuse, route } from './route.ts';
import type { ApiServices } from './services.ts';

export function loginRoutes(services: ApiServices): readonly Route[] {
  const { accounts } = services;
  /** The newest of each provider, also when it is over: somebody asks how it ended. */
  const sessions = new Map<AccountProvider, LoginSession>();

  const view = (name: string): Outcome<LoginView> => {
    if (!isAccountProvider(name)) return unknownLogin(name);
    const session = sessions.get(name);
    return session === undefined
      ? refuse(404, `No login to ${loginDefinitions[name].label} was started here. Start it again.`)
      : answer(viewOf(name, session.state));
  };

  return [
    route('GET /api/oauth/providers', loginsApi['GET /api/oauth/providers'], async () => {
      const logins = await services.logins();
      const listed = await accounts.list();
      if (!listed.ok) return refuse(500, listed.problem.message);
      const providers = accountProviders.map(async (id) => {
        const { label, flows, notice } = loginDefinitions[id];
        const known = listed.accounts.find(({ provider, active }) => provider === id && active);
        return {
          id,
          label,
          flows,
          notice,
          forbidden: await logins.forbidden(id),
          loggedIn: known !== undefined,
          account: known?.email ?? known?.accountId,
          needsLogin: known?.needsLogin ?? false,
        };
      });
      return answer({ providers: await Promise.all(providers) });
    }),
    route('POST /api/oauth/login', loginsApi['POST /api/oauth/login'], async (input) => {
      const { provider, acceptedNotice, remote = false, browser = false } = input;
      if (!isAccountProvider(provider)) return unknownLogin(provider);
      const logins = await services.logins();
      const started = await logins.start(provider, { remote, browser, acceptedNotice });
      if (!started.ok) return refuse(409, started.message);
      sessions.set(provider, started.session);
      await settled(started.session);
      return view(provider);
    }),
    route('GET /api/oauth/status', loginsApi['GET /api/oauth/status'], ({ provider }) =>
      view(provider),
    ),
    route('POST /api/oauth/paste', loginsApi['POST /api/oauth/paste'], ({ provider, text }) => {
      if (!isAccountProvider(provider)) return unknownLogin(provider);
      const pasted = sessions.get(provider)?.paste(text);
      return pasted?.ok === false ? refuse(400, pasted.message) : view(provider);
    }),
    route(
      'POST /api/oauth/save',
      loginsApi['POST /api/oauth/save'],
      async ({ provider, replace }) => {
        const session = isAccountProvider(provider) ? sessions.get(provider) : undefined;
        if (session?.state.kind === 'unsaved') {
          await session.save(replace ? session.state.consent : {});
        }
        return view(provider);
      },
    ),
    route('POST /api/oauth/cancel', loginsApi['POST /api/oauth/cancel'], ({ provider }) => {
      if (isAccountProvider(provider)) sessions.get(provider)?.cancel();
      return view(provider);
    }),
    route('POST /api/oauth/logout', loginsApi['POST /api/oauth/logout'], async ({ provider }) => {
      if (!isAccountProvider(provider)) return unknownLogin(provider);
      const { ok, message } = await (await services.logins()).logout(provider);
      return ok ? answer({ message }) : refuse(500, message);
    }),
  ];
}

type LoginView = ReturnType<typeof viewOf>;

function viewOf(provider: AccountProvider, state: LoginState) {
  const plain = { provider, canPaste: false };
  switch (state.kind) {
    case 'starting':
    case 'finishing':
    case 'cancelled':
      return { ...plain, status: state.kind };
    case 'device': {
      const url = state.urlWithCode ?? state.url;
      return { ...plain, status: 'waiting' as const, url, userCode: state.code };
    }
    case 'browser': {
      const { url, manualUrl } = state;
      return { provider, canPaste: true, status: 'waiting' as const, url, manualUrl };
    }
    case 'unsaved': {
      const { message, consent } = state;
      return { ...plain, status: state.kind, message, replaces: consent !== undefined };
    }
    case 'failed':
      return { ...plain, status: state.kind, message: state.message };
    case 'done':
      return { ...plain, status: state.kind, account: state.account, message: state.note };
  }
}

/** The first answer should say what the user has to do, so it waits for the first step. */
function settled(session: LoginSession): Promise<void> {
  if (session.state.kind !== 'starting') return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const forget = session.onChange(() => {
    forget();
    resolve();
  });
  void session.done.then(() => resolve());
  return promise;
}

function unknownLogin(name: string): Extract<Outcome<never>, { ok: false }> {
  return refuse(404, `There is no account login to "${name}".`);
}
