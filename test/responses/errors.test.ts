import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failsInStream, httpAnswer, streamFailure } from '../../src/responses/errors.ts';
import { type TurnErrorKind, turnError } from '../../src/turn/error.ts';
import { isRecord } from '../support/json.ts';

const lasting: readonly TurnErrorKind[] = [
  'bad_request',
  'unknown_model',
  'auth',
  'permission',
  'billing',
  'rejected',
];
const passing: readonly TurnErrorKind[] = [
  'rate_limit',
  'overloaded',
  'upstream',
  'network',
  'cut',
  'internal',
];

const codeOf = (body: string) => {
  const parsed: unknown = JSON.parse(body);
  assert.ok(isRecord(parsed) && isRecord(parsed['error']));
  assert.equal(parsed['error']['message'], 'Acme: no.');
  return parsed['error']['code'];
};

describe('errors as Codex must hear them', () => {
  it('that last are 400 in plain text, which Codex shows as it is and does not repeat', () => {
    for (const kind of lasting) {
      const error = turnError(kind, 'Acme: no.', { status: 401, retryAfterSeconds: 3 });
      const answer = httpAnswer(error);
      assert.deepEqual([answer.status, answer.body], [400, 'Acme: no.'], kind);
      assert.match(answer.headers['content-type'] ?? '', /^text\/plain/);
      assert.deepEqual(streamFailure(error), { code: 'invalid_prompt', message: 'Acme: no.' });
      assert.equal(failsInStream(error), false);
    }
  });

  it('of a full context window are told by the code that Codex acts on', () => {
    const error = turnError('context_overflow', 'Acme: no.');
    assert.equal(httpAnswer(error).status, 400);
    assert.equal(codeOf(httpAnswer(error).body), 'context_length_exceeded');
    assert.equal(streamFailure(error).code, 'context_length_exceeded');
    assert.equal(failsInStream(error), false);
  });

  it('that pass fail in the stream where there is one, so that their text is seen', () => {
    for (const kind of passing) assert.equal(failsInStream(turnError(kind, 'x')), true, kind);
    assert.deepEqual(
      passing.map((kind) => [
        httpAnswer(turnError(kind, 'Acme: no.')).status,
        codeOf(httpAnswer(turnError(kind, 'Acme: no.')).body),
      ]),
      [
        [429, 'rate_limit_exceeded'],
        [503, 'slow_down'],
        [502, 'server_error'],
        [502, 'server_error'],
        [502, 'server_error'],
        [500, 'server_error'],
      ],
    );
  });

  it('never are 401, whatever the provider said', () => {
    for (const kind of [...lasting, ...passing])
      assert.notEqual(httpAnswer(turnError(kind, 'x', { status: 401 })).status, 401);
  });

  it('of a rate limit carry the wait in the forms that Codex reads', () => {
    const error = turnError('rate_limit', 'Acme: no.', { retryAfterSeconds: 2.2 });
    assert.equal(httpAnswer(error).headers['retry-after'], '3');
    assert.equal(streamFailure(error).message, 'Acme: no. Please try again in 3s.');
    const says = turnError('rate_limit', 'Try again in 20s, please.', { retryAfterSeconds: 20 });
    assert.equal(streamFailure(says).message, 'Try again in 20s, please.');
    assert.equal(streamFailure(turnError('rate_limit', 'Acme: no.')).message, 'Acme: no.');
    assert.match(httpAnswer(turnError('overloaded', 'x')).headers['retry-after'] ?? '', /^\d+$/);
    assert.match(
      httpAnswer(turnError('rate_limit', 'x', { retryAfterSeconds: 0 })).headers['retry-after'] ??
        '',
      /^[1-9]\d*$/,
    );
  });

  it('of a rate limit that lasts too long to wait for are told at once', () => {
    const error = turnError('rate_limit', 'Acme: no.', { retryAfterSeconds: 7200 });
    assert.equal(failsInStream(error), false);
    assert.deepEqual(streamFailure(error), { code: 'invalid_prompt', message: 'Acme: no.' });
  });
});
