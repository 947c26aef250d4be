import { fieldOf, listOf, textOf } from '../adapters/json.ts';
import type { WebRequest } from '../providers/webCall.ts';
import type { HostedSearch } from '../responses/webSearch.ts';
import { parseJson } from '../turn/json.ts';
import type { Json } from '../turn/turn.ts';
import { type SearchServiceName, searchServiceLabels } from './searchKey.ts';
import { type Findings, roomFor } from './searchResult.ts';

/** A service that searches and nothing else, as data. */
export interface SearchService {
  readonly label: string;
  /** `undefined`: the user runs it, and says where. */
  readonly url: string | undefined;
  readonly needsKey: boolean;
  /** It can answer from its index alone: nothing is fetched for a search. */
  readonly indexed: boolean;
  request(asked: SearchRequest): Pick<WebRequest, 'method' | 'url' | 'headers' | 'body'>;
  read(body: Json): Findings;
}

export interface SearchRequest {
  readonly url: string;
  readonly key: string;
  readonly query: string;
  readonly search: HostedSearch;
}

export const searchServices: Readonly<Record<SearchServiceName, SearchService>> = {
  // https://api-dashboard.search.brave.com/app/documentation/web-search/get-started
  brave: {
    label: searchServiceLabels.brave,
    url: 'https://api.search.brave.com/res/v1/web/search',
    needsKey: true,
    indexed: true,
    request: ({ url, key, query, search }) => ({
      method: 'GET',
      url: withQuery(url, {
        q: withSites(query, search, { characters: 400, words: 50 }),
        count: String(roomFor[search.contextSize].pages * 2),
      }),
      headers: {
        accept: 'application/json',
        'x-subscription-token': key,
        ...bravePlace(search.location),
      },
    }),
    read: (body) => pagesOf(fieldOf(fieldOf(body, 'web'), 'results'), ['description']),
  },
  // https://docs.tavily.com/documentation/api-reference/endpoint/search
  tavily: {
    label: searchServiceLabels.tavily,
    url: 'https://api.tavily.com/search',
    needsKey: true,
    indexed: false,
    request: ({ url, key, query, search }) => {
      const { allowedDomains, blockedDomains, contextSize } = search;
      const country = tavilyCountry(search);
      return post(
        url,
        { authorization: `Bearer ${key}` },
        {
          query,
          max_results: roomFor[contextSize].pages,
          include_domains: [...allowedDomains],
          exclude_domains: [...blockedDomains],
          ...(country !== undefined && { country }),
        },
      );
    },
    read: (body) => pagesOf(fieldOf(body, 'results'), ['content']),
  },
  // https://docs.exa.ai/reference/search
  exa: {
    label: searchServiceLabels.exa,
    url: 'https://api.exa.ai/search',
    needsKey: true,
    indexed: true,
    request: ({ url, key, query, search }) => {
      const { external, allowedDomains, blockedDomains, contextSize } = search;
      const { pages, text } = roomFor[contextSize];
      const userLocation = countryOf(search);
      return post(
        url,
        { 'x-api-key': key },
        {
          query,
          numResults: pages,
          // What is not in the cache is fetched, unless its age may not matter.
          contents: { text: { maxCharacters: text }, ...(!external && { maxAgeHours: -1 }) },
          ...(userLocation !== undefined && { userLocation }),
          ...(allowedDomains.length === 0 ? {} : { includeDomains: [...allowedDomains] }),
          ...(blockedDomains.length === 0 ? {} : { excludeDomains: [...blockedDomains] }),
        },
      );
    },
    read: (body) => pagesOf(fieldOf(body, 'results'), ['text']),
  },
  // https://docs.searxng.org/dev/search_api.html
  searxng: {
    label: searchServiceLabels.searxng,
    url: undefined,
    needsKey: false,
    // It asks other engines, and nobody knows what those do.
    indexed: false,
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

/** Domains as engines take them in a query. Where there is no room, the result is sifted all the same. */
function withSites(
  query: string,
  { allowedDomains, blockedDomains }: HostedSearch,
  most: { readonly characters: number; readonly words: number } = { characters: 2_000, words: 500 },
): string {
  const wanted = allowedDomains.map((domain) => `site:${domain}`).join(' OR ');
  const others = blockedDomains.map((domain) => `-site:${domain}`).join(' ');
  const only = allowedDomains.length > 1 ? `(${wanted})` : wanted;
  const sites = [only, others].filter((part) => part !== '').join(' ');
  const words = query.split(' ').slice(0, most.words);
  const whole = sites === '' ? words.join(' ') : `${words.join(' ')} ${sites}`;
  const fits = whole.length <= most.characters && whole.split(' ').length <= most.words;
  return fits ? whole : words.join(' ').slice(0, most.characters);
}

/** Two capital letters, or `undefined`. */
function countryOf({ location }: HostedSearch): string | undefined {
  const code = location['country']?.toUpperCase();
  return code !== undefined && /^[A-Z]{2}$/.test(code) ? code : undefined;
}

const braveHeaders = {
  country: 'x-loc-country',
  region: 'x-loc-state-name',
  city: 'x-loc-city',
  timezone: 'x-loc-timezone',
} as const;

/** A header takes ASCII only. */
function bravePlace(location: HostedSearch['location']): Readonly<Record<string, string>> {
  const place: Record<string, string> = {};
  for (const [field, header] of Object.entries(braveHeaders)) {
    const value = location[field];
    if (value !== undefined && /^[\x20-\x7e]+$/.test(value)) place[header] = value;
  }
  return place;
}

/** Tavily wants a country by its English name, and refuses those that it spells in another way. */
const spelledAlike = new Set(
  'AR AT AU BE BR CA CH CL CN DE DK ES FI FR GB GR ID IE IL IN IT JP KR MX NL NO NZ PL PT SE SG TW UA US ZA'.split(
    ' ',
  ),
);

function tavilyCountry(search: HostedSearch): string | undefined {
  const code = countryOf(search);
  if (code === undefined || !spelledAlike.has(code)) return undefined;
  return new Intl.DisplayNames(['en'], { type: 'region' }).of(code)?.toLowerCase();
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
