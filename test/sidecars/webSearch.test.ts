// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to environment variables in config.json
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configSchema } from '../../src/config/schema.ts';
import { configuredProviders } from '../../src/providers/configured.ts';
import { catalogKnowledge } from '../../src/providers/knowledge.ts';
import { targetOf } from '../../src/providers/resolve.ts';
import type { WebRequest } from '../../src/providers/webCall.ts';
import type { SidecarCall } from '../../src/sidecars/sidecarCall.ts';
import { WebSearch } from '../../src/sidecars/webSearch.ts';

/** One search with a service, and everything that came of it. */
async function searchWith(service: object, env: Readonly<Record<string, string>> = {}) {
  const config = configSchema.parse({
    providers: { sim: { adapter: 'openai-chat', baseUrl: 'http://127.0.0.1:9/v1' } },
    webSearchSidecar: { service },
  });
  const asked: WebRequest[] = [];
  const secrets: string[] = [];
  const calls: SidecarCall[] = [];
  const search = new WebSearch({
    credentials: { env, vault: new Map(), token: 'our-own-token', version: '0' },
    knowledge: catalogKnowledge,
    config: () => config,
    call: async () => async (request) => {
      asked.push(request);
      return { ok: true, status: 200, headers: {}, body: '{"results":[]}' };
    },
    remember: (secret) => void secrets.push(secret),
  });
  const provider = configuredProviders(config).get('sim');
  assert.ok(provider !== undefined);
  const route = { provider, model: 'm' };
  const { text } = await search.run(
    {
      query: 'q',
      search: {
        external: true,
        allowedDomains: [],
        blockedDomains: [],
        location: {},
        contextSize: 'low',
      },
      structured: false,
      route,
      target: targetOf(route),
      inbound: {},
      signal: new AbortController().signal,
    },
    (call) => void calls.push(call),
  );
  return { asked, secrets, calls, text };
}

test('a key of the environment is sent to its service, and is kept out of every log', async () => {
  const service = { name: 'tavily', apiKey: '${TAVILY_KEY}' };
  const { asked, secrets } = await searchWith(service, { TAVILY_KEY: 'tvly-secret' });
  assert.equal(asked[0]?.url, 'https://api.tavily.com/search');
  assert.equal(asked[0]?.headers?.['authorization'], 'Bearer tvly-secret');
  assert.deepEqual(secrets, ['tvly-secret']);
});

test('a search of which nothing can come is not sent, and says what to do', async () => {
  for (const [service, reason] of [
    [{ name: 'searxng', baseUrl: 'http://169.254.169.254' }, /its address is never asked/],
    [{ name: 'searxng' }, /set its "baseUrl"/],
    [{ name: 'brave' }, /its key is not set/],
    [{ name: 'brave', apiKey: '${NOT_THERE}' }, /NOT_THERE is not set/],
    [{ name: 'brave', apiKey: 'two\nlines' }, /characters that no key has/],
  ] as const) {
    const { asked, calls, text } = await searchWith(service);
    assert.deepEqual(asked, []);
    assert.match(text, reason);
    assert.match(calls[0]?.error ?? '', reason);
  }
});
