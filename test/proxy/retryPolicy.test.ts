import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Decision, decide, type FailedAttempt } from '../../src/proxy/retryPolicy.ts';
import { type TurnErrorKind, turnError } from '../../src/turn/error.ts';

type Facts = Partial<Omit<FailedAttempt, 'error'>> & {
  readonly status?: number;
  readonly retryAfterSeconds?: number;
};

function decision(kind: TurnErrorKind, facts: Facts = {}, random = 0.5): Decision {
  const { status, retryAfterSeconds, ...rest } = facts;
  const error = turnError(kind, 'It failed.', {
    ...(status === undefined ? {} : { status }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
  return decide(
    {
      error,
      tries: 1,
      elapsedMs: 0,
      clientRetries: false,
      canRenew: false,
      canRemedy: false,
      canFallBack: false,
      restMs: undefined,
      ...rest,
    },
    random,
  );
}

const rows: readonly (readonly [TurnErrorKind, Facts, string])[] = [
  ['network', {}, 'retry 150'],
  ['network', { tries: 2 }, 'retry 300'],
  ['network', { tries: 3 }, 'reject'],
  ['network', { clientRetries: true }, 'retry 150'],
  ['network', { elapsedMs: 16_000 }, 'reject'],
  ['network', { canFallBack: true }, 'retry 150'],
  ['network', { canFallBack: true, tries: 2 }, 'fallBack'],
  ['overloaded', { status: 529 }, 'retry 400'],
  ['overloaded', { status: 529, tries: 2 }, 'retry 800'],
  ['overloaded', { status: 529, tries: 3 }, 'reject'],
  ['overloaded', { status: 503, retryAfterSeconds: 2 }, 'retry 2100'],
  ['overloaded', { status: 503, retryAfterSeconds: 6 }, 'reject'],
  ['overloaded', { status: 503, retryAfterSeconds: 6, canFallBack: true }, 'fallBack'],
  ['overloaded', { status: 503, retryAfterSeconds: 2, canFallBack: true }, 'fallBack'],
  ['overloaded', { clientRetries: true }, 'reject'],
  ['overloaded', { restMs: 900 }, 'retry 945'],
  ['overloaded', { restMs: 900, canFallBack: true }, 'fallBack'],
  ['overloaded', { restMs: 9_000 }, 'reject'],
  ['rate_limit', { status: 429 }, 'reject'],
  ['rate_limit', { status: 429, canFallBack: true }, 'fallBack'],
  ['rate_limit', { status: 429, retryAfterSeconds: 1 }, 'retry 1050'],
  ['rate_limit', { status: 429, retryAfterSeconds: 60 }, 'reject'],
  ['upstream', { status: 500 }, 'retry 400'],
  ['upstream', { status: 500, tries: 2 }, 'reject'],
  ['upstream', {}, 'reject'],
  ['upstream', { canFallBack: true }, 'fallBack'],
  ['cut', {}, 'retry 150'],
  ['cut', { tries: 2 }, 'reject'],
  ['billing', { status: 402 }, 'reject'],
  ['billing', { status: 402, canFallBack: true }, 'fallBack'],
  ['auth', { status: 401 }, 'reject'],
  ['auth', { status: 401, canRenew: true }, 'renew'],
  ['permission', { status: 403, canRenew: true }, 'reject'],
  ['rejected', { status: 400, canRemedy: true }, 'remedy'],
];
for (const kind of [
  'auth',
  'permission',
  'unknown_model',
  'bad_request',
  'context_overflow',
  'rejected',
  'internal',
] as const) {
  test(`${kind} is for the user to know, whoever could stand in`, () => {
    assert.deepEqual(decision(kind, { canFallBack: true }), { next: 'reject' });
  });
}

for (const [kind, facts, expected] of rows) {
  test(`${kind} ${JSON.stringify(facts)}: ${expected}`, () => {
    const made = decision(kind, facts);
    const told = made.next === 'retry' ? `retry ${Math.round(made.waitMs)}` : made.next;
    assert.equal(told, expected);
  });
}

test('a wait varies, and is never shorter than asked', () => {
  const least = decision('overloaded', {}, 0);
  const most = decision('overloaded', {}, 1);
  assert.deepEqual(
    [least, most],
    [
      { next: 'retry', waitMs: 200 },
      { next: 'retry', waitMs: 600 },
    ],
  );
  const asked = decision('rate_limit', { retryAfterSeconds: 3 }, 0);
  assert.deepEqual(asked, { next: 'retry', waitMs: 3_000 });
});
