import { readErrorBody } from '../adapters/errorBody.ts';
import { keepNewest } from '../language/keepNewest.ts';
import { addressOf, withoutSecrets } from '../providers/keyAnswer.ts';
import type { Provider } from '../providers/provider.ts';
import type { TokenExchange } from '../providers/tokenExchange.ts';
import type { WebAnswer, WebCall } from '../providers/webCall.ts';
import { type TurnError, type TurnErrorKind, turnError } from '../turn/error.ts';
import { isJsonObject, parseJsonObject } from '../turn/json.ts';
import type { Json, JsonObject } from '../turn/turn.ts';
import { isPinned } from './logins/hostPin.ts';
import { isForbiddenHost } from './pinnedHosts.ts';
import {
  apiKey,
  type CredentialSources,
  missingKey,
  type UpstreamHeaders,
  upstreamHeaders,
} from './upstreamHeaders.ts';

/** A token ends earlier for us than for who made it: a turn must not outlive it on its way. */
const skewMs = 120_000;

interface Token {
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly baseUrl: string | undefined;
  readonly usableUntil: number;
}

type Fetched =
  | { readonly ok: true; readonly token: Token }
  | { readonly ok: false; readonly error: TurnError };

/** What was bought for one key at one address. */
interface Purchase {
  readonly url: string;
  readonly key: string;
  readonly result: Promise<Fetched>;
}

type Sources = Pick<CredentialSources, 'env' | 'vault' | 'token' | 'version'>;

/** Providers come and go with the config; nobody has that many. */
const mostPurchases = 64;

/**
 * Short-lived tokens of the providers whose key only buys one. They live in memory only, are fetched
 * once however many turns ask, and go to pinned hosts alone; the key goes to the exchange alone.
 */
export class ExchangedTokens {
  readonly #call: WebCall;
  readonly #now: () => number;
  readonly #purchases = new Map<string, Purchase>();

  constructor(call: WebCall, now: () => number = Date.now) {
    this.#call = call;
    this.#now = now;
  }

  /** `undefined`: the provider takes its key as it is. */
  headers(provider: Provider, sources: Sources): Promise<UpstreamHeaders> | undefined {
    const { exchange, auth } = provider;
    if (exchange === undefined || auth.mode !== 'key') return undefined;
    return this.#headers(provider, exchange, auth, sources);
  }

  async #headers(
    provider: Provider,
    exchange: TokenExchange,
    auth: Extract<Provider['auth'], { mode: 'key' }>,
    sources: Sources,
  ): Promise<UpstreamHeaders> {
    const key = apiKey(provider, auth, sources);
    if (!key.ok) return refuse('auth', key.message);
    if (key.value === undefined) return refuse('auth', missingKey(provider));
    const own = upstreamHeaders(withoutKey(provider), {}, sources);
    if (!own.ok) return own;
    if (!isPinned(provider.baseUrl, exchange)) {
      return refuse(
        'rejected',
        `${provider.label}: its token is only ever sent to ${exchange.hosts.join(', ')}. Restore "baseUrl" of provider "${provider.id}".`,
      );
    }
    const fetched = await this.#token(provider, exchange, key.value, sources.version);
    if (!fetched.ok) return fetched;
    const { token } = fetched;
    return {
      ok: true,
      headers: { ...own.headers, ...token.headers, authorization: `Bearer ${token.value}` },
      secrets: [...own.secrets, key.value, token.value],
      authenticated: true,
      ...(token.baseUrl !== undefined && { baseUrl: token.baseUrl }),
      renew: async () => {
        await this.#forget(provider.id, token);
        return await this.#headers(provider, exchange, auth, sources);
      },
    };
  }

  async #token(
    provider: Provider,
    exchange: TokenExchange,
    key: string,
    version: string,
  ): Promise<Fetched> {
    const { url } = exchange;
    const known = this.#purchases.get(provider.id);
    if (known !== undefined && known.url === url && known.key === key) {
      const result = await known.result;
      // Who waited for a failure shares it; who comes later tries again.
      if (!result.ok || this.#now() < result.token.usableUntil) return result;
      if (this.#purchases.get(provider.id) === known) this.#purchases.delete(provider.id);
      return await this.#token(provider, exchange, key, version);
    }
    const result = this.#buy(provider, exchange, key, version);
    const purchase: Purchase = { url, key, result };
    this.#purchases.set(provider.id, purchase);
    keepNewest(this.#purchases, mostPurchases);
    const fetched = await result;
    if (!fetched.ok && this.#purchases.get(provider.id) === purchase) {
      this.#purchases.delete(provider.id);
    }
    return fetched;
  }

  /** Only the token that was refused: a newer one may be there by now. */
  async #forget(id: string, refused: Token): Promise<void> {
    const known = this.#purchases.get(id);
    const result = await known?.result;
    if (result?.ok && result.token === refused && this.#purchases.get(id) === known) {
      this.#purchases.delete(id);
    }
  }

  async #buy(
    provider: Provider,
    exchange: TokenExchange,
    key: string,
    version: string,
  ): Promise<Fetched> {
    const url = URL.parse(exchange.url);
    if (url === null || isForbiddenHost(url.hostname)) {
      return refuse('rejected', `${provider.label}: its key is never sent to ${exchange.url}.`);
    }
    const answer = await this.#call({
      method: exchange.method,
      url: url.href,
      headers: {
        accept: 'application/json',
        'user-agent': `opencodex-vscode/${version}`,
        authorization: `Bearer ${key}`,
        ...(exchange.method === 'POST' && { 'content-type': 'application/json' }),
      },
      ...(exchange.method === 'POST' && { body: '{}' }),
    });
    const body = answer.ok && answer.status < 300 ? parseJsonObject(answer.body) : undefined;
    const value = body === undefined ? undefined : textAt(body, exchange.token);
    if (body === undefined || value === undefined || !/^[\x21-\x7e]+$/.test(value)) {
      return { ok: false, error: failureOf(provider, exchange, answer, key) };
    }
    const baseUrl = textAt(body, exchange.baseUrl)?.replace(/\/+$/, '');
    return {
      ok: true,
      token: {
        value,
        headers: headersAt(body, exchange.headers),
        baseUrl: baseUrl !== undefined && isPinned(baseUrl, exchange) ? baseUrl : undefined,
        usableUntil: this.#usableUntil(body, exchange),
      },
    };
  }

  #usableUntil(body: JsonObject, { expires, lifetimeSeconds }: TokenExchange): number {
    const now = this.#now();
    const named = Number(valueAt(body, expires) ?? Number.NaN) * 1000 - skewMs;
    // Already over for a clock that goes wrong: the usual time is counted from now.
    return named > now ? named : now + lifetimeSeconds * 1000 - skewMs;
  }
}

