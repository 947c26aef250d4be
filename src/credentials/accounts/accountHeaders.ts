import type { Provider } from '../../providers/provider.ts';
import { type TurnError, turnError } from '../../turn/error.ts';
import { joinedHeaders } from '../joinedHeaders.ts';
import { type LoginDefinition, loginDefinitions } from '../logins/definitions.ts';
import { isPinned } from '../logins/hostPin.ts';
import { identityHeaders } from '../logins/identity.ts';
import { refusedProgram, refusesToken } from '../logins/refusals.ts';
import {
  type CredentialSources,
  type UpstreamHeaders,
  upstreamHeaders,
} from '../upstreamHeaders.ts';
import type { Accounts, AccountToken } from './accounts.ts';
import { accountProviders, isAccountProvider } from './credential.ts';

type Sources = Pick<CredentialSources, 'env' | 'vault' | 'token' | 'version'> & {
  /** OpenCodex's own folder. */
  readonly home: string;
};

/** What an API wants to see beside an account's token, by host. */
const hostHeaders = new Map<string, (version: string) => Readonly<Record<string, string>>>([
  ['api.anthropic.com', () => ({ 'anthropic-beta': 'oauth-2025-04-20' })],
  // The quota of a subscription.
  [
    'cli-chat-proxy.grok.com',
    (version) => ({
      'x-xai-token-auth': 'xai-grok-cli',
      'x-authenticateresponse': 'authenticate-response',
      'x-grok-client-version': version,
      'x-grok-client-identifier': 'opencodex-vscode',
    }),
  ],
]);

/** A key of the user's entry must not travel beside a token. */
const keyHeaders = new Set(['authorization', 'x-api-key', 'api-key', 'x-goog-api-key']);

/**
 * The headers of a provider with an account login; `undefined` where it has none. Where a token may
 * go is fixed in code: a changed base URL gets nothing.
 */
export function accountHeaders(
  provider: Provider,
  accounts: Pick<Accounts, 'token' | 'refused'>,
  sources: Sources,
): Promise<UpstreamHeaders> | undefined {
  return provider.auth.mode === 'oauth' ? headersOf(provider, accounts, sources) : undefined;
}

async function headersOf(
  provider: Provider,
  accounts: Pick<Accounts, 'token' | 'refused'>,
  sources: Sources,
): Promise<UpstreamHeaders> {
  const definition = definitionOf(provider);
  if (definition === undefined) {
    return refuse(
      'auth',
      `${provider.label}: OpenCodex knows no account login for provider "${provider.id}" at ${provider.baseUrl}. Use an API key: set "authMode": "key".`,
    );
  }
  if (!isPinned(provider.baseUrl, definition.apiHosts)) {
    return refuse(
      'rejected',
      `${provider.label}: your ${definition.label} login is only ever sent to ${definition.apiHosts.hosts.join(', ')}. Restore "baseUrl" of provider "${provider.id}", or use "authMode": "key".`,
    );
  }
  const keyless = { mode: 'key', header: 'bearer', apiKey: undefined, source: 'config' } as const;
  const own = upstreamHeaders({ ...provider, auth: keyless }, {}, sources);
  if (!own.ok) return own;
  const kept = Object.entries(own.headers).filter(([name]) => !keyHeaders.has(name));
  const hostname = URL.parse(provider.baseUrl)?.hostname ?? '';
  const headers = joinedHeaders(
    { ...(await identityHeaders(definition, sources)), ...Object.fromEntries(kept) },
    hostHeaders.get(hostname)?.(sources.version),
  );
  const answer = (token: AccountToken, renew: boolean): UpstreamHeaders =>
    token.ok
      ? {
          ok: true,
          headers: { ...headers, authorization: `Bearer ${token.token}` },
          secrets: [...own.secrets, token.token],
          authenticated: true,
          explain: (error, status, body) => explained(error, definition, status, body),
          ...(renew && {
            renew: async () =>
              answer(await accounts.refused(definition.provider, token.generation), false),
          }),
        }
      : token;
  return answer(await accounts.token(definition.provider), true);
}

/** By its name, which is also that of its entry in auth.json; else by its address. */
export function definitionOf({ id, baseUrl }: Provider): LoginDefinition | undefined {
  if (isAccountProvider(id)) return loginDefinitions[id];
  const name = accountProviders.find((known) =>
    isPinned(baseUrl, loginDefinitions[known].apiHosts),
  );
  return name && loginDefinitions[name];
}

/** A refused token may be renewed; a provider that does not want this program will not change its mind. */
function explained(
  error: TurnError,
  { provider }: LoginDefinition,
  status: number,
  body: string,
): TurnError {
  if (refusesToken(provider, status, body)) return { ...error, kind: 'auth' };
  const message = refusedProgram(provider, status, body);
  return message === undefined ? error : { ...error, kind: 'permission', message };
}

function refuse(kind: TurnError['kind'], message: string): UpstreamHeaders {
  return { ok: false, error: turnError(kind, message) };
}
