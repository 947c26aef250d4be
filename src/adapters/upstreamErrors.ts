import { type TurnError, type TurnErrorKind, turnError } from '../turn/error.ts';
import type { ErrorAnswer } from './adapter.ts';
import { type ErrorFacts, quote, readErrorBody, readErrorPayload } from './errorBody.ts';
import type { Target } from './target.ts';

/** An answer whose status is not 2xx: the vendors' words and codes become one of our kinds. */
export function errorFromAnswer(answer: ErrorAnswer, target: Target): TurnError {
  const facts = readErrorBody(answer.body);
  const wait = waitFromHeaders(answer.headers) ?? facts.retryAfterSeconds;
  return sentence(classify(facts, answer.status, wait), facts, answer.status, wait, target);
}

/** An error that stands inside a 200 answer: a stream's error chunk, `base_resp`, a flat error object. */
export function errorFromPayload(payload: unknown, target: Target): TurnError {
  const facts = readErrorPayload(payload);
  const wait = facts.retryAfterSeconds;
  return sentence(classify(facts, facts.status, wait), facts, facts.status, wait, target);
}

/** The provider said nothing more than this kind of failure. */
export function plainError(kind: TurnErrorKind, text: string, target: Target): TurnError {
  const facts: ErrorFacts = {
    text: quote(text),
    codes: [],
    status: undefined,
    retryAfterSeconds: undefined,
    html: false,
  };
  return sentence(kind, facts, undefined, undefined, target);
}

/** A 200 answer that is not what the wire format promises: a web page, plain text, half a JSON. */
export function errorFromNonsense(body: string, target: Target): TurnError {
  const facts = readErrorBody(body);
  if (facts.html) {
    const title = facts.text === '' ? '' : ` titled "${facts.text}"`;
    return turnError(
      'upstream',
      `${target.label} answered with a web page${title} instead of its API. Check the base URL of provider "${target.provider}".`,
    );
  }
  if (facts.text === '') {
    return turnError('cut', `${target.label} closed the connection without an answer. Try again.`);
  }
  return turnError(
    'upstream',
    `${target.label} answered with something that is not JSON (${facts.text}). Check the base URL of provider "${target.provider}".`,
  );
}

/**
 * The texts with which vendors say that the conversation is too long. Most have no code of their
 * own for it.
 */
const overflowText = new RegExp(
  [
    'prompt is too long',
    'prompt too long',
    'input is too long',
    'exceeds? (?:the|this model.?s|the model.?s|the available) (?:maximum )?context',
    'context window (?:limit )?(?:is |was )?exceed',
    'context length (?:is |was )?exceed',
    'input token count.{0,80}exceeds the maximum',
    'maximum prompt length is',
    'reduce the length of the (?:messages|prompt|input)',
    'max(?:imum)? context length',
    'prompt exceeds max length',
    'longer than the model.?s context length',
    'greater than the context length',
    'token count.{0,40}exceeds the limit of',
    'exceeded model token limit',
    'range of input length should be',
    'total length of all messages is too long',
    'contextwindowexceedederror',
  ].join('|'),
  'i',
);
const overflowCodes = [
  'context_length_exceeded',
  'exceed_context_size_error',
  'model_context_window_exceeded',
  'too_many_prompt_tokens',
  'request_too_large',
  'string_above_max_length',
  '1261',
  'base_resp:1039',
];

const billingText =
  /insufficient[ _](?:balance|credit|fund|quota)|billing|(?:no|out of|not enough|add|more) credits?\b|credit balance|exceeded your current quota|monthly (?:usage|spend|included).{0,20}(?:limit|credit)|arrearage|payment required|spend limit|usage limit (?:has been )?reached/i;
const billingCodes = [
  'insufficient_quota',
  'insufficient_balance',
  'insufficient_user_quota',
  'billing_error',
  'billing_hard_limit_reached',
  'billing_not_active',
  'exceeded_current_quota_error',
  'usage_limit_reached',
  'usage_not_included',
  'subscription_sharing_usage_limit_exceeded',
  'enforced_spend_limit_reached',
  'creditserror',
  'gousagelimiterror',
  'freeusagelimiterror',
  'arrearage',
  '1113',
  '1308',
  'base_resp:1008',
];

const authText =
  /(?:incorrect|invalid|wrong|bad|missing|expired|no) (?:api[- ]?key|x-api-key|subscription key|access token|authentication|credentials?)|api[- ]?key (?:is )?(?:not valid|invalid|incorrect|expired|missing)|authentication fail|login fail|not authenticated|unauthori[sz]ed/i;
const authCodes = [
  'invalid_api_key',
  'api_key_invalid',
  'wrong_api_key',
  'authentication_error',
  'invalid_authentication_error',
  'autherror',
  'unauthenticated',
  'unauthorized',
  'base_resp:1004',
];

const permissionCodes = ['permission_error', 'permission_denied', 'model_access_denied'];

const unknownModelText =
  /model.{0,80}(?:does not exist|not exist|not found|is not available|unknown|is not supported)|(?:unknown|no such|invalid) model/i;
const unknownModelCodes = ['model_not_found', 'modelerror', 'deploymentnotfound', '1211'];

const rateCodes = [
  'rate_limit_exceeded',
  'rate_limit_error',
  'rate_limit_reached_error',
  'resource_exhausted',
  'too_many_requests',
  'throttling',
  '1302',
  '1303',
  '1305',
  'base_resp:1002',
];

