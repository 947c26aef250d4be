import { readErrorBody } from '../adapters/errorBody.ts';
import { isJsonObject, parseJson } from '../turn/json.ts';
import type { KeyCheck, Refusal } from './catalogEntry.ts';
import type { WebAnswer } from './webCall.ts';

/** What an answer says about the key that came with the request. */
export type Judgement =
  | { readonly kind: 'good' }
  /** The provider says that this is no key of its own. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It says nothing about the key; the reason goes on from "<label>: ". */
  | {
      readonly kind: 'silent';
      readonly reason: string;
      /** There is no such API at that address. */
      readonly elsewhere: boolean;
    };

const unauthorized: readonly Refusal[] = [{ status: 401 }];

/** Only an explicit answer about the key refuses it, and only what its API answers is a good one. */
export function judge(
  answer: WebAnswer,
  check: Pick<KeyCheck, 'refused' | 'valid' | 'good'>,
  url: string,
  secrets: readonly string[],
): Judgement {
  if (!answer.ok) {
    const reason = `${addressOf(url)} cannot be asked: ${answer.message}`;
    return { kind: 'silent', reason, elsewhere: answer.kind !== 'aborted' };
  }
  const { status, body } = answer;
  const facts = readErrorBody(body);
  if (facts.html || /\btext\/html\b/i.test(answer.headers['content-type'] ?? '')) {
    const title =
      facts.html && facts.text !== '' ? ` titled "${withoutSecrets(facts.text, secrets)}"` : '';
    return silent(
      `a web page${title} answers in place of its API: a sign-in page of your network, a company's proxy, or a wrong base URL.`,
      true,
    );
  }
  const words = withoutSecrets(facts.text, secrets).replace(/[.\s]+$/, '');
  const said = words === '' ? `${status}` : `${status}: ${words}`;
  if ((status === 401 || status === 403) && check.valid?.test(body)) return { kind: 'good' };
  if ((check.refused ?? unauthorized).some((refusal) => matches(refusal, status, body))) {
    return { kind: 'refused', reason: `refused the key (${said}).` };
  }
  if (status >= 200 && status < 300) return judgeSuccess(body, check.good, words);
  return silent(
    withoutVerdict(status, said, url, answer.headers['location']),
    status === 404 || status === 405 || status === 400 || (status >= 300 && status < 400),
  );
}

function matches(refusal: Refusal, status: number, body: string): boolean {
  return refusal.status === status && (refusal.body === undefined || refusal.body.test(body));
}

/** A portal or a gateway also says 200; some APIs do so for their errors. */
function judgeSuccess(body: string, good: RegExp | undefined, words: string): Judgement {
  const json = parseJson(body);
  const isApi = isJsonObject(json) || Array.isArray(json);
  const failed = isJsonObject(json) && ((json['error'] ?? null) !== null || !isSuccess(json));
  if (isApi && !failed && (good === undefined || good.test(body))) return { kind: 'good' };
  const why = failed && words !== '' ? ` (${words})` : '';
  return silent(`it answers with something else than its API does${why}.`, true);
}

function isSuccess(json: Readonly<Record<string, unknown>>): boolean {
  return json['success'] !== false;
}

function withoutVerdict(
  status: number,
  said: string,
  url: string,
  location: string | undefined,
): string {
  if (status >= 300 && status < 400) {
    const target = location === undefined ? null : URL.parse(location, url);
    const where = target === null ? 'elsewhere' : `to ${target.origin}${target.pathname}`;
    return `it redirects ${where} (${status}), and a key never follows a redirect.`;
  }
  switch (status) {
    case 402:
      return `it asks for credit or a plan (${said}).`;
    case 403:
      return `it does not let this request through (${said}): your network, your region, or a permission that the key lacks.`;
    case 404:
    case 405:
      return `there is nothing at ${addressOf(url)} (${said}).`;
    case 407:
      return 'the HTTP proxy of your network asks for a sign-in (407).';
    case 408:
    case 429:
      return `it limits the rate of requests (${said}).`;
    default:
      return status >= 500 ? `it fails at the moment (${said}).` : `it answers ${said}.`;
  }
}

function silent(reason: string, elsewhere: boolean): Judgement {
  return { kind: 'silent', reason, elsewhere };
}

/** Without its query, which may hold what is nobody's business. */
export function addressOf(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? url : `${parsed.origin}${parsed.pathname}`;
}

/** Providers repeat the key that they refuse, whole or its beginning or its end. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return text.replace(/[^\s"'`,;:()[\]{}<>]{4,}/g, (word) =>
    secrets.some((secret) => isPartOf(word, secret)) ? '[redacted]' : word,
  );
}

const telling = 6;

function isPartOf(word: string, secret: string): boolean {
  if (secret.length < telling) return word === secret;
  const ends = [secret.slice(0, telling), secret.slice(-telling)];
  return ends.some((end) => word.includes(end)) || (word.length >= 8 && secret.includes(word));
}