function withoutKey({ exchange: _, ...provider }: Provider): Provider {
  const { auth } = provider;
  return auth.mode === 'key'
    ? { ...provider, auth: { ...auth, apiKey: undefined, source: 'config' } }
    : provider;
}

function failureOf(
  provider: Provider,
  { url }: TokenExchange,
  answer: WebAnswer,
  key: string,
): TurnError {
  const { label, id } = provider;
  const where = addressOf(url);
  if (!answer.ok) {
    return turnError('network', `${label} (${where}) gives no token: ${answer.message}`);
  }
  const { status } = answer;
  const facts = readErrorBody(answer.body);
  const words = facts.html ? 'a web page' : withoutSecrets(facts.text, [key]);
  const said = status < 300 || words === '' ? `${status}` : `${status}: ${words}`;
  const [kind, remedy] = failureKind(status);
  const what = kind === 'auth' ? 'refused the key' : `gives no token for the key at ${where}`;
  return turnError(kind, `${label} ${what} (${said}). ${remedy.replace('{id}', id)}`, { status });
}

function failureKind(status: number): readonly [TurnErrorKind, string] {
  if (status === 401) return ['auth', 'Check the key of provider "{id}".'];
  if (status === 403 || status === 404) {
    return ['permission', 'Check what the key of provider "{id}" may do, and your seat or plan.'];
  }
  if (status === 429) return ['rate_limit', 'Wait a little.'];
  if (status >= 500) return ['upstream', 'Try again.'];
  return ['rejected', 'Check provider "{id}", or use another one.'];
}

/** The value at `a.b` of an answer. */
function valueAt(body: JsonObject, path: string | undefined): Json | undefined {
  let at: Json | undefined = path === undefined ? undefined : body;
  for (const name of path?.split('.') ?? []) at = isJsonObject(at) ? at[name] : undefined;
  return at;
}

function textAt(body: JsonObject, path: string | undefined): string | undefined {
  const value = valueAt(body, path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Not for an answer to set: who asks, and how a request travels. */
const reserved =
  /^(?:host|cookie|user-agent|authorization|x-api-key|api-key|connection|upgrade|te|accept.*|content-.*|transfer-.*|proxy-.*)$/;

function headersAt(body: JsonObject, path: string | undefined): Record<string, string> {
  const found = valueAt(body, path);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(isJsonObject(found) ? found : {})) {
    const lower = name.toLowerCase();
    if (typeof value !== 'string' || !/^[\w-]+$/.test(lower) || reserved.test(lower)) continue;
    if (/^[\t\x20-\x7e]*$/.test(value)) headers[lower] = value;
  }
  return headers;
}

function refuse(kind: TurnErrorKind, message: string) {
  return { ok: false, error: turnError(kind, message) } as const;
}
