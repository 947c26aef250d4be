import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectProxy, startConnectProxy } from './connectProxy.ts';
import { type BrandName, brands, type Endpoint, hosts, places } from './identityBrands.ts';
import { serveIn } from './listen.ts';
import type { Scope } from './scope.ts';
import { challengeOf, TokenLedger } from './tokenLedger.ts';

/** What an endpoint answers instead of what it would. */
export type Staged =
  | { readonly status: number; readonly body: string | object; readonly headers?: object }
  /** The request is handled, but its answer never arrives. */
  | 'lose'
  /** No answer until the test is over. */
  | 'hang'
  | { readonly delayMs: number };

export interface SeenCall {
  readonly endpoint: Endpoint;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
  /** Monotonic, in milliseconds. */
  readonly at: number;
}

/** The login services of xAI, Kimi and Anthropic, under their own names through a proxy. */
export interface IdentityProvider {
  readonly proxy: ConnectProxy;
  /** What it was asked, in order. */
  readonly calls: readonly SeenCall[];
  /** What a well-behaved client would not have sent. */
  readonly faults: readonly string[];
  readonly tokens: TokenLedger;
  /** Changed at will by the test. */
  readonly settings: Settings;
  /** The next answers of an endpoint. */
  stage(endpoint: Endpoint, ...answers: Staged[]): void;
  /** What the user does with the code that a device shows; `later`: nothing for now. */
  decide(decision: 'approve' | 'deny' | 'later'): void;
  /** What the user's browser does with the address of a login page; gives where it is sent then. */
  visit(url: string, decision?: 'approve' | 'deny'): Promise<URL>;
  count(endpoint: Endpoint): number;
}

export interface Settings {
  intervalS: number;
  deviceLifetimeS: number;
  tokenLifetimeS: number;
  withRefreshToken: boolean;
  withRevocation: boolean;
  /** Merged into these answers. */
  discovery: object;
  device: object;
  token: object;
}

interface Grant {
  readonly client: string;
  readonly challenge: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string | null;
}

const fixture = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));

/** What the service refuses, as OAuth says it. */
class Refusal extends Error {
  readonly status: number;
  readonly error: string;
  constructor(error: string, status = 400) {
    super(error);
    this.error = error;
    this.status = status;
  }
}

