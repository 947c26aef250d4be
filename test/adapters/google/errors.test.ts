import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { google } from '../../../src/adapters/google/adapter.ts';
import type { TurnErrorKind } from '../../../src/turn/error.ts';
import { gemini } from '../target.ts';

interface Said {
  readonly code: number;
  readonly status: string;
  readonly message: string;
  readonly details?: readonly object[];
}

const info = (reason: string): object => ({
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason,
});
const retry = (retryDelay: string): object => ({
  '@type': 'type.googleapis.com/google.rpc.RetryInfo',
  retryDelay,
});
const quota = (quotaId: string): object => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaMetric: 'generate_requests', quotaId, quotaValue: '20' }],
});
const exceeded =
  'You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.';

/** https://ai.google.dev/gemini-api/docs/troubleshooting and https://cloud.google.com/apis/design/errors */
const errors: Readonly<Record<string, readonly [Said, TurnErrorKind, wait?: number]>> = {
  'a wrong key': [
    {
      code: 400,
      status: 'INVALID_ARGUMENT',
      message: 'API key not valid. Please pass a valid API key.',
      details: [info('API_KEY_INVALID')],
    },
    'auth',
  ],
  'no key': [
    {
      code: 403,
      status: 'PERMISSION_DENIED',
      message: "Method doesn't allow unregistered callers.",
    },
    'permission',
  ],
  'a token that has expired': [
    { code: 401, status: 'UNAUTHENTICATED', message: 'Request had invalid credentials.' },
    'auth',
  ],
  'an unknown model': [
    {
      code: 404,
      status: 'NOT_FOUND',
      message:
        'models/gemini-9 is not found for API version v1beta, or is not supported for generateContent.',
    },
    'unknown_model',
  ],
  'a conversation that is too long': [
    {
      code: 400,
      status: 'INVALID_ARGUMENT',
      message:
        'The input token count (1201113) exceeds the maximum number of tokens allowed (1048576).',
    },
    'context_overflow',
  ],
  'a limit of one minute': [
    {
      code: 429,
      status: 'RESOURCE_EXHAUSTED',
      message: exceeded,
      details: [quota('GenerateRequestsPerMinutePerProjectPerModel'), retry('34.074824224s')],
    },
    'rate_limit',
    35,
  ],
  'a limit of the whole day': [
    {
      code: 429,
      status: 'RESOURCE_EXHAUSTED',
      message: exceeded,
      details: [quota('GenerateRequestsPerDayPerProjectPerModel-FreeTier'), retry('12s')],
    },
    'billing',
  ],
  'an overloaded model': [
    { code: 503, status: 'UNAVAILABLE', message: 'The model is overloaded.' },
    'overloaded',
  ],
  'a fault of its own': [
    { code: 500, status: 'INTERNAL', message: 'An internal error has occurred.' },
    'upstream',
  ],
  'an end of its patience': [
    { code: 504, status: 'DEADLINE_EXCEEDED', message: 'Deadline expired.' },
    'upstream',
  ],
  'an operation that it gave up': [
    { code: 499, status: 'CANCELLED', message: 'The operation was cancelled.' },
    'upstream',
  ],
  'a country that it does not serve': [
    {
      code: 400,
      status: 'FAILED_PRECONDITION',
      message: 'User location is not supported for the API use.',
    },
    'rejected',
  ],
  'a signature that it does not know': [
    { code: 400, status: 'INVALID_ARGUMENT', message: 'Corrupted thought signature.' },
    'rejected',
  ],
};

describe('an error about', () => {
  for (const [what, [error, kind, wait]] of Object.entries(errors)) {
    for (const [form, body] of [
      ['alone', { error }],
      ['in a list', [{ error }]],
    ] as const) {
      test(`${what}, ${form}, is told as what it is`, () => {
        const answer = { status: error.code, headers: {}, body: JSON.stringify(body) };
        const told = google.error(answer, gemini());
        assert.equal(told.kind, kind);
        assert.equal(told.status, error.code);
        assert.equal(told.retryAfterSeconds, wait);
        assert.ok(told.message.includes(error.message.slice(0, 60)), told.message);
        assert.match(told.message, /Acme|acme/);
      });
    }
  }

  test('nothing at all is one sentence', () => {
    const told = google.error({ status: 502, headers: {}, body: '' }, gemini());
    assert.equal(told.kind, 'upstream');
    assert.match(told.message, /^Acme failed \(502\)\. .+\.$/);
  });
});
