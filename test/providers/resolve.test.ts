import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveProvider, targetOf } from '../../src/providers/resolve.ts';
import { entry, type Fields } from './configs.ts';

const deepseek = { baseUrl: 'https://api.deepseek.com/' };

test('what the user leaves open comes from the catalog', () => {
  const provider = resolveProvider('deepseek', entry(deepseek));
  assert.equal(provider.label, 'DeepSeek');
  assert.equal(provider.baseUrl, 'https://api.deepseek.com');
  assert.equal(provider.defaultModel, 'deepseek-flash');
  assert.deepEqual(provider.models, ['deepseek-flash', 'deepseek-v4-pro']);
  assert.deepEqual(provider.noVisionModels, ['deepseek-v4-pro']);
  assert.equal(provider.quirks.chat?.reasoningReplay, 'field_always');
  assert.equal(provider.passthrough, false);
});

test('what the user says wins over the catalog, flag by flag', () => {
  const provider = resolveProvider(
    'deepseek',
    entry({
      ...deepseek,
      label: 'Ours',
      defaultModel: 'deepseek-v4-pro',
      quirks: { chat: { reasoningReplay: 'field' }, rewriteIdentity: false },
    }),
  );
  assert.equal(provider.label, 'Ours');
  assert.equal(provider.defaultModel, 'deepseek-v4-pro');
  assert.equal(provider.quirks.chat?.reasoningReplay, 'field');
  assert.equal(provider.quirks.chat?.responseFormat, 'json_object');
  assert.equal(provider.quirks.rewriteIdentity, false);
});

test("the user's flags also win over what the catalog says of a single model", () => {
  const fields = { baseUrl: 'https://api.together.xyz/v1' };
  const kimi = (quirks: object) =>
    targetOf({
      provider: resolveProvider('together', entry({ ...fields, quirks })),
      model: 'moonshotai/Kimi-K3',
    }).quirks.chat;
  assert.equal(kimi({})?.reasoningReplay, 'field_always');
  assert.equal(kimi({})?.systemPlace, 'leading');
  assert.equal(kimi({ chat: { reasoningReplay: 'none' } })?.reasoningReplay, 'none');
});

test('body fields of the user join those of the catalog and win over them', () => {
  const provider = resolveProvider(
    'zai',
    entry({
      baseUrl: 'https://api.z.ai/api/coding/paas/v4',
      quirks: { extraBody: { tool_stream: false, top_k: 4 } },
    }),
  );
  assert.deepEqual(provider.quirks.extraBody, {
    tool_stream: false,
    top_k: 4,
  });
});

test('body fields of the catalog stay with the wire that they were made for', () => {
  const provider = resolveProvider(
    'zai',
    entry({ adapter: 'anthropic', baseUrl: 'https://api.z.ai/api/anthropic' }),
  );
  assert.equal(provider.quirks.extraBody, undefined);
  assert.equal(provider.label, 'Z.AI (GLM Coding Plan)');
});

test('another name at a known address is that provider', () => {
  const provider = resolveProvider('work', entry(deepseek));
  assert.equal(provider.id, 'work');
  assert.equal(provider.label, 'DeepSeek (work)');
  assert.equal(provider.quirks.chat?.reasoningReplay, 'field_always');
});

test('the address, not the name, says who somebody is', () => {
  const provider = resolveProvider(
    'openai',
    entry({ adapter: 'openai-responses', baseUrl: 'https://api.openai.com/v1' }),
  );
  assert.equal(provider.label, 'OpenAI (openai)');
  assert.equal(provider.models.includes('gpt-5.4-mini'), true);
});

test('a known name at another address lends what its models are like, not who it is', () => {
  const provider = resolveProvider('nvidia', entry({ baseUrl: 'https://llm.corp.test/v1' }));
  assert.equal(provider.label, 'nvidia');
  assert.equal(provider.quirks.chat?.parallelToolCalls, 'never');
  assert.deepEqual(provider.headers, {});
  assert.equal(provider.unusable, undefined);
});

test('a name that is reached by a login alone lends nothing to another address', () => {
  const provider = resolveProvider(
    'openai',
    entry({ adapter: 'openai-responses', baseUrl: 'https://api.openai.com.evil.test/v1' }),
  );
  assert.equal(provider.label, 'openai');
  assert.deepEqual(provider.models, []);
  assert.equal(provider.defaultModel, undefined);
  assert.equal(provider.passthrough, false);
});

test('a stranger gets nothing from the catalog', () => {
  const provider = resolveProvider('mine', entry({ baseUrl: 'http://localhost:9999/v1///' }));
  assert.deepEqual(provider, {
    id: 'mine',
    label: 'mine',
    wire: 'openai-chat',
    baseUrl: 'http://localhost:9999/v1',
    auth: { mode: 'key', header: 'bearer', apiKey: undefined, source: 'config' },
    headers: {},
    defaultModel: undefined,
    models: [],
    noReasoningModels: [],
    noVisionModels: [],
    passthrough: false,
    quirks: { chat: {}, anthropic: {}, google: {}, responses: {} },
  });
});

