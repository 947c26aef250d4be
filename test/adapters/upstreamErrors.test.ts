import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readErrorPayload } from '../../src/adapters/errorBody.ts';
import type { Target } from '../../src/adapters/target.ts';
import {
  errorFromAnswer,
  errorFromNonsense,
  errorFromPayload,
} from '../../src/adapters/upstreamErrors.ts';
import type { TurnErrorKind } from '../../src/turn/error.ts';

const target: Target = {
  provider: 'deepseek',
  label: 'DeepSeek',
  wire: 'openai-chat',
  baseUrl: 'https://api.deepseek.test',
  model: 'deepseek-flash',
  traits: {
    contextWindow: undefined,
    maxOutputTokens: undefined,
    reasoning: undefined,
    efforts: undefined,
    vision: undefined,
  },
  quirks: {},
};

function fails(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return errorFromAnswer({ status, headers, body: text }, target);
}
const error = (message: string, more: object = {}) => ({ error: { message, ...more } });

test('a message names the provider, what it said, and what to do', () => {
  assert.deepEqual(fails(401, error('Authentication Fails, Your api key: ****-key is invalid')), {
    kind: 'auth',
    message:
      'DeepSeek refused the key (401: Authentication Fails, Your api key: ****-key is invalid). Check the key of provider "deepseek".',
    status: 401,
    retryAfterSeconds: undefined,
  });
});

const overflows: readonly [status: number, body: unknown][] = [
  [400, error('prompt is too long: 210000 tokens > 200000 maximum')],
  [400, error('Your input exceeds the context window of this model.')],
  [400, error('…', { code: 'context_length_exceeded' })],
  [400, error('The input token count (1200000) exceeds the maximum number of tokens allowed')],
  [400, { code: 'x', error: "This model's maximum prompt length is 131072 but the request has 2" }],
  [400, error('Please reduce the length of the messages or completion.')],
  [
    400,
    error(
      "This endpoint's maximum context length is 200000 tokens. However, you requested 2500021",
    ),
  ],
  [400, error('Input (9 tokens) is longer than the model’s context length (8 tokens)')],
  [
    400,
    error('the request exceeds the available context size', { type: 'exceed_context_size_error' }),
  ],
  [400, { error: 'Trying to keep the first 9 tokens, which is greater than the context length' }],
  [400, error('prompt token count of 9 exceeds the limit of 8')],
  [413, ''],
  [413, '<html><title>413 Payload Too Large</title></html>'],
  [200, { base_resp: { status_code: 2013, status_msg: 'context window exceeds limit (2013)' } }],
  [400, error('Invalid request: Your request exceeded model token limit: 262144')],
  [
    400,
    { object: 'error', message: 'Prompt is too large for model with 32768 maximum context length' },
  ],
  [400, error('Prompt 超长', { code: '1261' })],
  [
    400,
    error('<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 98304]'),
  ],
  [400, error('litellm.ContextWindowExceededError: litellm.BadRequestError: …')],
  [400, error('prompt too long; exceeded max context length by 1119046 tokens')],
  [400, error('The total length of all messages is too long.', { type: 'too_many_prompt_tokens' })],
  [500, error('input is too long for requested model')],
];

type Case = readonly [kind: TurnErrorKind, status: number, body: unknown];

