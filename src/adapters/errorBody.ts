import { isJsonObject, parseJson } from '../turn/json.ts';
import { fieldOf, listOf, textOf } from './json.ts';

/** What a provider says about its error, whatever the shape of its body. */
export interface ErrorFacts {
  /** The provider's words, capped and without secrets; `''` where it gave none. */
  readonly text: string;
  /** Codes and types in lower case. MiniMax's numbers come as `base_resp:1004`. */
  readonly codes: readonly string[];
  /** The HTTP status that the body itself names. */
  readonly status: number | undefined;
  /** Seconds, where the body says when to come back. */
  readonly retryAfterSeconds: number | undefined;
  /** The body is a page for people. */
  readonly html: boolean;
}

const longestQuote = 500;

/** Nobody says more of an error; what stands behind it is not read. */
const longestText = 20_000;

/** How many gateways may stand behind each other, each with the error of the next inside its own. */
const deepest = 8;

/** Reads the body of a failed answer: JSON of any vendor, a web page, plain text or nothing. */
export function readErrorBody(body: string, depth = 0): ErrorFacts {
  const text = body.trim();
  const json = parseJson(text);
  if (isJsonObject(json) || Array.isArray(json)) return readErrorPayload(json, depth);
  if (text.startsWith('<')) {
    const title = /<title\b[^<>]*>([^<]*)<\/title>/i.exec(text)?.[1] ?? '';
    return { ...nothingSaid, text: quote(decodeEntities(title)), html: true };
  }
  return withTextFacts(typeof json === 'string' ? json : text);
}

/** The same for JSON that is parsed already. */
export function readErrorPayload(payload: unknown, depth = 0): ErrorFacts {
  const root = Array.isArray(payload) ? payload[0] : payload;
  if (typeof root === 'string') return withTextFacts(root);
  if (!isJsonObject(root)) return nothingSaid;
  const inner = root['error'] ?? root['errors'] ?? root['detail'];
  const first = Array.isArray(inner) ? inner[0] : inner;
  const base = root['base_resp'];
  const facts = withTextFacts(messageOf(root, first, depth));
  const codes = [fieldOf(first, 'code'), fieldOf(first, 'type'), fieldOf(first, 'status')]
    .concat([root['code'], root['type'], root['status']])
    .flatMap((code) => (typeof code === 'string' || typeof code === 'number' ? [`${code}`] : []));
  const baseCode = fieldOf(base, 'status_code');
  if (typeof baseCode === 'number') codes.push(`base_resp:${baseCode}`);
  for (const item of listOf(fieldOf(first, 'details'))) {
    const reason = textOf(fieldOf(item, 'reason'));
    if (reason !== '') codes.push(reason);
  }
  return {
    ...facts,
    codes: codes.map((code) => code.toLowerCase()),
    status: statusOf(root, first),
    retryAfterSeconds: retryDelay(first) ?? facts.retryAfterSeconds,
  };
}

const nothingSaid: ErrorFacts = {
  text: '',
  codes: [],
  status: undefined,
  retryAfterSeconds: undefined,
  html: false,
};

function withTextFacts(said: string): ErrorFacts {
  const text = said.slice(0, longestText);
  return { ...nothingSaid, text: quote(text), retryAfterSeconds: waitInWords(text) };
}

/** In the order of trust: `error.message`, flat forms, then what a gateway hides below. */
function messageOf(root: unknown, inner: unknown, depth: number): string {
  const own = textOf(fieldOf(inner, 'message')) || textOf(fieldOf(inner, 'msg'));
  const raw = fieldOf(fieldOf(inner, 'metadata'), 'raw');
  const says = own !== '' && !/^provider returned error/i.test(own);
  if (raw !== undefined && !says && depth < deepest) {
    const below =
      typeof raw === 'string' ? readErrorBody(raw, depth + 1) : readErrorPayload(raw, depth + 1);
    if (below.text !== '') return below.text;
  }
  return (
    own ||
    textOf(inner) ||
    textOf(fieldOf(root, 'message')) ||
    textOf(fieldOf(root, 'msg')) ||
    textOf(fieldOf(root, 'error_description')) ||
    textOf(fieldOf(fieldOf(root, 'base_resp'), 'status_msg')) ||
    textOf(fieldOf(root, 'title')) ||
    textOf(fieldOf(inner, 'code')) ||
    textOf(fieldOf(inner, 'status'))
  );
}

