import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redactor } from '../../src/credentials/redact.ts';

test('known secrets are hidden wherever they stand', () => {
  const redactor = new Redactor();
  redactor.remember('kettle-drum-77');
  assert.equal(
    redactor.redact('key=kettle-drum-77, again kettle-drum-77.'),
    'key=[redacted], again [redacted].',
  );
});

for (const [what, text, secret] of [
  ['a bearer header', 'authorization: Bearer abcdEFGH1234', 'abcdEFGH1234'],
  ['an OpenAI key', 'Incorrect API key provided: sk-proj-AbCdEfGhIjKlMnOp', 'AbCdEfGhIjKlMnOp'],
  ['an Anthropic key', 'bad sk-ant-api03-AbCdEfGhIjKl', 'AbCdEfGhIjKl'],
  ['a Groq key', 'gsk_AbCdEfGhIjKlMnOp', 'AbCdEfGhIjKlMnOp'],
  ['a Google key', `AIza${'x'.repeat(35)}`, 'x'.repeat(35)],
  ['a JWT', 'token eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln', 'eyJzdWIiOiIxIn0'],
  ['a JSON field', '{"refresh_token":"r-12345","x":1}', 'r-12345'],
  ['a form field', 'grant=1&refresh_token=r-12345&x=1', 'r-12345'],
  ['a query', 'GET /cb?code=c0de5&x=1', 'c0de5'],
  ['a user code', 'user_code: ABCD-EFGH', 'ABCD-EFGH'],
] as const) {
  test(`${what} is hidden without being known`, () => {
    const clean = new Redactor().redact(text);
    assert.ok(!clean.includes(secret), clean);
    assert.ok(clean.includes('[redacted]'), clean);
  });
}

test('ordinary text stays as it is', () => {
  const text =
    'DeepSeek (api.deepseek.com) cannot be reached: task-list desk-lamp-organizer, status 502.';
  const redactor = new Redactor();
  redactor.remember('a');
  assert.equal(redactor.redact(text), text);
});

test('what is remembered is bounded, the newest stay', () => {
  const redactor = new Redactor();
  for (let i = 0; i < 2000; i++) redactor.remember(`secret-number-${i}-end`);
  assert.equal(redactor.redact('secret-number-1999-end'), '[redacted]');
  assert.equal(redactor.redact('secret-number-0-end'), 'secret-number-0-end');
});
