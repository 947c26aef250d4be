import type { Wire } from '../adapters/target.ts';
import { betterBaseUrl } from './baseUrlHint.ts';
import { catalogEntry, catalogEntryAt } from './catalog.ts';
import type { CatalogEntry, KeyCheck } from './catalogEntry.ts';
import { type Judgement, judge } from './keyAnswer.ts';
import { keyHeaderOf, keyHeaders } from './keyHeader.ts';
import { originPattern } from './origin.ts';
import type { KeyHeader, Provider } from './provider.ts';
import type { WebCall } from './webCall.ts';

/** What asking a provider has shown. The reasons are whole sentences and hold no key. */
export type KeyVerdict =
  /** The key is good; without a key: the server answers. */
  | { readonly kind: 'valid' }
  /** The provider says that this is no key of its own. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Nothing was learnt about the key. */
  | {
      readonly kind: 'unchecked';
      readonly reason: string;
      /** The base URL is wrong, and at this one there is an API. */
      readonly betterBaseUrl?: string;
    };

export interface KeyCheckOptions {
  readonly call: WebCall;
  readonly version: string;
  /** Further headers for the provider's own address, as the user configured them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Asks the provider whether a key is good. Only an explicit answer counts: one that comes without a
 * key as well proves nothing, and what the network or a portal says is not the provider's word.
 */
export async function checkKey(
  provider: Provider,
  key: string | undefined,
  options: KeyCheckOptions,
): Promise<KeyVerdict> {
  if (provider.unusable !== undefined) {
    return { kind: 'unchecked', reason: `${provider.label}: ${provider.unusable}` };
  }
  const probe = new Probe(provider, key, options);
  const home = catalogEntryAt(provider.baseUrl);
  if (home === undefined || home.kind === 'local' || home.kind === 'custom') {
    return await probe.server(home ?? catalogEntry(provider.id));
  }
  const check = knownCheck(provider, home);
  if (check === undefined) {
    return probe.unchecked(
      'no request would tell whether its key is good: the key is that of the provider behind it.',
    );
  }
  return await probe.service(check);
}

/** A key check whose address and header are settled. */
interface Request extends Pick<KeyCheck, 'body' | 'headers' | 'refused' | 'valid' | 'good'> {
  readonly url: string;
  readonly header: KeyHeader;
}

/** The check of a service at one of its own addresses. */
function knownCheck(provider: Provider, home: CatalogEntry): Request | undefined {
  const { exchange } = provider;
  if (exchange !== undefined) {
    const { url, method } = exchange;
    return { url, header: 'bearer', ...(method === 'POST' && { body: {} }) };
  }
  const check = home.keyCheck;
  if (check === undefined) return undefined;
  return {
    ...check,
    url: new URL(check.url, `${checkBase(provider, home)}/`).href,
    header: check.header ?? keyHeaderOf(home.adapter),
  };
}

/** Of one host's several interfaces the check belongs to the entry's own. */
function checkBase({ baseUrl, wire }: Provider, home: CatalogEntry): string {
  const url = new URL(baseUrl);
  const bases = [home.baseUrl, ...(home.otherBaseUrls ?? [])];
  const own = bases.some((base) => samePath(base, url)) && wire === home.adapter;
  const [first = home.baseUrl] = bases.filter((base) => originPattern(base).test(url.origin));
  return `${url.origin}${own ? url.pathname.replace(/\/+$/, '') : pathOf(first)}`;
}

function samePath(base: string, url: URL): boolean {
  return pathOf(base) === url.pathname.replace(/\/+$/, '') && originPattern(base).test(url.origin);
}

function pathOf(base: string): string {
  return base.replace(/^https?:\/\/[^/]+/, '');
}

/** What every server of a wire format answers: the list of its models. */
export function listRequest(
  baseUrl: string,
  wire: Wire,
): Pick<Request, 'url' | 'header' | 'headers' | 'good'> {
  const url = new URL(baseUrl);
  const path = url.pathname.replace(/\/+$/, '');
  const version = /\/v\d[^/]*(?:\/|$)/.test(path) ? '' : versions[wire];
  return {
    url: `${url.origin}${path}${version}/models`,
    header: keyHeaderOf(wire),
    good: /^\s*\[|"(?:data|models)"\s*:\s*\[/,
    ...(wire === 'anthropic' && { headers: { 'anthropic-version': '2023-06-01' } }),
  };
}

const versions: Readonly<Record<Wire, string>> = {
  'openai-chat': '',
  'openai-responses': '/v1',
  anthropic: '/v1',
  google: '/v1beta',
  azure: '/openai/v1',
  // Is not asked over HTTP.
  'editor-models': '',
};

class Probe {
  readonly #provider: Provider;
  readonly #key: string | undefined;
  readonly #options: KeyCheckOptions;
  readonly #secrets: readonly string[];

  constructor(provider: Provider, key: string | undefined, options: KeyCheckOptions) {
    this.#provider = provider;
    this.#key = key;
    this.#options = options;
    this.#secrets = [...(key === undefined ? [] : [key]), ...Object.values(options.headers ?? {})];
  }

  /** A provider that the catalog knows. */
  async service(check: Request): Promise<KeyVerdict> {
    const judgement = await this.#ask(check, this.#key);
    return judgement.kind === 'good' ? await this.#confirmed(check) : this.#verdict(judgement);
  }

  /** A good answer only counts where it is not given to everybody. */
  async #confirmed(check: Request): Promise<KeyVerdict> {
    if (this.#key === undefined) return { kind: 'valid' };
    return (await this.#ask(check, undefined)).kind === 'good'
      ? this.unchecked(
          'it answers without a key as well, so its answer says nothing about the key.',
        )
      : { kind: 'valid' };
  }

  /** A server of the user's own, whose address may be wrong as well. */
  async server(record: CatalogEntry | undefined): Promise<KeyVerdict> {
    const { baseUrl, wire } = this.#provider;
    const list = listRequest(baseUrl, wire);
    const judgement = await this.#ask(list, this.#key);
    if (judgement.kind === 'silent' && judgement.elsewhere) {
      const better = await betterBaseUrl(baseUrl, async (candidate) => {
        const sameOrigin = new URL(candidate).origin === new URL(baseUrl).origin;
        const found = await this.#ask(
          listRequest(candidate, wire),
          sameOrigin ? this.#key : undefined,
        );
        return found.kind !== 'silent';
      });
      if (better === undefined) return this.#verdict(judgement);
      const reason = `${judgement.reason} There is an API at ${better}: that is the base URL.`;
      return { ...this.unchecked(reason), betterBaseUrl: better };
    }
    if (judgement.kind !== 'good') return this.#verdict(judgement);
    const verdict = await this.#confirmed(list);
    if (verdict.kind !== 'unchecked' || record?.kind !== 'local' || record.keyCheck === undefined) {
      return verdict;
    }
    // The list is open to all; another answer of that server may not be.
    return await this.service({
      ...record.keyCheck,
      url: new URL(record.keyCheck.url, `${baseUrl}/`).href,
      header: list.header,
    });
  }

  unchecked(reason: string): Extract<KeyVerdict, { kind: 'unchecked' }> {
    return { kind: 'unchecked', reason: `${this.#provider.label}: ${reason}` };
  }

  #verdict(judgement: Exclude<Judgement, { kind: 'good' }>): KeyVerdict {
    return judgement.kind === 'refused'
      ? { kind: 'refused', reason: `${this.#provider.label} ${judgement.reason}` }
      : this.unchecked(judgement.reason);
  }

  async #ask(check: Request, key: string | undefined): Promise<Judgement> {
    const { call, version, headers, signal } = this.#options;
    const atHome = new URL(check.url).origin === new URL(this.#provider.baseUrl).origin;
    // Without the key nothing else that could stand for it may go along.
    const configured = atHome && (key !== undefined || this.#key === undefined) ? headers : {};
    const answer = await call({
      method: check.body === undefined ? 'GET' : 'POST',
      url: check.url,
      headers: {
        accept: 'application/json',
        'user-agent': `opencodex-vscode/${version}`,
        ...check.headers,
        ...(check.body !== undefined && { 'content-type': 'application/json' }),
        ...configured,
        ...keyHeaders(check.header, key),
      },
      ...(check.body !== undefined && { body: JSON.stringify(check.body) }),
      ...(signal !== undefined && { signal }),
    });
    return judge(answer, check, check.url, this.#secrets);
  }
}