test('bytes pass through by default only where OpenAI itself answers', () => {
  const passes = (fields: Fields) => resolveProvider('p', entry(fields)).passthrough;
  const responses = { adapter: 'openai-responses' };
  assert.equal(passes({ ...responses, baseUrl: 'https://chatgpt.com/backend-api/codex' }), true);
  assert.equal(passes({ ...responses, baseUrl: 'https://api.openai.com' }), true);
  assert.equal(
    passes({ adapter: 'azure', baseUrl: 'https://team.openai.azure.com/openai/v1' }),
    true,
  );
  assert.equal(passes({ ...responses, baseUrl: 'https://api.x.ai/v1' }), false);
  assert.equal(passes({ ...responses, baseUrl: 'https://api.openai.com.evil.test' }), false);
  assert.equal(passes({ ...responses, baseUrl: 'https://api.openai.com:8443/v1' }), false);
  assert.equal(passes({ ...responses, baseUrl: 'http://api.openai.com/v1' }), false);
});

test('a user may switch pass-through on and off, but only for a Responses wire', () => {
  const passes = (fields: Fields) => resolveProvider('p', entry(fields)).passthrough;
  const here = { baseUrl: 'http://localhost:9999/v1', passthrough: true };
  assert.equal(passes({ ...here, adapter: 'openai-responses' }), true);
  assert.equal(passes({ ...here, adapter: 'openai-chat' }), false);
  assert.equal(
    passes({
      adapter: 'openai-responses',
      baseUrl: 'https://api.openai.com/v1',
      passthrough: false,
    }),
    false,
  );
  assert.equal(passes({ adapter: 'openai-chat', baseUrl: 'https://api.openai.com/v1' }), false);
});

test('the key goes where the wire format puts it', () => {
  const headerOf = (adapter: string) => {
    const { auth } = resolveProvider(
      'p',
      entry({ adapter, baseUrl: 'https://p.test', apiKey: 'k' }),
    );
    return auth.mode === 'key' ? auth.header : auth.mode;
  };
  assert.equal(headerOf('openai-chat'), 'bearer');
  assert.equal(headerOf('openai-responses'), 'bearer');
  assert.equal(headerOf('anthropic'), 'x-api-key');
  assert.equal(headerOf('google'), 'x-goog-api-key');
  assert.equal(headerOf('azure'), 'api-key');
});

test('auth modes and the source of the key are kept as they are configured', () => {
  const authOf = (fields: Fields) => resolveProvider('deepseek', entry(fields)).auth;
  assert.deepEqual(authOf({ ...deepseek, apiKey: '$KEY' }), {
    mode: 'key',
    header: 'bearer',
    apiKey: '$KEY',
    source: 'config',
  });
  assert.deepEqual(authOf({ ...deepseek, keySource: 'vault' }), {
    mode: 'key',
    header: 'bearer',
    apiKey: undefined,
    source: 'vault',
  });
  assert.deepEqual(authOf({ ...deepseek, authMode: 'oauth' }), { mode: 'oauth' });
  // A mode is never guessed: at ChatGPT's address, too, only what the user wrote counts.
  const chatgpt = { adapter: 'openai-responses', baseUrl: 'https://chatgpt.com/backend-api/codex' };
  assert.equal(resolveProvider('openai', entry(chatgpt)).auth.mode, 'key');
});

test("the user's headers join those of the catalog and win over them", () => {
  const nvidia = { baseUrl: 'https://integrate.api.nvidia.com/v1' };
  const headers = (fields: Fields) => resolveProvider('nvidia', entry(fields)).headers;
  assert.deepEqual(headers({ ...nvidia, headers: { 'x-team': 'a' } }), {
    'nvcf-poll-seconds': '3600',
    'x-team': 'a',
  });
  assert.deepEqual(headers({ ...nvidia, headers: { 'nvcf-poll-seconds': '9' } }), {
    'nvcf-poll-seconds': '9',
  });
});

test("the user's models replace the catalog's, and the default is one of them", () => {
  const provider = resolveProvider('deepseek', entry({ ...deepseek, models: ['mine', 'other'] }));
  assert.deepEqual(provider.models, ['mine', 'other']);
  assert.equal(provider.defaultModel, 'mine');
  const kept = resolveProvider('deepseek', entry({ ...deepseek, models: ['x', 'deepseek-flash'] }));
  assert.equal(kept.defaultModel, 'deepseek-flash');
  assert.equal(
    resolveProvider('deepseek', entry({ ...deepseek, models: [] })).defaultModel,
    undefined,
  );
});

