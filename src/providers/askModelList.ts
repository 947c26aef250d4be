import { parseJson } from '../turn/json.ts';
import { catalogEntry } from './catalog.ts';
import { listRequest } from './keyCheck.ts';
import type { ModelList } from './modelList.ts';
import { type ModelListing, readListing } from './modelListing.ts';
import type { Provider } from './provider.ts';
import { withServedFacts } from './servedFacts.ts';
import type { WebAnswer, WebCall } from './webCall.ts';

/** A provider's own list, or why there is none, as a sentence without any secret. */
export type ListAnswer =
  | { readonly ok: true; readonly listing: ModelListing }
  | { readonly ok: false; readonly message: string };

/** Who asks. Lower-case names. */
export type RequestHeaders = Readonly<Record<string, string>>;

export type ListCredentials =
  | {
      readonly ok: true;
      readonly headers: RequestHeaders;
      /** `false`: nothing among the headers says who asks. */
      readonly authenticated?: boolean;
      /** Where the credential is good, if not at the provider's base URL. */
      readonly baseUrl?: string;
    }
  | {
      readonly ok: false;
      /** Of kind `auth`: only the credential is missing. */
      readonly error: { readonly kind: string; readonly message: string };
    };

export interface ListQuestion {
  readonly call: WebCall;
  /** Needed where the list is not open to everybody. */
  credentials(): ListCredentials | Promise<ListCredentials>;
  /** Headers for a list that is. */
  readonly anonymous: RequestHeaders;
  /** The version of the Codex that asks, which its own backend wants to know. */
  readonly clientVersion?: string | undefined;
  readonly signal: AbortSignal;
}

const mostBytes = 8 * 1024 * 1024;
const timeoutMs = 10_000;

/** Asks a provider for its models. Redirects are not followed: they would take the key elsewhere. */
export async function askModelList(
  provider: Provider,
  question: ListQuestion,
): Promise<ListAnswer> {
  const failed = (why: string): ListAnswer => ({ ok: false, message: `${provider.label}: ${why}` });
  const place = placeOf(provider);
  if (place === undefined) return failed('it has no list of models that requests could name.');
  const { list, headers: needed } = place;
  const who = await asker(provider, list, question);
  if (!who.ok) return { ok: false, message: who.error.message };
  const url = resolved(place.reference, who.baseUrl ?? provider.baseUrl);
  if (provider.auth.mode === 'forward') {
    if (question.clientVersion === undefined)
      return failed('only Codex itself may ask for its models.');
    url.searchParams.set('client_version', question.clientVersion);
  }
  const headers = { accept: 'application/json', ...needed, ...who.headers };
  const ask = (at: URL, body?: object) =>
    question.call({
      method: body === undefined ? 'GET' : 'POST',
      url: at.href,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      ...(body === undefined ? undefined : { body: JSON.stringify(body) }),
      timeoutMs,
      maxBytes: mostBytes,
      signal: question.signal,
    });
  const answer = await ask(url);
  const listing = listingIn(answer, list);
  if (typeof listing === 'string') return failed(listing);
  const full = await withServedFacts(listing, list.served, async (path, body) => {
    const more = await ask(new URL(path, url), body);
    return more.ok && more.status === 200 ? more.body : undefined;
  });
  return { ok: true, listing: full };
}

/** A list that is open to everybody need not know who asks, and is had where there is no key. */
async function asker(
  { catalogId, label }: Provider,
  list: ModelList,
  { credentials, anonymous }: ListQuestion,
): Promise<ListCredentials> {
  const open = list.public === true;
  const home = catalogId === undefined ? undefined : catalogEntry(catalogId);
  const nobody = { ok: true, headers: anonymous } as const;
  if (open && home !== undefined && home.kind !== 'local') return nobody;
  const known = await credentials();
  if (!known.ok) return open && known.error.kind === 'auth' ? nobody : known;
  const keyless = known.authenticated === false && home !== undefined && !home.keyOptional;
  if (!keyless) return known;
  const message = `${label}: without an API key it does not list its models.`;
  return { ok: false, error: { kind: 'auth', message } };
}

interface Place {
  readonly list: ModelList;
  /** Of the list's address, to the base URL. */
  readonly reference: string;
  readonly headers: RequestHeaders;
}

/** `undefined`: what is listed there is not what requests name. */
function placeOf({ baseUrl, wire, modelList, auth, catalogId }: Provider): Place | undefined {
  const usual = listRequest(baseUrl, wire);
  const headers = { ...usual.headers };
  if (modelList !== undefined) return { list: modelList, reference: modelList.url, headers };
  // Azure lists base models, but requests name deployments; a known provider without a list has none.
  if (wire === 'azure' || wire === 'editor-models') return undefined;
  if (auth.mode === 'forward' || catalogId !== undefined) return undefined;
  return { list: shapes[wire], reference: usual.url, headers };
}

const shapes: Readonly<Record<Exclude<Provider['wire'], 'azure' | 'editor-models'>, ModelList>> = {
  'openai-chat': { url: '' },
  'openai-responses': { url: '' },
  anthropic: { url: '' },
  google: { url: '', list: 'models', id: 'name' },
};

/** Below the base URL, whether or not that already holds the version that the reference begins with. */
function resolved(reference: string, baseUrl: string): URL {
  const version = /\/(v\d\w*)$/.exec(baseUrl)?.[1];
  const doubled = version !== undefined && reference.startsWith(`${version}/`);
  return new URL(doubled ? reference.slice(version.length + 1) : reference, `${baseUrl}/`);
}

/** The listing, or what is wrong with the answer. */
function listingIn(answer: WebAnswer, list: ModelList): ModelListing | string {
  if (!answer.ok) return answer.message;
  const { status } = answer;
  if (status >= 300 && status < 400) {
    return `its list of models is elsewhere (status ${status}), and redirects are not followed. Check the base URL.`;
  }
  if (status < 200 || status > 299) return `it did not give its list of models (status ${status}).`;
  const listing = readListing(parseJson(answer.body), list);
  return listing ?? 'what it answered is no list of models. Check the base URL.';
}
