import type { WebSearchQuirk } from '../adapters/target.ts';
import type { HostedSearch } from '../responses/webSearch.ts';
import { isJsonObject } from '../turn/json.ts';
import type { Json, JsonObject } from '../turn/turn.ts';
import { isWithin } from './domains.ts';

/** OpenAI's hosted tool, on the client's terms. */
export function hostedTool(search: HostedSearch): JsonObject {
  const { external, allowedDomains, blockedDomains, contextSize } = search;
  const location = locationOf(search);
  const filters = {
    ...(allowedDomains.length > 0 && { allowed_domains: allowedDomains }),
    ...(blockedDomains.length > 0 && { blocked_domains: blockedDomains }),
  };
  return {
    type: 'web_search',
    external_web_access: external,
    search_context_size: contextSize,
    ...(Object.keys(filters).length > 0 && { filters }),
    ...(location !== undefined && { user_location: location }),
  };
}

/**
 * What a request gets so that a provider's own search runs, on the client's terms; `undefined` where
 * that search cannot keep to the client's filters.
 */
export function ownSearch(quirk: WebSearchQuirk, search: HostedSearch): JsonObject | undefined {
  const list = oneList(search);
  if (list === undefined) return undefined;
  const { domains } = list;
  const place = list.blocked ? quirk.blockedDomains : quirk.allowedDomains;
  const filters = domains.length > 0;
  if (filters && (place === undefined || domains.length > (quirk.mostDomains ?? domains.length))) {
    return undefined;
  }
  const wishes: readonly (readonly [string | undefined, Json | undefined])[] = [
    [place, filters ? domains : undefined],
    [quirk.location, locationOf(search)],
    [quirk.contextSize, search.contextSize],
  ];
  let { entry } = quirk;
  for (const [path, value] of wishes) {
    if (path !== undefined && value !== undefined) entry = withField(entry, path, value);
  }
  return { [quirk.field]: [entry] };
}

/**
 * The client's filters as one list, because providers take only one: a list of what is allowed leaves
 * out the rest anyway. `undefined` where that does not say the same.
 */
function oneList({
  allowedDomains: allowed,
  blockedDomains: blocked,
}: HostedSearch): { readonly blocked: boolean; readonly domains: readonly string[] } | undefined {
  if (allowed.length === 0) return { blocked: true, domains: blocked };
  const domains = allowed.filter((domain) => !blocked.some((other) => isWithin(domain, other)));
  const inside = blocked.some((domain) => domains.some((other) => isWithin(domain, other)));
  return domains.length === 0 || inside ? undefined : { blocked: false, domains };
}

function locationOf({ location }: HostedSearch): JsonObject | undefined {
  return Object.keys(location).length === 0 ? undefined : { type: 'approximate', ...location };
}

/** `path` names the fields down to the one that is set, with dots between. */
function withField(object: JsonObject, path: string, value: Json): JsonObject {
  const [field = '', ...rest] = path.split('.');
  if (rest.length === 0) return { ...object, [field]: value };
  const inner = object[field];
  return { ...object, [field]: withField(isJsonObject(inner) ? inner : {}, rest.join('.'), value) };
}
