import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Parts } from '../../src/proxy/parts.ts';
import { testScope } from '../support/scope.ts';

test('who has asked for credentials before the token was read knows it afterwards', async (t) => {
  const scope = testScope(t);
  const home = scope.directory('home');
  const parts = new Parts({ home, env: {}, version: '0.0.0', log: () => {} }, () => {});
  scope.add(() => parts.dispose());
  const early = parts.credentials();
  await parts.start('the-token-of-this-user-0123456789');
  assert.equal(early.token, 'the-token-of-this-user-0123456789');
});
