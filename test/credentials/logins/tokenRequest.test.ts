import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loginDefinitions } from '../../../src/credentials/logins/definitions.ts';
import { requestTokens } from '../../../src/credentials/logins/tokenRequest.ts';
import type { WebAnswer, WebRequest } from '../../../src/providers/webCall.ts';

const { xai, anthropic } = loginDefinitions;

async function ask(
  definition: typeof xai,
  answer: WebAnswer,
  options: { readonly endpoint?: string } = {},
) {
  const requests: WebRequest[] = [];
  const outcome = await requestTokens(definition, {
    parameters: { grant_type: 'refresh_token', refresh_token: 'r 1&2' },
    headers: { 'user-agent': 'us' },
    call: async (request) => {
      requests.push(request);
      return answer;
    },
    ...options,
  });
  return { outcome, requests };
}

const answered = (
  status: number,
  body: string,
  headers: Record<string, string> = {},
): WebAnswer => ({
  ok: true,
  status,
  headers,
  body,
});

test('T19: a token endpoint elsewhere gets no request at all', async () => {
  for (const endpoint of [
    'https://evil.test/oauth2/token',
    'https://auth.x.ai.evil.test/oauth2/token',
    'http://auth.x.ai/oauth2/token',
  ]) {
    const { outcome, requests } = await ask(xai, answered(200, '{}'), { endpoint });
    assert.equal(outcome.kind, 'failed');
    assert.deepEqual(requests, []);
  }
});

test('is a form, or JSON where the provider wants that', async () => {
  const form = (await ask(xai, answered(200, '{}'))).requests[0];
  assert.equal(form?.url, 'https://auth.x.ai/oauth2/token');
  assert.equal(form?.headers?.['content-type'], 'application/x-www-form-urlencoded');
  assert.deepEqual(Object.fromEntries(new URLSearchParams(form?.body)), {
    grant_type: 'refresh_token',
    refresh_token: 'r 1&2',
    client_id: xai.clientId,
  });
  const json = (await ask(anthropic, answered(200, '{}'))).requests[0];
  assert.equal(json?.headers?.['content-type'], 'application/json');
  assert.equal(JSON.parse(json?.body ?? '').client_id, anthropic.clientId);
});

test('tells a refusal from an answer that nobody understands, and quotes neither', async () => {
  const busy = await ask(xai, answered(429, '{"error":"slow_down"}', { 'retry-after': '7' }));
  assert.deepEqual(busy.outcome, {
    kind: 'refused',
    status: 429,
    error: 'slow_down',
    retryAfterMs: 7000,
  });
  const nested = await ask(xai, answered(400, '{"error":{"type":"invalid_grant"}}'));
  assert.equal(nested.outcome.kind === 'refused' && nested.outcome.error, undefined);
  const riddle = await ask(xai, answered(200, '<html>'));
  assert.ok(riddle.outcome.kind === 'failed' && riddle.outcome.sent);
  const unsent = { ok: false, kind: 'unreachable', sent: false, message: 'no way.' } as const;
  assert.deepEqual((await ask(xai, unsent)).outcome, {
    kind: 'failed',
    sent: false,
    aborted: false,
    message: 'no way.',
  });
});