test('a target carries what is known of the model', () => {
  const provider = resolveProvider('deepseek', entry(deepseek));
  assert.deepEqual(targetOf({ provider, model: 'deepseek-v4-pro' }), {
    provider: 'deepseek',
    label: 'DeepSeek',
    wire: 'openai-chat',
    baseUrl: 'https://api.deepseek.com',
    model: 'deepseek-v4-pro',
    traits: {
      contextWindow: 1_000_000,
      maxOutputTokens: 384_000,
      reasoning: true,
      efforts: ['high', 'max'],
      vision: false,
    },
    quirks: provider.quirks,
  });
});

test('a target can be handed to another thread', () => {
  const provider = resolveProvider('together', entry({ baseUrl: 'https://api.together.xyz/v1' }));
  const target = targetOf({ provider, model: 'zai-org/GLM-5.3' });
  assert.deepEqual(structuredClone(target), target);
});

test('of a model that nobody knows, nothing is claimed', () => {
  const provider = resolveProvider('deepseek', entry(deepseek));
  assert.deepEqual(targetOf({ provider, model: 'deepseek-next' }).traits, {
    contextWindow: undefined,
    maxOutputTokens: undefined,
    reasoning: undefined,
    efforts: undefined,
    vision: undefined,
  });
});

test('models are recognised under a size tag and behind a vendor', () => {
  const cloud = resolveProvider('ollama-cloud', entry({ baseUrl: 'https://ollama.com/v1' }));
  const traits = (model: string) => targetOf({ provider: cloud, model }).traits;
  assert.equal(traits('glm-5.3:cloud').contextWindow, 1_048_576);
  assert.equal(traits('zai/glm-5.3').vision, false);
  assert.equal(traits('gpt-oss:999b').vision, false);
  assert.equal(traits('qwen3-coder:480b').vision, false);
  assert.notEqual(traits('kimi-k2.6').vision, false);
  assert.notEqual(traits('gemma4:31b').vision, false);
});

test("the user's lists of models without reasoning and without vision count, tags aside", () => {
  const provider = resolveProvider(
    'mine',
    entry({
      baseUrl: 'http://localhost:9999',
      noReasoningModels: ['plain'],
      noVisionModels: ['blind'],
    }),
  );
  const traits = (model: string) => targetOf({ provider, model }).traits;
  assert.equal(traits('plain:7b').reasoning, false);
  assert.equal(traits('plain:7b').vision, undefined);
  assert.equal(traits('blind').vision, false);
  assert.equal(traits('blind').reasoning, undefined);
  assert.equal(traits('plainer').reasoning, undefined);
});

test("the user's lists add to what the catalog knows", () => {
  const provider = resolveProvider(
    'deepseek',
    entry({ ...deepseek, noVisionModels: ['tuned'], noReasoningModels: ['tuned'] }),
  );
  const traits = (model: string) => targetOf({ provider, model }).traits;
  assert.equal(traits('tuned').vision, false);
  assert.equal(traits('tuned').reasoning, false);
  assert.equal(traits('deepseek-v4-pro').vision, false);
  assert.equal(traits('deepseek-v4-pro').reasoning, true);
});

test('where a host refuses the parameter for plain models, unknown ones get none, unless the user asks for it', () => {
  const reasoning = (quirks: object) =>
    targetOf({
      provider: resolveProvider('ollama', entry({ baseUrl: 'http://localhost:11434/v1', quirks })),
      model: 'llama3.3:70b',
    }).traits.reasoning;
  assert.equal(reasoning({}), false);
  assert.equal(reasoning({ chat: { reasoningRequest: 'reasoning_effort' } }), undefined);
});

test('a provider that cannot work says why', () => {
  const why = (id: string, fields: Fields) => resolveProvider(id, entry(fields)).unusable ?? '';
  const account = 'https://gateway.ai.cloudflare.com/v1/{account}/{gateway}/anthropic';
  assert.match(
    why('cloudflare-ai-gateway', { adapter: 'anthropic', baseUrl: account }),
    /\{account\} and \{gateway\}/,
  );
  assert.match(why('qwen-portal', { baseUrl: 'https://portal.qwen.ai/v1' }), /ended/);
  assert.match(why('parallel', { baseUrl: 'https://api.parallel.ai' }), /ignore tools/);
  assert.equal(why('parallel', { baseUrl: 'https://llm.corp.test/v1' }), '');
});

test('a key that only buys a token is known as one, at the addresses of who sells it', () => {
  const gitlab = 'https://cloud.gitlab.com/ai/v1/proxy/openai/v1';
  for (const baseUrl of [gitlab, 'https://api.githubcopilot.com']) {
    const { exchange, unusable } = resolveProvider('anything', entry({ baseUrl }));
    assert.match(exchange?.url ?? '', /^https:\/\/(gitlab\.com|api\.github\.com)\//);
    assert.equal(unusable, undefined);
  }
  assert.equal(
    resolveProvider('gitlab-duo', entry({ baseUrl: 'https://a.example/v1' })).exchange,
    undefined,
  );
  const login = entry({ baseUrl: gitlab, authMode: 'oauth' });
  assert.equal(resolveProvider('gitlab-duo', login).exchange, undefined);
});