const overloadText =
  /overloaded|at capacity|server (?:is )?busy|service (?:is )?(?:temporarily )?unavailable|resource ?exhausted|no healthy upstream|high demand/i;
const overloadCodes = [
  'overloaded_error',
  'server_is_overloaded',
  'engine_overloaded_error',
  'server_busy',
  'insufficient_system_resource',
  'slow_down',
  'unavailable',
];

function classify(
  facts: ErrorFacts,
  status: number | undefined,
  wait: number | undefined,
): TurnErrorKind {
  const rate = status === 429 || says(facts, rateCodes);
  // Groq's 413: this one request is larger than the plan's tokens per minute. Waiting cannot help.
  if (status === 413 && rate) return 'rejected';
  if (!rate && (status === 413 || says(facts, overflowCodes, overflowText))) {
    return 'context_overflow';
  }
  if (isBilling(facts, status, wait)) return 'billing';
  if (says(facts, overloadCodes)) return 'overloaded';
  if (rate) return 'rate_limit';
  if (isAuth(facts, status)) return 'auth';
  if (status === 403 || says(facts, permissionCodes)) return 'permission';
  if (says(facts, unknownModelCodes, unknownModelText)) return 'unknown_model';
  return byStatus(facts, status);
}

function says(facts: ErrorFacts, codes: readonly string[], text?: RegExp): boolean {
  return facts.codes.some((code) => codes.includes(code)) || text?.test(facts.text) === true;
}

function isBilling(
  facts: ErrorFacts,
  status: number | undefined,
  wait: number | undefined,
): boolean {
  if (status === 402 || says(facts, billingCodes)) return true;
  // Gemini words its per-minute limits like a used-up plan, but tells when to come back.
  return billingText.test(facts.text) && wait === undefined && status !== 404;
}

function isAuth(facts: ErrorFacts, status: number | undefined): boolean {
  if (status === 401 || says(facts, authCodes)) return true;
  return authText.test(facts.text) && (status === undefined || status === 400 || status === 403);
}

function byStatus(facts: ErrorFacts, status: number | undefined): TurnErrorKind {
  // The model wrote a call that Groq's parser refuses: the same request often works again.
  if (says(facts, ['tool_use_failed'])) return 'upstream';
  if (status === 503 || status === 529 || overloadText.test(facts.text)) return 'overloaded';
  const mayPass = status === undefined || status >= 500 || [408, 409, 421, 425].includes(status);
  return mayPass ? 'upstream' : 'rejected';
}

function sentence(
  kind: TurnErrorKind,
  facts: ErrorFacts,
  status: number | undefined,
  wait: number | undefined,
  target: Target,
): TurnError {
  const { label, provider, model } = target;
  const said = facts.html ? `a web page${facts.text === '' ? '' : ` "${facts.text}"`}` : facts.text;
  const why = [status, said].filter((part) => part !== undefined && part !== '').join(': ');
  const [what, remedy] = wording(kind, label, provider, model, status, facts);
  return {
    kind,
    message: `${what}${why === '' ? '' : ` (${why})`}. ${remedy}`,
    status,
    retryAfterSeconds: wait,
  };
}

function wording(
  kind: TurnErrorKind,
  label: string,
  provider: string,
  model: string,
  status: number | undefined,
  facts: ErrorFacts,
): readonly [what: string, remedy: string] {
  switch (kind) {
    case 'auth':
      return [`${label} refused the key`, `Check the key of provider "${provider}".`];
    case 'permission':
      return [
        `${label} does not allow this`,
        `Check what the key of provider "${provider}" may use, or pick another model.`,
      ];
    case 'billing':
      return [
        `${label} says that the credit or plan is used up`,
        `Check the account at ${label}, or pick another provider.`,
      ];
    case 'context_overflow':
      return [
        `The conversation is longer than the context window of ${model} at ${label}`,
        'Compact the conversation or start a new one.',
      ];
    case 'unknown_model':
      return [`${label} does not know the model "${model}"`, 'Pick another model.'];
    case 'rate_limit':
      return [`${label} limits the rate of requests`, 'Wait a little, or pick another model.'];
    case 'overloaded':
      return [`${label} is overloaded`, 'Wait a little, or pick another model.'];
    case 'cut':
      return [`${label} ended the answer before it was complete`, 'Try again.'];
    case 'rejected':
      return status === 404 || status === 405 || facts.html
        ? [`${label} has nothing at this address`, `Check the base URL of provider "${provider}".`]
        : [`${label} refused the request`, `Pick another model, or check provider "${provider}".`];
    case 'upstream':
    case 'network':
    case 'bad_request':
    case 'internal':
      return [`${label} failed`, 'Try again, or pick another model.'];
  }
}

/** `retry-after-ms`, `retry-after` in seconds or as a date (measured by the provider's own clock). */
function waitFromHeaders(headers: ErrorAnswer['headers']): number | undefined {
  const milliseconds = Number(headers['retry-after-ms'] ?? Number.NaN);
  if (milliseconds > 0) return Math.ceil(milliseconds / 1000);
  const after = headers['retry-after']?.trim() ?? '';
  if (/^\d+(?:\.\d+)?$/.test(after)) return Math.ceil(Number(after));
  const until = Date.parse(after) - Date.parse(headers['date'] ?? new Date().toUTCString());
  return Number.isFinite(until) ? Math.max(0, Math.ceil(until / 1000)) : undefined;
}
