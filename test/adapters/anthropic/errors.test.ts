import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anthropic } from '../../../src/adapters/anthropic/adapter.ts';
import type { TurnErrorKind } from '../../../src/turn/error.ts';
import { outcomeOf } from '../../support/turnEvents.ts';
import { claude } from '../target.ts';

/** https://platform.claude.com/docs/en/api/errors */
const answers: readonly (readonly [
  status: number,
  type: string,
  message: string,
  TurnErrorKind,
])[] = [
  [400, 'invalid_request_error', 'messages.0: Input should be a valid dictionary', 'rejected'],
  [
    400,
    'invalid_request_error',
    'prompt is too long: 210000 tokens > 200000 maximum',
    'context_overflow',
  ],
  [
    400,
    'invalid_request_error',
    'input length and `max_tokens` exceed context limit: 190000 + 64000 > 200000, decrease input length or `max_tokens` and try again',
    'context_overflow',
  ],
  [
    400,
    'invalid_request_error',
    'Your credit balance is too low to access the Anthropic API.',
    'billing',
  ],
  [401, 'authentication_error', 'invalid x-api-key', 'auth'],
  [402, 'billing_error', 'Payment failed.', 'billing'],
  [403, 'permission_error', 'Your API key may not use this resource.', 'permission'],
  [404, 'not_found_error', 'model: claude-9', 'unknown_model'],
  [404, 'not_found_error', 'Not found', 'rejected'],
  [413, 'request_too_large', 'Request exceeds the maximum size', 'context_overflow'],
  [429, 'rate_limit_error', 'This request would exceed your rate limit.', 'rate_limit'],
  [500, 'api_error', 'Internal server error', 'upstream'],
  [504, 'timeout_error', 'Request timed out', 'upstream'],
  [529, 'overloaded_error', 'Overloaded', 'overloaded'],
];

const bodyOf = (type: string, message: string, details?: object): string =>
  JSON.stringify({
    type: 'error',
    error: { type, message, ...(details && { details }) },
    request_id: 'req_1',
  });

describe('an error', () => {
  for (const [status, type, message, kind] of answers) {
    test(`${status} ${message.slice(0, 40)} is ${kind}`, () => {
      const error = anthropic.error({ status, headers: {}, body: bodyOf(type, message) }, claude());
      assert.equal(error.kind, kind);
      assert.equal(error.status, status);
      assert.ok(error.message.includes(message.slice(0, 30)), error.message);
      assert.ok(error.message.includes('Acme'), error.message);
    });
  }

  test('tells how long to wait', () => {
    const body = bodyOf('rate_limit_error', 'Slow down.');
    const headers = { 'retry-after': '17' };
    assert.equal(anthropic.error({ status: 429, headers, body }, claude()).retryAfterSeconds, 17);
  });

  test('of a spend limit is not waited for', () => {
    const details = { error_code: 'enforced_spend_limit_reached' };
    const body = bodyOf('rate_limit_error', 'This workspace has reached its limit.', details);
    assert.equal(anthropic.error({ status: 429, headers: {}, body }, claude()).kind, 'billing');
  });

  test('that is no JSON is one clear sentence', () => {
    const page = '<html><title>502 Bad Gateway</title></html>';
    for (const body of ['', page, '{"type":"err']) {
      const error = anthropic.error({ status: 502, headers: {}, body }, claude());
      assert.equal(error.kind, 'upstream');
      assert.match(error.message, /^Acme failed \(502.*\)\. Try again/);
      assert.doesNotMatch(error.message, /[<>]/);
    }
  });

  test('inside a stream says the same', () => {
    for (const [, type, message, kind] of answers.filter(([status]) => status !== 404)) {
      const decoder = anthropic.decoder(claude(), 'sse');
      const data = `event: error\ndata: ${bodyOf(type, message)}\n\n`;
      const { error } = outcomeOf(decoder.push(new TextEncoder().encode(data)));
      assert.equal(error?.kind, kind, message);
    }
  });
});
