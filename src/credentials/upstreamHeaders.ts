import type { KeyHeader, Provider } from '../providers/provider.ts';
import { type TurnError, turnError } from '../turn/error.ts';
import { type Environment, resolveReferences } from './envReference.ts';
import { bearerOf, forwardedHeaders, type InboundHeaders } from './forward.ts';
import { isForbiddenHost, mayForwardTo } from './pinnedHosts.ts';

/** What credentials are made of, besides the request. */
export interface CredentialSources {
  readonly env: Environment;
  /** Keys of the editor's secret store by provider id. */
  readonly vault: ReadonlyMap<string, string>;
  /** Our own secret, which must never leave this machine. */
  readonly token: string;
  readonly version: string;
  /** Credentials that are fetched first; `undefined` where the provider uses none of these. */
  readonly fetched?: (
    provider: Provider,
    inbound: InboundHeaders,
  ) => Promise<UpstreamHeaders> | undefined;
}

export type UpstreamHeaders =
  | {
      readonly ok: true;
      /** Lower-case names. */
      readonly headers: Readonly<Record<string, string>>;
      /** For the redactor. */
      readonly secrets: readonly string[];
      /** `false`: the provider gets no credential at all. */
      readonly authenticated: boolean;
      /** Where the credential is good, if not at the provider's base URL. */
      readonly baseUrl?: string;
      /** The error for an answer, where the answer is about this credential; else the one given. */
      readonly explain?: (error: TurnError, status: number, body: string) => TurnError;
      /** Another credential instead of one that the provider has refused, if it is to be had. */
      readonly renew?: () => Promise<UpstreamHeaders | undefined>;
    }
  | { readonly ok: false; readonly error: TurnError };

/** The headers that say who asks, with credentials that must first be fetched, too. */
export function requestHeaders(
  provider: Provider,
  inbound: InboundHeaders,
  sources: CredentialSources,
): UpstreamHeaders | Promise<UpstreamHeaders> {
  return sources.fetched?.(provider, inbound) ?? upstreamHeaders(provider, inbound, sources);
}

/**
 * The headers that say who asks, as far as they are at hand. Of the incoming request only forward mode uses any, by allow-list:
 * a ChatGPT login never reaches another provider.
 */
export function upstreamHeaders(
  provider: Provider,
  inbound: InboundHeaders,
  sources: CredentialSources,
): UpstreamHeaders {
  if (leadsAstray(provider)) {
    return refuse(
      'rejected',
      `${provider.label}: requests are never sent to link-local or cloud metadata addresses. Change "baseUrl" of provider "${provider.id}".`,
    );
  }
  const configured = configuredHeaders(provider, sources.env);
  if (!configured.ok) return configured;
  const headers = {
    'user-agent': `opencodex-vscode/${sources.version}`,
    ...configured.headers,
  };
  const { secrets } = configured;
  switch (provider.auth.mode) {
    case 'key': {
      if (provider.exchange !== undefined) {
        return refuse(
          'internal',
          `${provider.label}: its key only buys a token, and is never sent to ${provider.baseUrl}.`,
        );
      }
      const key = apiKey(provider, provider.auth, sources);
      if (!key.ok) return refuse('auth', key.message);
      if (key.value === undefined)
        return { ok: true, headers, secrets, authenticated: configured.authenticated };
      return {
        ok: true,
        headers: { ...headers, ...keyHeader(provider.auth.header, key.value) },
        secrets: [...secrets, key.value],
        authenticated: true,
      };
    }
    case 'forward': {
      if (!mayForwardTo(provider.baseUrl)) {
        return refuse(
          'rejected',
          `${provider.label}: your ChatGPT login is only ever sent to https://chatgpt.com/backend-api/codex. Restore "baseUrl" of provider "${provider.id}", or use "authMode": "key".`,
        );
      }
      const login = bearerOf(inbound);
      if (login === undefined || login === sources.token) {
        return refuse(
          'auth',
          `${provider.label}: this provider uses Codex's own ChatGPT login, but the request carries none. Run "codex login" and connect Codex again, or choose a model of another provider.`,
        );
      }
      return {
        ok: true,
        headers: { ...headers, ...forwardedHeaders(inbound) },
        secrets: [...secrets, login],
        authenticated: true,
      };
    }
    case 'oauth':
      return refuse(
        'auth',
        `${provider.label}: there is no account login stored for provider "${provider.id}". Use an API key: set "authMode": "key".`,
      );
  }
}

