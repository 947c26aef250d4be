import type { AccountProvider } from '../accounts/credential.ts';

/**
 * A way to log in. `device`: a code is entered in a browser of any machine. `browser`: this machine's
 * browser comes back by itself, or the user brings what the page shows.
 */
export type LoginFlow = 'device' | 'browser';

/** Hosts by exact name, and whole domains. Only https on the usual port is ever meant. */
export interface HostPin {
  readonly hosts: readonly string[];
  readonly domains?: readonly string[];
}

export interface LoginEndpoints {
  readonly token: string;
  readonly device?: string;
  readonly authorize?: string;
  readonly revoke?: string;
  /** Its login page always names itself in what it sends back. */
  readonly namesIssuer?: boolean;
}

/**
 * What there is to know of an account login. Hosts and client ids are fixed here on purpose: nothing
 * outside of the code can change where a code or a token is sent.
 */
export interface LoginDefinition {
  readonly provider: AccountProvider;
  readonly label: string;
  /** Tried in this order, until the provider offers one. */
  readonly flows: readonly LoginFlow[];
  /** Public: the vendors' own command line programs have no secret either. */
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Asked for the endpoints, within `endpointHosts`; a missing one is taken from `endpoints`. */
  readonly issuer?: string;
  readonly endpoints: LoginEndpoints;
  /** Where login codes and refresh tokens may be sent. */
  readonly endpointHosts: HostPin;
  /** Where the user may be sent to. */
  readonly pageHosts: HostPin;
  /** Where an access token may be sent: the hosts of the API. */
  readonly apiHosts: HostPin;
  readonly browser?: BrowserRules;
  /** How the token endpoint wants its requests. */
  readonly encoding: 'form' | 'json';
  /** Whether each request carries the `X-Msh-*` headers. */
  readonly deviceHeaders: boolean;
  /** A token counts as expired this long before it is, but never for more than half of its life. */
  readonly skewMs: number;
  /** Where the account's own id is in the answer, best first. */
  readonly accountId: readonly ClaimSource[];
  readonly refresh: RefreshRules;
  readonly notice: Notice;
  /** Only with `allowAnthropicLogin` in config.json. */
  readonly needsPermission: boolean;
}

/** `access.sub`: a claim of the access token, unverified, for display and for telling accounts apart. */
export type ClaimSource =
  | `${'access' | 'refresh' | 'id'}.${'sub' | 'user_id' | 'email'}`
  | 'account.uuid';

export interface BrowserRules {
  /** As it was registered: some providers insist on the name, some on the address. */
  readonly loopbackHost: '127.0.0.1' | 'localhost';
  /** The page that shows a code to copy; without it the page of the loopback redirect does. */
  readonly manualRedirect?: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly nonce: boolean;
  /** The token endpoint wants to see the state again. */
  readonly sendsState: boolean;
  /** This page may deliver the code with a request of its own instead of a redirect. */
  readonly corsOrigin?: string;
}

export interface RefreshRules {
  /** OAuth errors, with HTTP 400 or 401, after which only a new login helps. */
  readonly terminalErrors: readonly string[];
  /** HTTP statuses that mean the same whatever the body says. */
  readonly terminalStatuses: readonly number[];
  /** How often a request whose answer was lost may be sent again; its token may be used up. */
  readonly lostReplyRetries: 0 | 1;
  /** Whether an attempt is written down before it is made, as `ocx` does for this provider. */
  readonly recordsIntent: boolean;
  /** Whether `principal_type` and `principal_id` of a team's access token go along. */
  readonly sendsPrincipal: boolean;
}

/** What the user must know before a login; asked for again when the version grows. */
export interface Notice {
  readonly version: number;
  readonly text: string;
  readonly link: string;
  /** Asked at every login, not only once. */
  readonly everyTime: boolean;
  /** Whether an API key is the way that the provider asks for. */
  readonly keyFirst: boolean;
}

