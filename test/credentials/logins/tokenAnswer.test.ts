import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loginDefinitions } from '../../../src/credentials/logins/definitions.ts';
import { readTokenAnswer } from '../../../src/credentials/logins/tokenAnswer.ts';

const { xai, kimi, anthropic } = loginDefinitions;
const now = Date.UTC(2026, 10, 22);
const minute = 60_000;

const jwt = (claims: object) =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;

const answer = (fields: object) =>
  JSON.stringify({
    access_token: 'a',
    refresh_token: 'r',
    token_type: 'bearer',
    expires_in: 3600,
    ...fields,
  });

function expiryOf(definition: typeof xai, fields: object): number | undefined {
  const granted = readTokenAnswer(definition, answer(fields), now);
  return granted && (granted.credential.expires - now) / minute;
}

test('the stored expiry lies before the real one, never by more than half of the lifetime', () => {
  assert.equal(expiryOf(xai, {}), 58);
  assert.equal(expiryOf(anthropic, { expires_in: 28_800 }), 475);
  assert.equal(expiryOf(kimi, { expires_in: 900 }), 10);
  assert.equal(expiryOf(kimi, { expires_in: 300 }), 2.5);
});

test('a lifetime that makes no sense is taken for an hour', () => {
  for (const expires_in of [undefined, null, 0, -5, Number.MAX_SAFE_INTEGER, 'soon', {}, 1e9]) {
    assert.equal(expiryOf(xai, { expires_in }), 58, String(expires_in));
  }
  assert.equal(expiryOf(xai, { expires_in: '7200' }), 118);
});

test('only an answer with usable tokens counts', () => {
  const unusable = [
    '',
    'null',
    '[]',
    '<html>',
    answer({ access_token: '' }),
    answer({ access_token: 7 }),
    answer({ access_token: 'a\r\nx-injected: 1' }),
    answer({ refresh_token: undefined }),
    answer({ refresh_token: '' }),
    answer({ refresh_token: 'with blank' }),
    answer({ token_type: 'mac' }),
  ];
  for (const body of unusable) assert.equal(readTokenAnswer(xai, body, now), undefined, body);
  for (const token_type of [undefined, null, 'Bearer', 'BEARER']) {
    assert.ok(readTokenAnswer(xai, answer({ token_type }), now), String(token_type));
  }
});

test('without a new refresh token the one that was sent stays', () => {
  const kept = readTokenAnswer(xai, answer({ refresh_token: undefined }), now, 'sent');
  assert.equal(kept?.credential.refresh, 'sent');
  assert.equal(readTokenAnswer(xai, answer({}), now, 'sent')?.credential.refresh, 'r');
});

test('the account is found where each provider names it', () => {
  const identity = (definition: typeof xai, fields: object) => {
    const { accountId, email } = readTokenAnswer(definition, answer(fields), now)?.credential ?? {};
    return [accountId, email];
  };
  const id = jwt({ sub: 'of-id', email: 'Ada@Example.com' });
  assert.deepEqual(identity(xai, { access_token: jwt({ sub: 'of-access' }), id_token: id }), [
    'of-access',
    'ada@example.com',
  ]);
  assert.deepEqual(identity(xai, { id_token: id }), ['of-id', 'ada@example.com']);
  assert.deepEqual(
    identity(kimi, { access_token: jwt({ sub: 's' }), refresh_token: jwt({ user_id: 'u' }) }),
    ['u', undefined],
  );
  assert.deepEqual(identity(kimi, { access_token: jwt({ sub: 's', email: 'A@b.c' }) }), [
    's',
    'a@b.c',
  ]);
  assert.deepEqual(
    identity(anthropic, { account: { uuid: 'uuid', email_address: 'Ada@Example.com' } }),
    ['uuid', 'ada@example.com'],
  );
  assert.deepEqual(identity(anthropic, { account: null }), [undefined, undefined]);
});
