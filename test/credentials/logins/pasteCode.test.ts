import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePasted } from '../../../src/credentials/logins/pasteCode.ts';

test('what a login page gives to copy is understood in all its forms', () => {
  const forms = [
    ['  abc.DEF-123_~  ', { code: 'abc.DEF-123_~' }, undefined, true],
    ['abc#st-ate', { code: 'abc', state: 'st-ate' }, undefined, false],
    ['code=abc&state=s', { code: 'abc', state: 's' }, undefined, false],
    ['?code=a%2Fb&state=s', { code: 'a/b', state: 's' }, undefined, false],
    [
      'http://127.0.0.1:4711/callback?code=abc&state=s&iss=https%3A%2F%2Fauth.x.ai',
      { code: 'abc', state: 's', iss: 'https://auth.x.ai' },
      'http://127.0.0.1:4711/callback',
      false,
    ],
    [
      'http://127.0.0.1:4711/callback?error=access_denied&state=s',
      { error: 'access_denied', state: 's' },
      'http://127.0.0.1:4711/callback',
      false,
    ],
  ] as const;
  for (const [text, parameters, address, bare] of forms) {
    const pasted = parsePasted(text);
    assert.ok(pasted, text);
    assert.deepEqual(Object.fromEntries(pasted.parameters), parameters);
    assert.equal(pasted.address, address);
    assert.equal(pasted.bare, bare);
  }
});

test('anything else is not taken for a code', () => {
  const others = [
    '',
    '   ',
    'two words',
    'a#b#c',
    'https://accounts.x.ai/page',
    'state=s',
    '<script>',
    'x'.repeat(4097),
    `code=${'x'.repeat(4097)}`,
  ];
  for (const text of others) assert.equal(parsePasted(text), undefined, text.slice(0, 40));
});
