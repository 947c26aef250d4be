import { isJsonArray, isJsonObject } from '../turn/json.ts';
import type { Json, JsonObject } from '../turn/turn.ts';

/** What a model calls to have the web searched, where OpenAI's server does not do it for it. */
export const webSearchName = 'web_search';

/** What the client says of its hosted web search: plain data. */
export interface HostedSearch {
  /** `false`: only from an index, nothing is fetched for it. */
  readonly external: boolean;
  /** Only these and their subdomains; empty: all. */
  readonly allowedDomains: readonly string[];
  readonly blockedDomains: readonly string[];
  /** `country`, `region`, `city`, `timezone`, as far as given. */
  readonly location: Readonly<Record<string, string>>;
  readonly contextSize: 'low' | 'medium' | 'high';
}

/** The hosted web search among the declared tools. */
export function hostedSearch(tools: readonly JsonObject[]): HostedSearch | undefined {
  const tool = tools.find(
    ({ type }) => typeof type === 'string' && /^web_search(?:_|$)/.test(type),
  );
  if (tool === undefined) return undefined;
  const filters = tool['filters'];
  const size = tool['search_context_size'];
  return {
    external: tool['external_web_access'] !== false,
    allowedDomains: isJsonObject(filters) ? texts(filters['allowed_domains']) : [],
    blockedDomains: isJsonObject(filters) ? texts(filters['blocked_domains']) : [],
    location: locationOf(tool['user_location']),
    contextSize: size === 'low' || size === 'high' ? size : 'medium',
  };
}

function texts(value: Json | undefined): readonly string[] {
  return isJsonArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

const places = ['country', 'region', 'city', 'timezone'];

function locationOf(given: Json | undefined): Readonly<Record<string, string>> {
  if (!isJsonObject(given)) return {};
  return Object.fromEntries(
    places.flatMap((place) => {
      const value = given[place];
      return typeof value === 'string' && value !== '' ? [[place, value]] : [];
    }),
  );
}
