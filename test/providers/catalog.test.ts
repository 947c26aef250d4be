import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anthropicQuirksSchema } from '../../src/adapters/anthropic/quirks.ts';
import { chatQuirksSchema } from '../../src/adapters/openaiChat/quirks.ts';
import { wires } from '../../src/adapters/target.ts';
import { providerSchema, reservedProviderNames } from '../../src/config/schema.ts';
import { catalog, catalogEntry, catalogEntryAt } from '../../src/providers/catalog.ts';
import type { CatalogEntry } from '../../src/providers/catalogEntry.ts';
import { originOf } from '../../src/providers/origin.ts';

/** Base URLs as the specification and the issues name them, where they still work. */
const expected: Readonly<Record<string, string>> = {
  openai: 'https://chatgpt.com/backend-api/codex',
  'openai-api': 'https://api.openai.com/v1',
  azure: 'https://{resource}.openai.azure.com/openai/v1',
  anthropic: 'https://api.anthropic.com',
  google: 'https://generativelanguage.googleapis.com',
  xai: 'https://api.x.ai/v1',
  kimi: 'https://api.kimi.com/coding/v1',
  moonshot: 'https://api.moonshot.ai/v1',
  'ollama-cloud': 'https://ollama.com/v1',
  mistral: 'https://api.mistral.ai/v1',
  minimax: 'https://api.minimax.io/v1',
  'minimax-cn': 'https://api.minimaxi.com/v1',
  deepseek: 'https://api.deepseek.com',
  cerebras: 'https://api.cerebras.ai/v1',
  together: 'https://api.together.xyz/v1',
  fireworks: 'https://api.fireworks.ai/inference/v1',
  huggingface: 'https://router.huggingface.co/v1',
  nvidia: 'https://integrate.api.nvidia.com/v1',
  zai: 'https://api.z.ai/api/coding/paas/v4',
  'qwen-portal': 'https://portal.qwen.ai/v1',
  xiaomi: 'https://api.xiaomimimo.com/anthropic',
  kilo: 'https://api.kilo.ai/api/gateway',
  'github-copilot': 'https://api.githubcopilot.com',
  'gitlab-duo': 'https://cloud.gitlab.com/ai/v1/proxy/openai/v1',
  'cloudflare-ai-gateway': 'https://gateway.ai.cloudflare.com/v1/{account}/{gateway}/anthropic',
  'opencode-zen': 'https://opencode.ai/zen/v1',
  'vercel-ai-gateway': 'https://ai-gateway.vercel.sh/v1',
  venice: 'https://api.venice.ai/api/v1',
  nanogpt: 'https://nano-gpt.com/api/v1',
  synthetic: 'https://api.synthetic.new/openai/v1',
  qianfan: 'https://qianfan.baidubce.com/v2',
  alibaba: 'https://coding-intl.dashscope.aliyuncs.com/v1',
  'alibaba-token-plan': 'https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1',
  'alibaba-model-studio': 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
  parallel: 'https://api.parallel.ai',
  zenmux: 'https://zenmux.ai/api/v1',
  litellm: 'http://localhost:4000/v1',
  openrouter: 'https://openrouter.ai/api/v1',
  groq: 'https://api.groq.com/openai/v1',
  siliconflow: 'https://api.siliconflow.com/v1',
  ollama: 'http://localhost:11434/v1',
  vllm: 'http://localhost:8000/v1',
  'lm-studio': 'http://localhost:1234/v1',
  'llama-cpp': 'http://localhost:8080/v1',
  custom: '{baseUrl}',
};

/** Every URL of an entry, as it will be used, with placeholders. */
function urlsOf(entry: CatalogEntry): readonly string[] {
  const base = entry.baseUrl === '{baseUrl}' ? 'https://typed.example/v1' : entry.baseUrl;
  const references = [entry.keyCheck?.url, entry.modelList?.url, entry.exchange?.url]
    .filter((url) => url !== undefined)
    .map((url) => (url.startsWith('{') ? url : `${new URL(url, `${fill(base, entry)}/`)}`));
  return [base, ...(entry.otherBaseUrls ?? []), ...references];
}

function fill(url: string, entry: CatalogEntry): string {
  return url.replace(/\{(\w+)\}/g, (_, name: string) => {
    const ask = entry.asks?.find((candidate) => candidate.name === name);
    return ask?.default ?? 'filled';
  });
}

test('every provider of the specification is there, and nothing that this list does not know', () => {
  assert.deepEqual(Object.fromEntries(catalog.map((entry) => [entry.id, entry.baseUrl])), expected);
});

test('names and aliases are unique and can be used in config.json', () => {
  const names = catalog.flatMap((entry) => [entry.id, ...(entry.aliases ?? [])]);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) {
    assert.match(name, /^[a-z0-9][a-z0-9.-]*$/);
    assert.ok(!reservedProviderNames.includes(name), name);
  }
});

