// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what users write in config.json
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ProviderConfig } from '../../src/config/schema.ts';
import { testProvider } from '../../src/credentials/testProvider.ts';
import { resolveProvider } from '../../src/providers/resolve.ts';
import type { WebCall, WebRequest } from '../../src/providers/webCall.ts';

const sources = { env: {}, vault: new Map<string, string>(), version: '1.2.3' };

describe('a configured provider is tested', () => {
  const mistral = (apiKey: string, more: Partial<ProviderConfig> = {}) =>
    resolveProvider('mistral', {
      adapter: 'openai-chat',
      baseUrl: 'https://api.mistral.ai/v1',
      authMode: 'key',
      apiKey,
      ...more,
    });
  /** A service that knows one key. */
  const onlyFor = (good: string): { readonly call: WebCall; readonly requests: WebRequest[] } => {
    const requests: WebRequest[] = [];
    const call: WebCall = async (request) => {
      requests.push(request);
      return request.headers?.['authorization'] === `Bearer ${good}`
        ? { ok: true, status: 200, headers: {}, body: '{"data":[]}' }
        : { ok: true, status: 401, headers: {}, body: '{"detail":"Invalid API Key"}' };
    };
    return { call, requests };
  };

  test('with a key from the environment, in both spellings', async () => {
    for (const reference of ['${MISTRAL}', '$MISTRAL']) {
      const { call } = onlyFor('the-key-of-the-environment');
      const env = { MISTRAL: 'the-key-of-the-environment' };
      const { verdict } = await testProvider(mistral(reference), { ...sources, env }, call);
      assert.deepEqual(verdict, { kind: 'valid' });
      const other = await testProvider(
        mistral(reference),
        { ...sources, env: { MISTRAL: 'another-key' } },
        call,
      );
      assert.equal(other.verdict.kind, 'refused');
    }
  });

  test('a variable that is not set is named, and nobody is asked', async () => {
    const { call, requests } = onlyFor('x');
    const { verdict } = await testProvider(mistral('${MISTRAL}'), sources, call);
    assert.ok(verdict.kind === 'unchecked');
    assert.match(verdict.reason, /environment variable MISTRAL.*is not set/);
    assert.equal(requests.length, 0);
  });

  test('with a key of the vault', async () => {
    const { call } = onlyFor('the-key-of-the-vault');
    const vault = new Map([['mistral', 'the-key-of-the-vault']]);
    const provider = mistral('', { keySource: 'vault' });
    assert.deepEqual((await testProvider(provider, { ...sources, vault }, call)).verdict, {
      kind: 'valid',
    });
    assert.equal((await testProvider(provider, sources, call)).verdict.kind, 'unchecked');
  });

  test('the headers of its entry go to its own address only, and never without the key', async () => {
    const seen: WebRequest[] = [];
    const call: WebCall = async (request) => {
      seen.push(request);
      return { ok: true, status: 200, headers: {}, body: '{"ok":true}' };
    };
    const provider = resolveProvider('huggingface', {
      adapter: 'openai-chat',
      baseUrl: 'https://router.huggingface.co/v1',
      authMode: 'key',
      apiKey: 'hf_key',
      headers: { 'x-team': 'secret-team' },
    });
    await testProvider(provider, sources, call);
    assert.equal(new URL(seen[0]?.url ?? '').host, 'huggingface.co');
    for (const { headers } of seen) assert.equal(headers?.['x-team'], undefined);
    seen.length = 0;
    await testProvider(mistral('k', { headers: { 'x-team': 'secret-team' } }), sources, call);
    assert.deepEqual(
      seen.map(({ headers }) => headers?.['x-team']),
      ['secret-team', undefined],
    );
  });

  test('a login has no key to check', async () => {
    const { call, requests } = onlyFor('x');
    for (const authMode of ['forward', 'oauth'] as const) {
      const { verdict } = await testProvider(mistral('', { authMode }), sources, call);
      assert.ok(verdict.kind === 'unchecked');
      assert.match(verdict.reason, /no key to check/);
    }
    assert.equal(requests.length, 0);
  });
});