const kinds: readonly Case[] = [
  ...overflows.map(([status, body]): Case => ['context_overflow', status, body]),
  ['auth', 401, ''],
  [
    'auth',
    400,
    { code: 'invalid-argument', error: 'Incorrect API key provided: xa***3. You can obtain…' },
  ],
  [
    'auth',
    400,
    error('API key not valid.', {
      status: 'INVALID_ARGUMENT',
      details: [{ reason: 'API_KEY_INVALID' }],
    }),
  ],
  ['auth', 200, { base_resp: { status_code: 1004, status_msg: 'login fail' } }],
  ['auth', 403, { message: 'Invalid API key' }],
  ['permission', 403, error('Country, region, or territory not supported')],
  ['permission', 400, error('x', { type: 'permission_error' })],
  ['billing', 402, error('Insufficient Balance')],
  [
    'billing',
    429,
    error('You exceeded your current quota, please check your plan', {
      code: 'insufficient_quota',
    }),
  ],
  ['billing', 429, error('余额不足', { code: '1113' })],
  ['billing', 429, error('Weekly limit', { code: '1308' })],
  [
    'billing',
    429,
    { type: 'error', error: { type: 'GoUsageLimitError', message: 'Subscription limit' } },
  ],
  ['billing', 429, error('Monthly usage limit reached')],
  [
    'billing',
    400,
    error('Access denied, please make sure your account is in good standing.', {
      code: 'Arrearage',
    }),
  ],
  ['billing', 200, { base_resp: { status_code: 1008, status_msg: 'x' } }],
  ['billing', 403, { error: 'Your credit balance is too low' }],
  ['unknown_model', 404, error('The model `x` does not exist or you do not have access to it.')],
  ['unknown_model', 400, error('Model Not Exist')],
  ['unknown_model', 404, { error: "model 'x' not found" }],
  ['unknown_model', 400, error('模型不存在', { code: '1211' })],
  ['rejected', 404, '404 page not found'],
  ['rejected', 404, '<html><head><title>Not Found</title></head></html>'],
  [
    'rejected',
    422,
    { detail: [{ loc: ['body', 'store'], msg: 'Extra inputs are not permitted' }] },
  ],
  [
    'rejected',
    400,
    error("Unsupported parameter: 'max_tokens'", { code: 'unsupported_parameter' }),
  ],
  [
    'rejected',
    413,
    error(
      'Request too large for model `x` on tokens per minute (TPM): Limit 8000, Requested 9000',
      { type: 'tokens', code: 'rate_limit_exceeded' },
    ),
  ],
  ['rejected', 400, ''],
  ['rate_limit', 429, ''],
  ['rate_limit', 429, error('Too many requests')],
  ['rate_limit', 400, error('x', { code: 'rate_limit_exceeded' })],
  ['rate_limit', 200, { base_resp: { status_code: 1002, status_msg: 'rate limit' } }],
  ['overloaded', 503, ''],
  ['overloaded', 529, error('Overloaded', { type: 'overloaded_error' })],
  [
    'overloaded',
    429,
    error('The engine is currently overloaded', { type: 'engine_overloaded_error' }),
  ],
  ['overloaded', 500, { detail: 'ResourceExhausted: no workers' }],
  ['upstream', 400, error('Failed to call a function', { code: 'tool_use_failed' })],
  ['upstream', 500, error('oops')],
  ['upstream', 502, '<html><title>502 Bad Gateway</title></html>'],
  ['upstream', 408, ''],
  ['upstream', 520, ''],
];

for (const [kind, status, body] of kinds) {
  test(`${status} ${JSON.stringify(body).slice(0, 90)} is ${kind}`, () => {
    const found = status === 200 ? errorFromPayload(body, target) : fails(status, body);
    assert.equal(found.kind, kind, found.message);
    assert.match(found.message, /DeepSeek.*\. [A-Z][^.]+\.$/s);
    assert.equal(found.message.includes('<'), JSON.stringify(body).includes('<400>'));
  });
}

const shapes: readonly [what: string, body: unknown, words: string][] = [
  ['error.message', error('the words'), 'the words'],
  ['a string', { error: 'the words' }, 'the words'],
  ['a flat message', { message: 'the words', code: 20012 }, 'the words'],
  ['detail', { detail: 'the words' }, 'the words'],
  ['detail of FastAPI', { detail: [{ loc: ['body'], msg: 'the words' }] }, 'the words'],
  [
    'a list of errors',
    { success: false, errors: [{ code: 7003, message: 'the words' }] },
    'the words',
  ],
  ['base_resp', { base_resp: { status_code: 2013, status_msg: 'the words' } }, 'the words'],
  ['a bare string', '"the words"', 'the words'],
  ['plain text', 'the words', 'the words'],
  ['an array around it', [error('the words')], 'the words'],
  ['problem+json', { type: 'about:blank', title: 'the words', status: 400 }, 'the words'],
  [
    'what a gateway hides',
    error('Provider returned error', { metadata: { raw: '{"error":{"message":"the words"}}' } }),
    'the words',
  ],
  [
    'a web page',
    '<html><head><title>the &amp; words</title></head></html>',
    'a web page "the & words"',
  ],
];
for (const [what, body, words] of shapes) {
  test(`the provider’s words are read from ${what}`, () => {
    assert.ok(fails(400, body).message.includes(`(400: ${words})`), fails(400, body).message);
  });
}

