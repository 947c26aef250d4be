import { fieldOf, listOf, textOf } from '../adapters/json.ts';
import type { WebRequest } from '../providers/webCall.ts';
import type { HostedSearch } from '../responses/webSearch.ts';
import { parseJson } from '../turn/json.ts';
import type { Json } from '../turn/turn.ts';
import { type Findings, roomFor } from './searchResult.ts';

/** A service that searches and nothing else, as data. */
export interface SearchService {
  readonly label: string;
  /** `undefined`: the user runs it, and says where. */
  readonly url: string | undefined;
  readonly needsKey: boolean;
  request(asked: SearchRequest): Pick<WebRequest, 'method' | 'url' | 'headers' | 'body'>;
  read(body: Json): Findings;
}

export interface SearchRequest {
  readonly url: string;
  readonly key: string;
  readonly query: string;
  readonly search: HostedSearch;
}

export const searchServices: Readonly<
  Record<'brave' | 'tavily' | 'exa' | 'searxng', SearchService>
> = {
  // https://api-dashboard.search.brave.com/app/documentation/web-search/get-started
  brave: {
    label: 'Brave Search',
    url: 'https://api.search.brave.com/res/v1/web/search',
    needsKey: true,
    request: ({ url, key, query, search }) => ({
      method: 'GET',
      url: withQuery(url, {
        q: withSites(query, search),
        count: String(roomFor[search.contextSize].pages * 2),
        ...country(search),
      }),
      headers: { accept: 'application/json', 'x-subscription-token': key },
    }),
    read: (body) => pagesOf(fieldOf(fieldOf(body, 'web'), 'results'), ['description']),
  },
  // https://docs.tavily.com/documentation/api-reference/endpoint/search
  tavily: {
    label: 'Tavily',
    url: 'https://api.tavily.com/search',
    needsKey: true,
    request: ({ url, key, query, search }) =>
      post(
        url,
        { authorization: `Bearer ${key}` },
        {
          query,
          max_results: roomFor[search.contextSize].pages,
          include_domains: [...search.allowedDomains],
          exclude_domains: [...search.blockedDomains],
        },
      ),
    read: (body) => pagesOf(fieldOf(body, 'results'), ['content']),
  },
  // https://docs.exa.ai/reference/search
  exa: {
    label: 'Exa',
    url: 'https://api.exa.ai/search',
    needsKey: true,
    request: ({ url, key, query, search }) => {
      const { allowedDomains, blockedDomains, contextSize } = search;
      const { pages, text } = roomFor[contextSize];
      return post(
        url,
        { 'x-api-key': key },
        {
          query,
          numResults: pages,
          contents: { text: { maxCharacters: text } },
          ...(allowedDomains.length === 0 ? {} : { includeDomains: [...allowedDomains] }),
          ...(blockedDomains.length === 0 ? {} : { excludeDomains: [...blockedDomains] }),
        },
      );
    },
    read: (body) => pagesOf(fieldOf(body, 'results'), ['text']),
  },
  // https://docs.searxng.org/dev/search_api.html
  searxng: {
    label: 'SearXNG',
    url: undefined,
    needsKey: false,
    request: ({ url, key, query, search }) => ({
      method: 'GET',
      url: withQuery(`${url.replace(/\/+$/, '')}/search`, {
        q: withSites(query, search),
        format: 'json',
      }),
      headers: {
        accept: 'application/json',
        ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
      },
    }),
    read: (body) => pagesOf(fieldOf(body, 'results'), ['content']),
  },
};

/** What a service found; `undefined` where its answer is no search result. */
export function readFindings(service: SearchService, text: string): Findings | undefined {
  const body = parseJson(text);
  return typeof body === 'object' && body !== null ? service.read(body) : undefined;
}

function pagesOf(results: Json | undefined, texts: readonly string[]): Findings {
  const pages = listOf(results).map((result) => ({
    url: textOf(fieldOf(result, 'url')),
    title: textOf(fieldOf(result, 'title')),
    text: texts
      .map((name) => withoutMarkup(textOf(fieldOf(result, name))))
      .filter((text) => text !== '')
      .join(' '),
  }));
  return { pages: pages.filter(({ url }) => url !== '') };
}

/** Brave sets the words that were found in bold. */
function withoutMarkup(text: string): string {
  return text.replace(/<\/?(?:strong|b|em)>/g, '');
}

function withSites(query: string, { allowedDomains, blockedDomains }: HostedSearch): string {
  const wanted = allowedDomains.map((domain) => `site:${domain}`).join(' OR ');
  const others = blockedDomains.map((domain) => `-site:${domain}`).join(' ');
  const only = allowedDomains.length > 1 ? `(${wanted})` : wanted;
  return [query, only, others].filter((part) => part !== '').join(' ');
}

function country({ location }: HostedSearch): Readonly<Record<string, string>> {
  const code = location['country'];
  return code !== undefined && /^[A-Za-z]{2}$/.test(code) ? { country: code.toUpperCase() } : {};
}

function withQuery(url: string, fields: Readonly<Record<string, string>>): string {
  return `${url}?${new URLSearchParams(fields)}`;
}

function post(url: string, headers: Readonly<Record<string, string>>, body: object) {
  return {
    method: 'POST' as const,
    url,
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}