for (const entry of catalog) {
  test(`${entry.id}: addresses are https or on this machine, and placeholders are asked for`, () => {
    const texts = [entry.baseUrl, ...urlsOf(entry), entry.keyCheck?.url, entry.exchange?.url];
    const used = texts.flatMap((text) => text?.match(/(?<=\{)\w+(?=\})/g) ?? []);
    assert.deepEqual([...new Set(used)].sort(), (entry.asks ?? []).map((ask) => ask.name).sort());
    for (const url of urlsOf(entry)) {
      const filled = fill(url, entry);
      const origin = originOf(filled);
      assert.ok(origin !== undefined, filled);
      assert.match(origin, /^(https:\/\/|http:\/\/localhost(:|$))/);
      assert.doesNotMatch(url, /\/$/);
    }
    if (entry.keyPage !== undefined) assert.match(entry.keyPage, /^https:\/\//);
  });

  test(`${entry.id}: models are named once, the default is one of them, limits are sane`, () => {
    const ids = entry.models.map((model) => model.id);
    assert.equal(new Set(ids.map((id) => id.toLowerCase())).size, ids.length);
    if (ids.length > 0) assert.ok(entry.defaultModel !== undefined);
    if (entry.defaultModel !== undefined) assert.ok(ids.includes(entry.defaultModel));
    for (const { id, traits } of entry.models) {
      assert.ok(id.trim() === id && id !== '', id);
      assert.ok((traits.contextWindow ?? 0) >= 32_000, id);
      assert.ok((traits.maxOutputTokens ?? 1024) >= 1024, id);
      if (traits.reasoning === false) assert.equal(traits.efforts, undefined, id);
    }
    const extra = entry.noVisionModels ?? [];
    assert.equal(new Set(extra).size, extra.length);
    assert.deepEqual(
      extra.filter((name) => ids.includes(name)),
      [],
      'models say for themselves that they take text only',
    );
  });

  test(`${entry.id}: quirks and adapter are such as config.json takes`, () => {
    assert.ok(wires.includes(entry.adapter));
    for (const chat of [entry.quirks?.chat, ...entry.models.map((model) => model.chat)]) {
      if (chat === undefined) continue;
      // A flag that the schema does not know would be dropped.
      assert.deepEqual(chatQuirksSchema.parse(chat), chat);
    }
    const messages = entry.quirks?.anthropic ?? {};
    assert.deepEqual(anthropicQuirksSchema.parse(messages), messages);
    const baseUrl = fill(entry.baseUrl, entry).replace(/^filled$/, 'https://typed.example/v1');
    const parsed = providerSchema.safeParse({
      adapter: entry.adapter,
      baseUrl,
      headers: entry.headers ?? {},
      quirks: entry.quirks ?? {},
    });
    assert.ok(parsed.success, JSON.stringify(parsed.error?.issues));
  });
}

test('effort words are words that Codex sends, weakest first', () => {
  const scale = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
  for (const { models, quirks } of catalog) {
    for (const efforts of [quirks?.chat?.efforts, ...models.map((model) => model.traits.efforts)]) {
      const places = (efforts ?? []).map((word) => scale.indexOf(word));
      assert.ok(!places.includes(-1), efforts?.join());
      assert.deepEqual(
        places,
        [...places].sort((a, b) => a - b),
      );
    }
  }
});

test('an address belongs to one provider', () => {
  for (const entry of catalog) {
    for (const url of [entry.baseUrl, ...(entry.otherBaseUrls ?? [])]) {
      if (url === '{baseUrl}') continue;
      assert.equal(catalogEntryAt(fill(url, entry))?.id, entry.id, url);
    }
  }
});

test('a key prefix does not hold for keys of two companies', () => {
  const owners = catalog.flatMap((entry) =>
    (entry.keyPrefixes ?? []).map((prefix) => ({ prefix, family: entry.id.split('-')[0] })),
  );
  for (const { prefix, family } of owners) {
    assert.ok(prefix.length > 2 && prefix !== 'sk-', prefix);
    for (const other of owners) {
      if (other.family !== family) assert.ok(!other.prefix.startsWith(prefix), prefix);
    }
  }
});

test('entries are found by id and by alias, and by nothing else', () => {
  assert.equal(catalogEntry('chatgpt')?.id, 'openai');
  assert.equal(catalogEntry('grok')?.id, 'xai');
  assert.equal(catalogEntry('kimi-coding')?.id, 'kimi');
  for (const name of ['', 'constructor', '__proto__', 'OpenAI', 'deepseek '])
    assert.equal(catalogEntry(name), undefined, name);
});

test('what has ended or cannot run Codex says so and offers nothing', () => {
  const out = catalog.filter((entry) => entry.unusable !== undefined);
  assert.deepEqual(
    out.map((entry) => entry.id),
    ['qwen-portal', 'parallel'],
  );
  const portal = out[0];
  assert.match(portal?.unusable ?? '', /alibaba-token-plan/);
  for (const entry of out) assert.deepEqual(entry.models, []);
});

test('a bought token may only go where the provider serves', () => {
  for (const entry of catalog) {
    if (entry.exchange === undefined) continue;
    const served = [entry.baseUrl, ...(entry.otherBaseUrls ?? [])].map(
      (url) => new URL(url).hostname,
    );
    assert.deepEqual([...entry.exchange.hosts].sort(), served.sort());
  }
});

test('a refused key is told from a good one by what providers really answer', () => {
  const refusal = (id: string) => catalogEntry(id)?.keyCheck?.refused?.[0]?.body;
  assert.match('{"error":{"details":[{"reason":"API_KEY_INVALID"}]}}', refusal('google') ?? /!/);
  assert.match('{"error":"Incorrect API key provided."}', refusal('xai') ?? /!/);
  const minimax = refusal('minimax') ?? /!/;
  assert.match('{"base_resp":{"status_code":1004,"status_msg":"invalid api key"}}', minimax);
  assert.match('{"base_resp":{\n "status_code": 1004,\n "status_msg":"login fail"}}', minimax);
  assert.doesNotMatch('{"base_resp":{"status_code":0}}', minimax);
  assert.doesNotMatch('{"base_resp":{"status_code":10045}}', minimax);
  assert.doesNotMatch(
    '{"base_resp":{"status_code":1004,"status_msg":"cookie is missing, log in again"}}',
    minimax,
  );
});
