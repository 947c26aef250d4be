import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogEntryAt } from '../../src/providers/catalog.ts';
import { isOpenAi, originOf } from '../../src/providers/origin.ts';

test('an origin is what the network sees, not what the text suggests', () => {
  assert.equal(originOf('https://API.OpenAI.com:443/v1/'), 'https://api.openai.com');
  assert.equal(originOf('http://127.0.0.1:11434/v1'), 'http://localhost:11434');
  assert.equal(originOf('http://[::1]:8000'), 'http://localhost:8000');
  assert.equal(originOf('https://api.openai.com:8443/v1'), 'https://api.openai.com:8443');
  assert.equal(originOf('https://someone@api.openai.com/v1'), undefined);
  assert.equal(originOf('ftp://api.openai.com'), undefined);
  assert.equal(originOf('api.openai.com'), undefined);
});

test('OpenAI, ChatGPT and Azure are known by their hosts', () => {
  for (const url of [
    'https://chatgpt.com/backend-api/codex',
    'https://api.openai.com/v1',
    'https://api.openai.com',
    'https://eu.api.openai.com/v1',
    'https://my-team.openai.azure.com/openai/v1',
    'https://my-team.services.ai.azure.com/openai/v1',
    'https://my-team.cognitiveservices.azure.com/openai/v1',
  ]) {
    assert.ok(isOpenAi(url), url);
  }
});

test('nobody passes for OpenAI, nor for a provider of the catalog', () => {
  for (const url of [
    'https://api.openai.com.evil.test/v1',
    'https://evil.test/api.openai.com/v1',
    'https://evil.test/?https://api.openai.com',
    'https://evil.test/#api.openai.com',
    'https://api.openai.com@evil.test/v1',
    'https://api.openai.com:pass@evil.test/v1',
    'https://user@api.openai.com/v1',
    'https://api.openai.com:8443/v1',
    'http://api.openai.com/v1',
    'https://api.openai.com./v1',
    'https://apixopenai.com/v1',
    'https://openai.com/v1',
    'https://a.b.api.openai.com/v1',
    'https://evilchatgpt.com/backend-api/codex',
    'https://chatgpt.com.evil.test/backend-api/codex',
    'https://openai.azure.com/openai/v1',
    'https://evilopenai.azure.com/openai/v1',
    'https://x.openai.azure.com.evil.test/openai/v1',
    'https://x.openai.azure.com:444/openai/v1',
    'https://a.x.openai.azure.com/openai/v1',
    'https://xn--pi-openai.com/v1',
    'not a url',
    '',
  ]) {
    assert.ok(!isOpenAi(url), url);
    assert.equal(catalogEntryAt(url), undefined, url);
  }
});

test('a provider is known by scheme, host and port, whatever the path', () => {
  assert.equal(catalogEntryAt('https://api.deepseek.com/beta')?.id, 'deepseek');
  assert.equal(catalogEntryAt('https://API.DEEPSEEK.COM')?.id, 'deepseek');
  assert.equal(catalogEntryAt('https://api.moonshot.cn/v1')?.id, 'moonshot');
  assert.equal(catalogEntryAt('https://team.openai.azure.com/openai')?.id, 'azure');
  assert.equal(catalogEntryAt('http://127.0.0.1:11434/v1')?.id, 'ollama');
  assert.equal(catalogEntryAt('http://localhost:11435/v1'), undefined);
  assert.equal(catalogEntryAt('https://localhost:11434/v1'), undefined);
  assert.equal(catalogEntryAt('https://apixdeepseek.com'), undefined);
});
