import type { Config } from '../config/schema.ts';
import { resolveReferences } from '../credentials/envReference.ts';
import { isForbiddenHost } from '../credentials/pinnedHosts.ts';
import type { CredentialSources } from '../credentials/upstreamHeaders.ts';
import type { WebCall } from '../providers/webCall.ts';
import type { HostedSearch } from '../responses/webSearch.ts';
import { searchKeyId } from './searchKey.ts';
import type { Findings } from './searchResult.ts';
import { readFindings, searchServices } from './searchService.ts';

type Settings = NonNullable<Config['webSearchSidecar']['service']>;

export interface ServiceQuestion {
  readonly service: Settings;
  readonly query: string;
  readonly search: HostedSearch;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface ServiceMeans {
  readonly credentials: CredentialSources;
  call(): Promise<WebCall>;
  /** Keeps a secret out of the log. */
  remember(secret: string): void;
}

export type ServiceAnswer =
  | { readonly ok: true; readonly findings: Findings }
  | { readonly ok: false; readonly reason: string };

/** Asks the search service that the user has set up, with its own key and nobody else's. */
export async function askService(
  { service: settings, query, search, timeoutMs, signal }: ServiceQuestion,
  { credentials, call, remember }: ServiceMeans,
): Promise<ServiceAnswer> {
  const service = searchServices[settings.name];
  const fail = (what: string): ServiceAnswer => ({
    ok: false,
    reason: `${service.label}: ${what}`,
  });
  const url = service.url ?? settings.baseUrl;
  const host = url === undefined ? undefined : URL.parse(url)?.hostname;
  if (url === undefined || host === undefined) return fail('set its "baseUrl" in config.json.');
  if (isForbiddenHost(host)) return fail('its address is never asked. Change "baseUrl".');
  const found = keyOf(settings, credentials);
  if (!found.ok) return fail(found.reason);
  const { key } = found;
  if (key === '' && service.needsKey)
    return fail('its key is not set. Set it in the dashboard, or as "apiKey" in config.json.');
  if (key !== '') remember(key);
  const request = service.request({ url, key, query, search });
  const headers = { 'user-agent': `opencodex-vscode/${credentials.version}`, ...request.headers };
  const answer = await (await call())({ ...request, headers, timeoutMs, signal });
  if (!answer.ok) return fail(answer.message);
  const { status, body } = answer;
  if (status === 401 || status === 403) return fail(`it refuses the key (${status}).`);
  if (status < 200 || status > 299) return fail(`it answers ${status}.`);
  const findings = readFindings(service, body);
  return findings === undefined ? fail('its answer is no search result.') : { ok: true, findings };
}

/** `''` where there is none. */
function keyOf(
  { name, apiKey = '', keySource }: Settings,
  { vault, env }: CredentialSources,
): { readonly ok: true; readonly key: string } | { readonly ok: false; readonly reason: string } {
  const resolved =
    keySource === 'vault'
      ? ({ ok: true, value: vault.get(searchKeyId(name)) ?? '' } as const)
      : resolveReferences(apiKey, env);
  if (!resolved.ok) {
    const reason = `the environment variable ${resolved.variable} is not set where the proxy runs.`;
    return { ok: false, reason };
  }
  const key = resolved.value.trim();
  return /^[\x21-\x7e]*$/.test(key)
    ? { ok: true, key }
    : { ok: false, reason: 'its key holds characters that no key has.' };
}