test('an error inside an answer names its own status', () => {
  const found = errorFromPayload(error('slow down', { code: 429 }), target);
  assert.equal(found.kind, 'rate_limit');
  assert.equal(found.status, 429);
  assert.equal(errorFromPayload({ error: { message: 'x' } }, target).status, undefined);
});

const waits: readonly [
  headers: Record<string, string>,
  text: string,
  seconds: number | undefined,
][] = [
  [{ 'retry-after': '20' }, '', 20],
  [{ 'retry-after': '1.2' }, '', 2],
  [{ 'retry-after-ms': '1500', 'retry-after': '9' }, '', 2],
  [
    { 'retry-after': 'Wed, 18 Nov 2026 10:00:30 GMT', date: 'Wed, 18 Nov 2026 10:00:00 GMT' },
    '',
    30,
  ],
  [{ 'retry-after': 'soon' }, '', undefined],
  [{}, 'Rate limit reached. Please try again in 1m2.5s.', 63],
  [{}, 'Please try again in 350ms.', 1],
  [{}, 'Retry after 20 seconds', 20],
  [{}, 'try again in 2 hours and 5 minutes', 7500],
  [{}, 'try again in a while', undefined],
  [{}, '', undefined],
];
for (const [headers, text, seconds] of waits) {
  test(`${JSON.stringify(headers)} "${text}" means ${seconds} seconds`, () => {
    assert.equal(fails(429, error(text), headers).retryAfterSeconds, seconds);
  });
}

test('Gemini’s quota words with a delay are a rate limit', () => {
  const found = fails(429, {
    error: {
      code: 429,
      message: 'You exceeded your current quota, please check your plan and billing details.',
      status: 'RESOURCE_EXHAUSTED',
      details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.07s' }],
    },
  });
  assert.equal(found.kind, 'rate_limit');
  assert.equal(found.retryAfterSeconds, 35);
});

const secrets = [
  'sk-proj-abcdEFGH1234567890',
  'sk-ant-api03-abcdEFGH1234567890',
  'gsk_abcdEFGH1234567890',
  'xai-abcdEFGH1234567890',
  'AIzaSyA1234567890abcdefghijk',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-DEF_123',
  '0123456789abcdef0123456789abcdef',
];
for (const secret of secrets) {
  test(`${secret.slice(0, 8)}… never gets into a message`, () => {
    for (const text of [
      `Incorrect API key provided: ${secret}.`,
      `Bearer ${secret}`,
      `https://x.test/v1?key=${secret}&b=1`,
    ]) {
      for (const body of [error(text), text, `<title>${text}</title>`]) {
        assert.ok(!fails(401, body).message.includes(secret), fails(401, body).message);
      }
    }
  });
}

test('names that only look long stay readable', () => {
  const text =
    'The model accounts/fireworks/models/deepseek-r1-distill-llama-70b-v2 (request req_0123456789abcdef0123456789abcdef) is gone';
  assert.ok(fails(500, error(text)).message.includes(text));
});

test('a quote is bounded and on one line', () => {
  const { message } = fails(500, error(`many\n\nwords ${'and more '.repeat(5000)}`));
  assert.ok(message.length < 700);
  assert.ok(message.includes('(500: many words and more'));
  assert.ok(message.includes('…)'));
});

test('an error of any length and any depth is told, however its provider means it', () => {
  const wait = fails(429, error(`Slow down, try again in ${'1a'.repeat(5_000_000)}`));
  assert.equal(wait.kind, 'rate_limit');
  const levels = 100_000;
  const nested = `${'{"error":{"metadata":{"raw":'.repeat(levels)}{}${'}}}'.repeat(levels)}`;
  assert.equal(errorFromPayload(JSON.parse(nested), target).kind, 'upstream');
  const behindTwo = JSON.stringify(error('', { metadata: { raw: JSON.stringify(error('Why.')) } }));
  const message = 'Provider returned error';
  const { text } = readErrorPayload(error(message, { metadata: { raw: behindTwo } }));
  assert.equal(text, 'Why.');
});

test('a web page with status 200, plain text and nothing at all are one clear sentence', () => {
  assert.equal(
    errorFromNonsense('<!doctype html><title>Sign in</title>', target).message,
    'DeepSeek answered with a web page titled "Sign in" instead of its API. Check the base URL of provider "deepseek".',
  );
  assert.equal(errorFromNonsense('', target).kind, 'cut');
  assert.match(errorFromNonsense('hello', target).message, /not JSON \(hello\)/);
});