function statusOf(root: unknown, inner: unknown): number | undefined {
  const named = [
    fieldOf(inner, 'status_code'),
    fieldOf(inner, 'code'),
    fieldOf(inner, 'status'),
    fieldOf(root, 'status_code'),
    fieldOf(root, 'status'),
    fieldOf(root, 'code'),
  ];
  return named
    .map((value) => (typeof value === 'string' ? Number(value) : value))
    .filter((value) => typeof value === 'number')
    .find((code) => Number.isInteger(code) && code >= 400 && code < 600);
}

/** google.rpc.RetryInfo: `{ retryDelay: "34.07s" }` among the details. */
function retryDelay(inner: unknown): number | undefined {
  for (const item of listOf(fieldOf(inner, 'details'))) {
    const [, seconds] = /^(\d+(?:\.\d+)?)s$/.exec(textOf(fieldOf(item, 'retryDelay'))) ?? [];
    if (seconds !== undefined) return Math.ceil(Number(seconds));
  }
  return undefined;
}

const wait = /(?:again|retry)\s+(?:in|after)\s+((?:[\d.]+\s*[a-z]+[\s,]*(?:and\s+)?)+)/i;
const unitSeconds: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** "Please try again in 1m2.5s", "retry after 20 seconds", "try again in 350ms". */
function waitInWords(text: string): number | undefined {
  let seconds: number | undefined;
  for (const [, amount, word] of (wait.exec(text)?.[1] ?? '').matchAll(/([\d.]+)\s*([a-z]+)/gi)) {
    const unit = /^(?:ms|millis)/i.test(word ?? '') ? 'ms' : (word ?? '').charAt(0).toLowerCase();
    const factor = unitSeconds[unit];
    if (factor === undefined || !Number.isFinite(Number(amount))) break;
    seconds = (seconds ?? 0) + Number(amount) * factor;
  }
  return seconds === undefined ? undefined : Math.ceil(seconds);
}

/** One line, without secrets and half characters, of a bounded length. */
export function quote(text: string): string {
  const line = redactKeys(text.slice(0, longestText).replace(/\s+/g, ' ').trim());
  const cut = line.length > longestQuote ? `${line.slice(0, longestQuote)}…` : line;
  return cut.toWellFormed();
}

const keyPrefixes =
  /\b(?:sk|pk|rk|xai|gsk|csk|fw|vck|hf|nvapi|glpat|ghp|gho|ghu|ghs|github_pat|tgp|pplx|r8|bce-v3)[-_/][A-Za-z0-9_\-/.*]{6,}/g;
const bearer = /\b(bearer|basic)\s+[A-Za-z0-9_\-.~+/=]{8,}/gi;
const googleKey = /\bAIza[A-Za-z0-9_-]{10,}|\bAQ\.[A-Za-z0-9_-]{10,}/g;
const webToken = /\beyJ[\w-]{8,}(?:\.[\w-]*)*/g;
const keyInUrl = /([?&](?:api[-_]?key|key|token|access_token)=)[^&\s"']+/gi;
const longWord = /\b[A-Za-z0-9_]{32,}/g;
const requestId = /^(?:req|resp|msg|gen|chatcmpl)_/;

/** Providers repeat the key they refuse; nothing that looks like one gets into a message. */
function redactKeys(text: string): string {
  return text
    .replace(bearer, '$1 [redacted]')
    .replace(keyInUrl, '$1[redacted]')
    .replace(keyPrefixes, '[redacted]')
    .replace(googleKey, '[redacted]')
    .replace(webToken, '[redacted]')
    .replace(longWord, (word) => (looksSecret(word) ? '[redacted]' : word));
}

function looksSecret(word: string): boolean {
  return /[0-9]/.test(word) && /[A-Za-z]/.test(word) && !requestId.test(word);
}

function decodeEntities(text: string): string {
  const named: Readonly<Record<string, string>> = {
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    '#39': "'",
  };
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (all, name: string) => named[name] ?? all);
}