/** A provider never changes, so its address is judged once. */
const astray = new WeakMap<Provider, boolean>();

function leadsAstray(provider: Provider): boolean {
  let known = astray.get(provider);
  if (known === undefined) {
    const host = URL.parse(provider.baseUrl)?.hostname;
    known = host === undefined || isForbiddenHost(host);
    astray.set(provider, known);
  }
  return known;
}

/** The headers of the user's entry. */
function configuredHeaders(provider: Provider, env: Environment): UpstreamHeaders {
  const headers: Record<string, string> = {};
  const secrets: string[] = [];
  for (const [givenName, value] of Object.entries(provider.headers)) {
    const name = givenName.toLowerCase();
    if (framing.has(name)) continue;
    const resolved = resolveReferences(value, env);
    if (!resolved.ok) return refuse('auth', unset(provider, resolved.variable));
    if (!/^[\t\x20-\x7e]*$/.test(resolved.value)) {
      return refuse(
        'rejected',
        `${provider.label}: header "${givenName}" of provider "${provider.id}" holds a line break or another character that no header may have.`,
      );
    }
    headers[name] = resolved.value;
    if (resolved.value !== value || credentialNames.includes(name)) {
      secrets.push(resolved.value.replace(/^(Bearer|Basic)\s+/i, ''));
    }
  }
  const authenticated = credentialNames.some((name) => headers[name] !== undefined);
  return { ok: true, headers, secrets, authenticated };
}

/** What to do about a provider that has no key, as a sentence. */
export function missingKey(provider: Pick<Provider, 'id' | 'label'>): string {
  return `${provider.label}: no API key is set. Run "OpenCodex: Set Provider Key" in VS Code, or set "apiKey" of provider "${provider.id}" in config.json, for example to "\${MY_API_KEY}".`;
}

/** How a request travels is not for a setting to say. */
const framing = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

const credentialNames = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'];

export type ApiKey =
  | { readonly ok: true; readonly value: string | undefined }
  | { readonly ok: false; readonly message: string };

/** A provider's key with its references resolved; `undefined` where none is configured. */
export function apiKey(
  provider: Provider,
  auth: Extract<Provider['auth'], { mode: 'key' }>,
  sources: Pick<CredentialSources, 'env' | 'vault'>,
): ApiKey {
  if (auth.source === 'vault') {
    const key = usable(provider, sources.vault.get(provider.id) ?? '');
    return key.ok && key.value === undefined ? { ok: false, message: missingKey(provider) } : key;
  }
  if (auth.apiKey === undefined || auth.apiKey === '') return { ok: true, value: undefined };
  const resolved = resolveReferences(auth.apiKey, sources.env);
  return resolved.ok
    ? usable(provider, resolved.value)
    : { ok: false, message: unset(provider, resolved.variable) };
}

/** A line break would end the header; a pasted key often brings one along at its end. */
function usable(provider: Provider, key: string): ApiKey {
  const value = key.trim();
  return /^[\x21-\x7e]*$/.test(value)
    ? { ok: true, value: value === '' ? undefined : value }
    : {
        ok: false,
        message: `${provider.label}: the API key of provider "${provider.id}" holds characters that no key has. Enter it again.`,
      };
}

function keyHeader(header: KeyHeader, key: string): Record<string, string> {
  return header === 'bearer' ? { authorization: `Bearer ${key}` } : { [header]: key };
}

function unset(provider: Provider, variable: string): string {
  return `${provider.label}: the environment variable ${variable}, which provider "${provider.id}" refers to, is not set where the proxy runs. Set it and start the proxy again, or enter the value in VS Code.`;
}

function refuse(kind: TurnError['kind'], message: string): UpstreamHeaders {
  return { ok: false, error: turnError(kind, message) };
}
