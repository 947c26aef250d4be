import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clampEffort } from '../../src/adapters/effort.ts';

const cases: readonly [
  asked: string,
  allowed: readonly string[] | undefined,
  sent: string | undefined,
][] = [
  ['high', undefined, 'high'],
  ['minimal', undefined, 'low'],
  ['xhigh', undefined, 'high'],
  ['max', undefined, 'high'],
  ['medium', ['low', 'high', 'max'], 'high'],
  ['xhigh', ['low', 'high', 'max'], 'high'],
  ['max', ['low', 'high', 'max'], 'max'],
  ['high', ['none', 'default'], 'none'],
  ['none', ['low', 'medium'], 'low'],
  ['turbo', undefined, undefined],
  ['high', [], undefined],
];

for (const [asked, allowed, sent] of cases) {
  test(`${asked} of ${allowed?.join('|') ?? 'the usual words'} is sent as ${sent}`, () => {
    assert.equal(clampEffort(asked, allowed), sent);
  });
}

test('no effort asked for is none sent', () => {
  assert.equal(clampEffort(undefined), undefined);
});
