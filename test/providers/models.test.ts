import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../src/config/schema.ts';
import { defaultConfig } from '../../src/config/schema.ts';
import { listModels } from '../../src/providers/models.ts';
import { routeModel } from '../../src/providers/routing.ts';
import { config } from './configs.ts';

const mine = {
  adapter: 'openai-chat',
  baseUrl: 'http://localhost:9999/v1',
  label: 'Mine',
  defaultModel: 'b',
  models: ['a', 'b', 'b', 'vendor/c'],
};

const ids = (of: Config) => listModels(of).map((model) => model.id);

test('models come by provider as configured, the default model first, each once', () => {
  const both = config({
    providers: {
      mine,
      deepseek: { adapter: 'openai-chat', baseUrl: 'https://api.deepseek.com' },
    },
  });
  assert.deepEqual(ids(both), [
    'mine/b',
    'mine/a',
    'mine/vendor/c',
    'deepseek/deepseek-flash',
    'deepseek/deepseek-v4-pro',
  ]);
  assert.deepEqual(ids(both), ids(config({ ...both })));
});

test('a listed model says whose it is and what is known of it', () => {
  const only = config({
    providers: { deepseek: { adapter: 'openai-chat', baseUrl: 'https://api.deepseek.com' } },
  });
  assert.deepEqual(listModels(only)[1], {
    id: 'deepseek/deepseek-v4-pro',
    provider: 'deepseek',
    label: 'DeepSeek',
    model: 'deepseek-v4-pro',
    traits: {
      contextWindow: 1_000_000,
      maxOutputTokens: 384_000,
      reasoning: true,
      efforts: ['high', 'max'],
      vision: false,
    },
  });
});

test('a default model that is not in the list is offered too', () => {
  const extra = config({ providers: { mine: { ...mine, defaultModel: 'z' } } });
  assert.deepEqual(ids(extra).slice(0, 2), ['mine/z', 'mine/a']);
});

test('disabled models are left out', () => {
  const some = config({ providers: { mine }, disabledModels: ['mine/a', 'mine/vendor/c', 'b'] });
  assert.deepEqual(ids(some), ['mine/b']);
});

test('providers that cannot be used offer nothing', () => {
  const none = config({
    providers: {
      'qwen-portal': { ...mine, baseUrl: 'https://portal.qwen.ai/v1' },
      azure: {
        ...mine,
        adapter: 'azure',
        baseUrl: 'https://{resource}.openai.azure.com/openai/v1',
      },
    },
  });
  assert.deepEqual(ids(none), []);
});

test('without a config the models of the ChatGPT login are offered', () => {
  assert.equal(ids(defaultConfig)[0], 'openai/gpt-6.1-sol');
});

test('every listed id routes to just that model', () => {
  const all = config({
    providers: {
      mine,
      openrouter: { adapter: 'openai-chat', baseUrl: 'https://openrouter.ai/api/v1' },
      groq: { adapter: 'openai-chat', baseUrl: 'https://api.groq.com/openai/v1' },
    },
  });
  const listed = listModels(all);
  assert.ok(listed.length > 10);
  for (const { id, provider, model } of listed) {
    const routing = routeModel(id, all);
    assert.ok(routing.ok, id);
    assert.deepEqual([routing.route.provider.id, routing.route.model], [provider, model]);
  }
});
