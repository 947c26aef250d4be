import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodexHome } from '../support/codex.ts';
import { at, listOf } from '../support/json.ts';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { startUpstream } from '../support/upstream.ts';

test('Codex offers what the provider lists now, with its abilities', async (t) => {
  const scope = testScope(t);
  const listed = [
    {
      id: 'acme/fresh-9',
      context_length: 64_000,
      input_modalities: ['text'],
      supported_features: ['tools', 'reasoning'],
    },
    { id: 'acme/embed-1' },
  ];
  const upstream = await startUpstream(scope, (_request, response) => {
    response.end(JSON.stringify({ data: listed }));
  });
  const proxy = await startProxy(scope, {
    defaultProvider: 'acme',
    providers: { acme: { adapter: 'openai-chat', baseUrl: upstream.url, apiKey: 'acme-key' } },
    subagentModels: [],
  });
  const codex = new CodexHome(scope, {
    baseUrl: proxy.baseUrl,
    token: proxy.token,
    model: 'acme/acme/fresh-9',
  });
  const server = await codex.appServer();
  const models = listOf(at(await server.rpc.request('model/list', {}), 'data'));
  const shown = models.map((model) => [at(model, 'model'), at(model, 'inputModalities')]);
  assert.deepEqual(shown, [
    ['opencodex/current', ['text', 'image']],
    ['acme/acme/fresh-9', ['text']],
  ]);
  assert.equal(upstream.requests[0]?.headers['authorization'], 'Bearer acme-key');
});
