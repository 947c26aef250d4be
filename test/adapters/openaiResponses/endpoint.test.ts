import assert from 'node:assert/strict';
import { test } from 'node:test';
import { relayedHeaders } from '../../../src/adapters/openaiResponses/answerHeaders.ts';
import { responsesUrl } from '../../../src/adapters/openaiResponses/endpoint.ts';

for (const [baseUrl, url] of [
  ['https://api.openai.com', 'https://api.openai.com/v1/responses'],
  ['https://api.openai.com/', 'https://api.openai.com/v1/responses'],
  ['https://api.openai.com/v1', 'https://api.openai.com/v1/responses'],
  ['https://api.openai.com/v1/', 'https://api.openai.com/v1/responses'],
  ['https://gateway.test/v1/acct/openai', 'https://gateway.test/v1/acct/openai/responses'],
  ['https://x.openai.azure.com/openai/v1', 'https://x.openai.azure.com/openai/v1/responses'],
  ['http://127.0.0.1:8080/proxy', 'http://127.0.0.1:8080/proxy/v1/responses'],
] as const) {
  test(`with a key, turns for ${baseUrl} go to ${url}`, () => {
    assert.equal(responsesUrl(baseUrl, 'versioned'), url);
  });
}

for (const [baseUrl, url] of [
  ['https://r.openai.azure.com', 'https://r.openai.azure.com/openai/v1/responses'],
  ['https://r.openai.azure.com/openai', 'https://r.openai.azure.com/openai/v1/responses'],
  ['https://r.openai.azure.com/openai/v1/', 'https://r.openai.azure.com/openai/v1/responses'],
  [
    'https://r.services.ai.azure.com/openai/v1?api-version=preview',
    'https://r.services.ai.azure.com/openai/v1/responses?api-version=preview',
  ],
] as const) {
  test(`on Azure, turns for ${baseUrl} go to ${url}`, () => {
    assert.equal(responsesUrl(baseUrl, 'azure'), url);
  });
}

test('the ChatGPT backend has no version in its path', () => {
  assert.equal(
    responsesUrl('https://chatgpt.com/backend-api/codex', 'bare'),
    'https://chatgpt.com/backend-api/codex/responses',
  );
});

test('of an answer’s headers only those that Codex needs go on', () => {
  const kept = {
    'content-type': 'text/event-stream',
    'retry-after': '3',
    'x-codex-primary-used-percent': '5',
    'x-codex-turn-state': 's',
    'x-models-etag': 'e',
    'x-request-id': 'r',
  };
  assert.deepEqual(
    relayedHeaders({
      ...kept,
      'openai-model': 'gpt-other',
      'set-cookie': 'c=1',
      'content-encoding': 'gzip',
      'content-length': '3',
      'transfer-encoding': 'chunked',
      connection: 'close',
      'access-control-allow-origin': '*',
      location: 'https://evil.test',
      server: 's',
    }),
    kept,
  );
});
