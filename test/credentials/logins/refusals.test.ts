import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusedProgram, refusesToken } from '../../../src/credentials/logins/refusals.ts';

const anthropicRefusal = JSON.stringify({
  type: 'error',
  error: {
    type: 'invalid_request_error',
    message: 'This credential is only authorized for use with Claude Code.',
  },
});
const kimiRefusal = JSON.stringify({
  error: { type: 'access_terminated_error', message: 'only available for Coding Agents such as …' },
});
const expiredAtXai = '{"code":"unauthenticated:bad-credentials","error":"expired"}';

test('a provider that does not take its login from this program is answered with the way out', () => {
  assert.match(refusedProgram('anthropic', 400, anthropicRefusal) ?? '', /API key/);
  assert.match(refusedProgram('kimi', 403, kimiRefusal) ?? '', /API key/);
  assert.equal(refusedProgram('anthropic', 400, '{"error":{"message":"bad tool"}}'), undefined);
  assert.equal(refusedProgram('kimi', 403, '{"error":{"type":"quota"}}'), undefined);
  assert.equal(refusedProgram('xai', 403, expiredAtXai), undefined);
});

test('only answers about the token itself are worth a refresh', () => {
  assert.ok(refusesToken('xai', 401, ''));
  assert.ok(refusesToken('xai', 403, expiredAtXai));
  assert.ok(!refusesToken('xai', 403, '{"code":"personal-team-blocked:spending-limit"}'));
  assert.ok(!refusesToken('xai', 402, expiredAtXai));
  assert.ok(refusesToken('kimi', 401, ''));
  assert.ok(!refusesToken('kimi', 403, kimiRefusal));
  assert.ok(!refusesToken('anthropic', 400, anthropicRefusal));
});