/** `elsewhere` names the port of this machine for hosts that are not login services. */
export async function startIdentityProvider(
  scope: Scope,
  elsewhere: (host: string) => number | undefined = () => undefined,
): Promise<IdentityProvider> {
  const calls: SeenCall[] = [];
  const faults: string[] = [];
  const tokens = new TokenLedger();
  const staged = new Map<Endpoint, Staged[]>();
  const devices = new Map<string, BrandName>();
  const codes = new Map<string, Grant>();
  const over = new AbortController();
  let decision: 'approve' | 'deny' | undefined;
  const settings: Settings = {
    intervalS: 1,
    deviceLifetimeS: 600,
    tokenLifetimeS: 21_600,
    withRefreshToken: true,
    withRevocation: false,
    discovery: {},
    device: {},
    token: {},
  };

  function fault(what: string): never {
    faults.push(what);
    throw new Refusal('invalid_request');
  }

  function discovery(): object {
    return {
      issuer: 'https://auth.x.ai',
      authorization_endpoint: 'https://auth.x.ai/oauth2/authorize',
      device_authorization_endpoint: 'https://auth.x.ai/oauth2/device/code',
      token_endpoint: 'https://auth.x.ai/oauth2/token',
      ...(settings.withRevocation && { revocation_endpoint: 'https://auth.x.ai/oauth2/revoke' }),
      ...settings.discovery,
    };
  }

  function device(name: BrandName, fields: SeenCall['fields']): object {
    const scopes = (fields['scope'] ?? '').split(' ');
    for (const needed of brands[name].scopes) {
      if (!scopes.includes(needed)) fault(`device: scope ${needed} is missing`);
    }
    const code = tokens.secret('device-');
    devices.set(code, name);
    const page =
      name === 'xai' ? 'https://accounts.x.ai/oauth2/device' : 'https://www.kimi.com/code/device';
    return {
      device_code: code,
      user_code: 'WXYZ-1234',
      verification_uri: page,
      verification_uri_complete: `${page}?user_code=WXYZ-1234`,
      expires_in: settings.deviceLifetimeS,
      interval: settings.intervalS,
      ...settings.device,
    };
  }

  function token(name: BrandName, fields: SeenCall['fields']): object {
    switch (fields['grant_type']) {
      case 'urn:ietf:params:oauth:grant-type:device_code':
        return ofDevice(name, fields['device_code'] ?? '');
      case 'authorization_code':
        return ofCode(name, fields);
      case 'refresh_token': {
        const family = tokens.redeem(fields['refresh_token'] ?? '');
        if (family === undefined) throw new Refusal('invalid_grant');
        return granted(name, family, null);
      }
      default:
        return fault(`token: grant type ${fields['grant_type']}`);
    }
  }

  function ofDevice(name: BrandName, code: string): object {
    if (devices.get(code) !== name) throw new Refusal('invalid_grant');
    if (decision === undefined) throw new Refusal('authorization_pending');
    if (decision === 'deny') throw new Refusal('access_denied');
    devices.delete(code);
    return granted(name, tokens.begin(), null);
  }

  function ofCode(name: BrandName, fields: SeenCall['fields']): object {
    const code = fields['code'] ?? '';
    const grant = codes.get(code);
    codes.delete(code);
    if (grant === undefined) throw new Refusal('invalid_grant');
    if (challengeOf(fields['code_verifier'] ?? '') !== grant.challenge) fault('token: PKCE');
    if (fields['redirect_uri'] !== grant.redirectUri) fault('token: redirect_uri');
    if (name === 'anthropic' && fields['state'] !== grant.state) fault('token: state');
    return granted(name, tokens.begin(), grant.nonce);
  }

  function granted(
    name: BrandName,
    family: ReturnType<TokenLedger['begin']>,
    nonce: string | null,
  ): object {
    const who = { sub: `${name}-user`, email: 'Ada@Example.com' };
    return {
      access_token:
        name === 'anthropic'
          ? tokens.secret('sk-ant-oat01-')
          : tokens.jwt(name === 'kimi' ? { user_id: 'kimi-user' } : { sub: who.sub }),
      token_type: 'Bearer',
      expires_in: settings.tokenLifetimeS,
      ...(settings.withRefreshToken && { refresh_token: tokens.refreshToken(family) }),
      ...(name === 'xai' && {
        id_token: tokens.jwt({ ...who, ...(nonce !== null && { nonce }) }),
      }),
      ...(name === 'anthropic' && {
        account: { uuid: 'anthropic-user', email_address: who.email },
      }),
      ...settings.token,
    };
  }

  function authorize(name: BrandName, query: URLSearchParams, choice: 'approve' | 'deny'): URL {
    const brand = brands[name];
    const get = (field: string): string => query.get(field) ?? fault(`authorize: no ${field}`);
    if (get('client_id') !== brand.client) fault('authorize: client_id');
    if (get('response_type') !== 'code') fault('authorize: response_type');
    if (get('code_challenge_method') !== 'S256') fault('authorize: code_challenge_method');
    const redirectUri = get('redirect_uri');
    if (!brand.redirects.test(redirectUri)) fault(`authorize: redirect_uri ${redirectUri}`);
    for (const needed of brand.scopes) {
      if (!get('scope').split(' ').includes(needed)) fault(`authorize: scope ${needed} is missing`);
    }
    const state = get('state');
    const back = new URL(redirectUri);
    back.searchParams.set('state', state);
    if (choice === 'deny') {
      back.searchParams.set('error', 'access_denied');
      return back;
    }
    const code = tokens.secret('code-');
    codes.set(code, {
      client: brand.client,
      challenge: get('code_challenge'),
      redirectUri,
      state,
      nonce: query.get('nonce'),
    });
    back.searchParams.set('code', code);
    return back;
  }

  function checked(name: BrandName, endpoint: Endpoint, call: SeenCall): void {
    for (const [header, shape] of Object.entries(brands[name].headers)) {
      const value = call.headers[header] ?? '';
      if (!shape.test(value)) fault(`${endpoint}: header ${header} is "${value}"`);
    }
    if (endpoint === 'discovery') return;
    const type = brands[name].json ? 'application/json' : 'application/x-www-form-urlencoded';
    if (call.headers['content-type'] !== type)
      fault(`${endpoint}: ${call.headers['content-type']}`);
    if (call.fields['client_id'] !== brands[name].client) fault(`${endpoint}: client_id`);
  }

  function answer(name: BrandName, endpoint: Endpoint, call: SeenCall): object {
    checked(name, endpoint, call);
    switch (endpoint) {
      case 'discovery':
        return discovery();
      case 'device':
        return device(name, call.fields);
      case 'token':
        return token(name, call.fields);
      case 'revoke':
        return { revoked: tokens.revoke(call.fields['token'] ?? '') };
    }
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const host = request.headers.host ?? '';
    const url = new URL(request.url ?? '/', `https://${host}`);
    const place = places[`${host}${url.pathname}`];
    const text = await bodyOf(request);
    if (place === undefined || place[1] === 'authorize') {
      faults.push(`${request.method} ${host}${url.pathname}`);
      response.writeHead(404).end();
      return;
    }
    const [name, endpoint] = place;
    const call: SeenCall = {
      endpoint,
      host,
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([header, value]) => [header, String(value)]),
      ),
      fields: fieldsOf(text),
      at: performance.now(),
    };
    calls.push(call);
    const stagedAnswer = staged.get(endpoint)?.shift();
    if (stagedAnswer === 'hang') return;
    if (typeof stagedAnswer === 'object' && 'status' in stagedAnswer) {
      const { status, body, headers } = stagedAnswer;
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(typeof body === 'string' ? body : JSON.stringify(body));
      return;
    }
    if (typeof stagedAnswer === 'object') {
      await sleep(stagedAnswer.delayMs, undefined, { signal: over.signal }).catch(() => {});
    }
    const [status, body] = outcome(() => answer(name, endpoint, call));
    if (stagedAnswer === 'lose') response.socket?.destroy();
    else response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  }

  const server = createServer({ key: fixture('serverKey.pem'), cert: fixture('server.pem') });
  server.on('request', (request, response) => {
    serve(request, response).catch((thrown: unknown) => {
      faults.push(String(thrown));
      response.destroy();
    });
  });
  const port = await serveIn(scope, server);
  scope.add(() => over.abort());

  return {
    proxy: await startConnectProxy(scope, (host) => (hosts.has(host) ? port : elsewhere(host))),
    calls,
    faults,
    tokens,
    settings,
    stage: (endpoint, ...answers) => {
      staged.set(endpoint, [...(staged.get(endpoint) ?? []), ...answers]);
    },
    decide: (choice) => {
      decision = choice === 'later' ? undefined : choice;
    },
    visit: async (url, choice = 'approve') => {
      const { host, pathname, searchParams } = new URL(url);
      const [name, endpoint] = places[`${host}${pathname}`] ?? [];
      if (name === undefined || endpoint !== 'authorize') throw new Error(`no login page: ${url}`);
      return authorize(name, searchParams, choice);
    },
    count: (endpoint) => calls.filter((call) => call.endpoint === endpoint).length,
  };
}

function outcome(answer: () => object): readonly [number, string] {
  try {
    return [200, JSON.stringify(answer())];
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    return [thrown.status, JSON.stringify({ error: thrown.error })];
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function fieldsOf(text: string): Readonly<Record<string, string>> {
  if (!text.startsWith('{')) return Object.fromEntries(new URLSearchParams(text));
  const parsed: unknown = JSON.parse(text);
  return Object.fromEntries(
    Object.entries(parsed ?? {}).map(([name, value]) => [name, String(value)]),
  );
}