const xai: LoginDefinition = {
  provider: 'xai',
  label: 'xAI',
  flows: ['device', 'browser'],
  clientId: 'b1a00492-073a-47ea-816f-4c329264a828',
  scopes: ['openid', 'profile', 'email', 'offline_access', 'grok-cli:access', 'api:access'],
  issuer: 'https://auth.x.ai',
  endpoints: {
    device: 'https://auth.x.ai/oauth2/device/code',
    token: 'https://auth.x.ai/oauth2/token',
  },
  endpointHosts: { hosts: ['auth.x.ai', 'accounts.x.ai'] },
  pageHosts: { hosts: ['auth.x.ai', 'accounts.x.ai'] },
  apiHosts: { hosts: ['api.x.ai', 'cli-chat-proxy.grok.com'] },
  browser: {
    loopbackHost: '127.0.0.1',
    // Clients that the provider does not know by their port are told to send this.
    parameters: { plan: 'generic' },
    nonce: true,
    sendsState: false,
    corsOrigin: 'https://accounts.x.ai',
  },
  encoding: 'form',
  deviceHeaders: false,
  skewMs: 120_000,
  accountId: ['access.sub', 'id.sub'],
  refresh: {
    terminalErrors: ['invalid_grant', 'invalid_client'],
    terminalStatuses: [],
    lostReplyRetries: 1,
    recordsIntent: false,
    sendsPrincipal: true,
  },
  notice: {
    version: 1,
    text: 'You will log in through the registration of xAI’s own Grok command line program, because there is none for other programs: the page says "Grok Build". xAI has named a few programs that may use a Grok subscription; OpenCodex is not among them. An API key has no such limits.',
    link: 'https://x.ai/legal/acceptable-use-policy',
    everyTime: false,
    keyFirst: false,
  },
  needsPermission: false,
};

const kimi: LoginDefinition = {
  provider: 'kimi',
  label: 'Kimi',
  flows: ['device'],
  clientId: '17e5f671-d194-4dfb-9706-5516cb48c098',
  scopes: [],
  endpoints: {
    device: 'https://auth.kimi.com/api/oauth/device_authorization',
    token: 'https://auth.kimi.com/api/oauth/token',
  },
  endpointHosts: { hosts: ['auth.kimi.com', 'auth.kimi.ai'] },
  pageHosts: { hosts: [], domains: ['kimi.com', 'kimi.ai'] },
  apiHosts: { hosts: ['api.kimi.com', 'api.kimi.ai'] },
  encoding: 'form',
  deviceHeaders: true,
  skewMs: 300_000,
  accountId: ['access.user_id', 'refresh.user_id', 'access.sub', 'refresh.sub'],
  refresh: {
    terminalErrors: ['invalid_grant'],
    terminalStatuses: [401, 403],
    lostReplyRetries: 1,
    recordsIntent: false,
    sendsPrincipal: false,
  },
  notice: {
    version: 1,
    text: 'Kimi lets members use other programs for themselves, but asks that these use an API key. This login goes through the registration of Kimi’s own command line program, because there is none for other programs. OpenCodex gives its own name with every request, and Kimi may refuse it.',
    link: 'https://www.kimi.com/code/docs',
    everyTime: false,
    keyFirst: true,
  },
  needsPermission: false,
};

const anthropic: LoginDefinition = {
  provider: 'anthropic',
  label: 'Anthropic',
  flows: ['browser'],
  clientId: '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
  scopes: ['user:profile', 'user:inference'],
  endpoints: {
    authorize: 'https://claude.ai/oauth/authorize',
    token: 'https://platform.claude.com/v1/oauth/token',
  },
  endpointHosts: { hosts: ['platform.claude.com'] },
  pageHosts: { hosts: ['claude.ai'] },
  apiHosts: { hosts: ['api.anthropic.com'] },
  browser: {
    loopbackHost: 'localhost',
    manualRedirect: 'https://platform.claude.com/oauth/code/callback',
    parameters: { code: 'true' },
    nonce: false,
    sendsState: true,
  },
  encoding: 'json',
  deviceHeaders: false,
  skewMs: 300_000,
  accountId: ['account.uuid'],
  refresh: {
    terminalErrors: ['invalid_grant'],
    terminalStatuses: [],
    lostReplyRetries: 0,
    recordsIntent: true,
    sendsPrincipal: false,
  },
  notice: {
    version: 1,
    text: 'Anthropic says that programs other than its own may not offer a Claude login or keep its tokens. It has blocked such use, and may limit your account without notice. The way that Anthropic allows is an API key.',
    link: 'https://code.claude.com/docs/en/legal-and-compliance',
    everyTime: true,
    keyFirst: true,
  },
  needsPermission: true,
};

/** The account logins that there are. */
export const loginDefinitions: Readonly<Record<AccountProvider, LoginDefinition>> = {
  xai,
  kimi,
  anthropic,
};
