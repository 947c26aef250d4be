import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { catalog, catalogEntry } from '../../src/providers/catalog.ts';
import { listed } from '../../src/providers/modelNames.ts';
import { at, listOf, textAt } from '../support/json.ts';
import { keyServices } from './keyServices.ts';

/** What is known of providers, collected apart from this project; a bare clone goes without. */
const file = resolve(
  fileURLToPath(new URL('../..', import.meta.url)),
  process.env['OPENCODEX_SHARED'] ?? '../shared',
  'reference/providers.json',
);
const facts: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
const records = listOf(at(facts, 'providers'));

/** Their API record has the name that config.json gives to the ChatGPT login. */
const renamed: Readonly<Record<string, string>> = { openai: 'openai-api' };

/** Its own Responses endpoint refuses Codex's tools. */
const otherWire: Readonly<Record<string, string>> = { xai: 'openai-chat' };

/** Where another call than the first one of the facts is made, which names it as well. */
const otherCheck = new Set([
  'nvidia', // the call that costs nothing
  'together', // the same service under its other name
  'alibaba-token-plan', // whether its list asks for the key is not known
  'cloudflare-ai-gateway', // its check knows Cloudflare's tokens, not the key behind the gateway
  'gitlab-duo', // the instance of the fake
  'ollama', // tells whether it runs, not whether the base URL is right
  'llama-cpp', // asked after the list, which is open to all
]);

describe(`facts: ${records.length} of 44 records`, () => {
  for (const record of records) {
    const theirs = textAt(record, 'id');
    const entry = catalogEntry(renamed[theirs] ?? theirs);
    test(theirs, () => {
      assert.ok(entry !== undefined);
      const bases = [entry.baseUrl, ...(entry.otherBaseUrls ?? [])];
      assert.ok(bases.includes(textAt(record, 'baseUrl')));
      assert.equal(entry.adapter, otherWire[theirs] ?? textAt(record, 'adapter'));
      for (const alias of listOf(at(record, 'aliases'))) {
        assert.ok(catalogEntry(String(alias)) !== undefined, `alias ${alias}`);
      }
      if (entry.keyPage !== undefined) {
        assert.ok(textAt(record, 'keyPage').includes(entry.keyPage), entry.keyPage);
      }
      const url = at(at(record, 'keyCheck'), 'url');
      const check = typeof url === 'string' ? url.split(' ')[0] : undefined;
      const ours = keyServices[entry.id]?.url;
      if (check !== undefined && ours !== undefined && !otherCheck.has(entry.id)) {
        const [, resource = ''] = /https:\/\/(\w+)\.openai\.azure/.exec(ours) ?? [];
        const wanted = check.replace('{base}', entry.baseUrl).replace('{resource}', resource);
        assert.equal(ours, wanted);
      }
      const open = at(at(record, 'modelsEndpoint'), 'auth') === false;
      if (open && entry.modelList !== undefined && entry.kind !== 'local') {
        assert.ok(entry.modelList.public, 'its list of models is open to everybody');
      }
    });

    test(`${theirs}: models that take text only, or no word for how much to reason`, () => {
      const textOnly = listOf(at(record, 'textOnlyModels')).map(String);
      const known = listOf(at(record, 'models')).map((model) => textAt(model, 'id'));
      for (const { id, traits } of entry?.models ?? []) {
        if (!known.includes(id)) continue;
        assert.equal(traits.vision === false, textOnly.includes(id), `vision of ${id}`);
      }
      const named = (entry?.models ?? []).filter(({ traits }) => traits.vision === false);
      const covered = [...named.map(({ id }) => id), ...(entry?.noVisionModels ?? [])];
      for (const { id } of entry?.models ?? []) {
        if (known.includes(id) && !textOnly.includes(id)) assert.ok(!listed(covered, id), id);
      }
    });
  }
});

test('what the issue and the specification name is in the catalog', () => {
  const names = [
    'openai',
    'openai-api',
    'azure',
    'anthropic',
    'google',
    'xai',
    'kimi',
    'moonshot',
    'ollama-cloud',
    'mistral',
    'minimax',
    'minimax-cn',
    'deepseek',
    'cerebras',
    'together',
    'fireworks',
    'huggingface',
    'nvidia',
    'zai',
    'qwen-portal',
    'xiaomi',
    'kilo',
    'github-copilot',
    'gitlab-duo',
    'cloudflare-ai-gateway',
    'opencode-zen',
    'vercel-ai-gateway',
    'venice',
    'nanogpt',
    'synthetic',
    'qianfan',
    'alibaba',
    'alibaba-token-plan',
    'alibaba-model-studio',
    'parallel',
    'zenmux',
    'litellm',
    'openrouter',
    'groq',
    'siliconflow',
    'ollama',
    'vllm',
    'lm-studio',
    'llama-cpp',
    'custom',
  ];
  assert.deepEqual(names.sort(), catalog.map(({ id }) => id).sort());
});

test("Ollama Cloud's lineup is told apart by what it sees", () => {
  const entry = catalogEntry('ollama-cloud');
  const blind = [
    ...(entry?.models ?? []).filter(({ traits }) => traits.vision === false).map(({ id }) => id),
    ...(entry?.noVisionModels ?? []),
  ];
  for (const model of [
    'glm-5.2',
    'glm-5.3',
    'deepseek-v4-pro',
    'deepseek-v4-pro:0813',
    'deepseek-v4-flash:0731',
    'gpt-oss:120b',
    'gpt-oss:20b',
    'gpt-oss',
    'qwen3-coder:480b',
    'minimax-m2',
    'minimax-m2.5',
    'minimax-m2.7',
    'nemotron-3-nano:30b',
    'nemotron-3-super',
    'nemotron-3-ultra',
  ])
    assert.ok(listed(blind, model), model);
  for (const model of [
    'kimi-k2.6',
    'minimax-m3',
    'gemma4:31b',
    'gemma4',
    'qwen3.5:397b',
    'gemini-3-flash-preview',
    'glm-5.3-flash',
    'deepseek-v4.1-flash',
    'kimi-k3',
  ])
    assert.ok(!listed(blind, model), model);
});
