import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelFacts } from '../../src/providers/modelFacts.ts';
import type { ModelList } from '../../src/providers/modelList.ts';
import { readListing } from '../../src/providers/modelListing.ts';
import type { Json } from '../../src/turn/turn.ts';

const plain: ModelList = { url: 'models' };
const models: ModelList = { url: 'models', list: 'models' };

/** One entry as each kind of host would list it, and what it says. */
const shapes: Readonly<Record<string, readonly [Json, ModelList, string, ModelFacts]>> = {
  'nothing but names': [
    { object: 'list', data: [{ id: 'm-1', object: 'model', owned_by: 'x' }] },
    plain,
    'm-1',
    {},
  ],
  'OpenRouter: the smaller of two windows, prices per token': [
    {
      data: [
        {
          id: 'v/m',
          name: 'V: M',
          context_length: 300_000,
          top_provider: { context_length: 200_000, max_completion_tokens: 32_000 },
          architecture: { input_modalities: ['text', 'image'], output_modalities: ['text'] },
          supported_parameters: ['tools', 'reasoning', 'max_tokens'],
          pricing: { prompt: '0.000002', completion: '0.00001', input_cache_read: '0.0000002' },
        },
      ],
    },
    plain,
    'v/m',
    {
      name: 'V: M',
      contextWindow: 200_000,
      maxOutputTokens: 32_000,
      reasoning: true,
      vision: true,
      tools: true,
      price: { input: 2, output: 10, cachedInput: 0.2 },
    },
  ],
  'Google: a prefix, and limits of its own': [
    {
      models: [
        {
          name: 'models/gem-9',
          displayName: 'Gem 9',
          inputTokenLimit: 1_048_576,
          outputTokenLimit: 65_536,
          supportedGenerationMethods: ['generateContent', 'countTokens'],
          thinking: true,
        },
      ],
    },
    { url: 'models', list: 'models', id: 'name' },
    'gem-9',
    { name: 'Gem 9', contextWindow: 1_048_576, maxOutputTokens: 65_536, reasoning: true },
  ],
  'Anthropic: abilities as objects': [
    {
      data: [
        {
          type: 'model',
          id: 'cl-5',
          display_name: 'Cl 5',
          max_input_tokens: 900_000,
          max_tokens: 64_000,
          lifecycle: 'active',
          capabilities: {
            image_input: { supported: true },
            effort: {
              high: { supported: true },
              low: { supported: true },
              max: { supported: false },
            },
          },
        },
      ],
      has_more: false,
    },
    plain,
    'cl-5',
    {
      name: 'Cl 5',
      contextWindow: 900_000,
      maxOutputTokens: 64_000,
      reasoning: true,
      efforts: ['low', 'high'],
      vision: true,
    },
  ],
  'Copilot: what a prompt may hold': [
    {
      data: [
        {
          id: 'co',
          capabilities: {
            type: 'chat',
            limits: {
              max_context_window_tokens: 264_000,
              max_prompt_tokens: 128_000,
              max_output_tokens: 64_000,
              vision: { max_prompt_images: 5 },
            },
            supports: {
              vision: true,
              tool_calls: true,
              reasoning_effort: ['low', 'medium', 'odd'],
            },
          },
        },
      ],
    },
    plain,
    'co',
    {
      contextWindow: 264_000,
      inputLimit: 128_000,
      maxOutputTokens: 64_000,
      reasoning: true,
      efforts: ['low', 'medium'],
      vision: true,
      tools: true,
    },
  ],
  'Kimi: flags and words for effort': [
    {
      data: [
        {
          id: 'ki',
          context_length: 262_144,
          supports_image_in: false,
          supports_tool_use: true,
          supports_reasoning: true,
          think_efforts: { support: true, valid_efforts: ['max', 'low'], default_effort: 'low' },
        },
      ],
    },
    plain,
    'ki',
    {
      contextWindow: 262_144,
      reasoning: true,
      efforts: ['low', 'max'],
      vision: false,
      tools: true,
    },
  ],
  Mistral: [
    {
      data: [
        {
          id: 'mi',
          max_context_length: 131_072,
          capabilities: { completion_chat: true, function_calling: true, vision: false },
        },
      ],
    },
    plain,
    'mi',
    { contextWindow: 131_072, vision: false, tools: true },
  ],
  'Together: a bare array, prices per million': [
    [
      {
        id: 'to/m',
        type: 'chat',
        display_name: 'To M',
        context_length: 65_536,
        pricing: { input: 0.6, output: 1.2 },
      },
    ],
    { url: 'models', list: 'array' },
    'to/m',
    { name: 'To M', contextWindow: 65_536, price: { input: 0.6, output: 1.2 } },
  ],
  'Hugging Face: the least of those that serve it now': [
    {
      data: [
        {
          id: 'org/M',
          architecture: { input_modalities: ['text'], output_modalities: ['text'] },
          providers: [
            { status: 'live', context_length: 131_072, supports_tools: false },
            { status: 'live', context_length: 65_536, supports_tools: true },
            { status: 'staging', context_length: 4096 },
          ],
        },
      ],
    },
    plain,
    'org/M',
    { contextWindow: 65_536, vision: false, tools: true },
  ],
  'Vercel: tags': [
    {
      data: [
        {
          id: 'v/x',
          type: 'language',
          context_window: 100_000,
          max_tokens: 8000,
          tags: ['tool-use', 'vision'],
        },
      ],
    },
    plain,
    'v/x',
    { contextWindow: 100_000, maxOutputTokens: 8000, reasoning: false, vision: true, tools: true },
  ],
  'Venice: everything one level down': [
    {
      data: [
        {
          id: 've',
          type: 'text',
          model_spec: {
            name: 'Ve',
            availableContextTokens: 200_000,
            maxCompletionTokens: 32_000,
            reasoningEffortOptions: ['none', 'high'],
            capabilities: { supportsFunctionCalling: true, supportsVision: false },
          },
        },
      ],
    },
    plain,
    've',
    {
      name: 'Ve',
      contextWindow: 200_000,
      maxOutputTokens: 32_000,
      reasoning: true,
      efforts: ['none', 'high'],
      vision: false,
      tools: true,
    },
  ],
  'Codex itself: slugs and levels': [
    {
      models: [
        {
          slug: 'g-6',
          display_name: 'G 6',
          visibility: 'list',
          context_window: 272_000,
          input_modalities: ['text', 'image'],
          supported_reasoning_levels: [{ effort: 'low' }, { effort: 'ultra' }, { effort: 'high' }],
        },
      ],
    },
    { url: 'models', list: 'models', id: 'slug' },
    'g-6',
    {
      name: 'G 6',
      contextWindow: 272_000,
      reasoning: true,
      efforts: ['low', 'high'],
      vision: true,
    },
  ],
  'LM Studio: what is loaded before what would be possible': [
    {
      data: [
        {
          id: 'lo',
          type: 'vlm',
          state: 'loaded',
          max_context_length: 262_144,
          loaded_context_length: 16_384,
          capabilities: ['tool_use'],
        },
      ],
    },
    plain,
    'lo',
    { contextWindow: 16_384, vision: true, tools: true },
  ],
  vLLM: [{ data: [{ id: 'vl', max_model_len: 40_960 }] }, plain, 'vl', { contextWindow: 40_960 }],
  'llama.cpp: served before trained': [
    { data: [{ id: 'll', meta: { n_ctx: 8192, n_ctx_train: 131_072 } }] },
    plain,
    'll',
    { contextWindow: 8192 },
  ],
  Groq: [
    { data: [{ id: 'gr', active: true, context_window: 131_072, max_completion_tokens: 65_536 }] },
    plain,
    'gr',
    { contextWindow: 131_072, maxOutputTokens: 65_536 },
  ],
};

for (const [shape, [answer, list, name, facts]] of Object.entries(shapes)) {
  test(`a list is understood: ${shape}`, () => {
    assert.deepEqual([...(readListing(answer, list) ?? [])], [[name, facts]]);
  });
}

const names = (entries: readonly Json[], list = plain) => [
  ...(readListing({ data: entries }, list)?.keys() ?? []),
];

test('of two places for the list the other one will do', () => {
  assert.deepEqual([...(readListing({ data: [{ id: 'a' }] }, models)?.keys() ?? [])], ['a']);
  assert.deepEqual([...(readListing({ models: [{ key: 'b' }] }, plain)?.keys() ?? [])], ['b']);
});

test('what is no list of models is not taken for an empty one', () => {
  for (const answer of [undefined, null, 'x', {}, { data: {} }, { error: { message: 'no' } }]) {
    assert.equal(readListing(answer, plain), undefined);
  }
  assert.equal(readListing({ data: [] }, plain)?.size, 0);
});

test('models that do other work are left out, by what the list says', () => {
  const other: readonly Json[] = [
    { id: 'a', type: 'embedding' },
    { id: 'b', architecture: { output_modalities: ['image'] } },
    { id: 'c', capabilities: { completion_chat: false } },
    { id: 'd', supportedGenerationMethods: ['embedContent'] },
    { id: 'e', supports_chat: false },
    { id: 'f', active: false },
    { id: 'g', policy: { state: 'disabled' } },
    { id: 'h', lifecycle: 'retired' },
    { id: 'i', visibility: 'hide' },
    { id: 'j', type: 'text', model_spec: { offline: true } },
    { id: 'k', capabilities: { type: 'embeddings' } },
  ];
  assert.deepEqual(names([...other, { id: 'z' }]), ['z']);
});

test('and else by their names', () => {
  const other = [
    'text-embedding-3-small',
    'nomic-embed-text:latest',
    'bge-m3',
    'whisper-1',
    'gpt-4o-mini-tts',
    'gpt-image-1',
    'gemini-3-flash-image',
    'dall-e-3',
    'omni-moderation-latest',
    'llama-guard-4',
    'mistral-ocr-latest',
    'qwen3-reranker-8b',
    'veo-3',
    'gpt-realtime',
  ];
  const chat = ['gpt-6', 'guardian-7b', 'imagine-1', 'command-a', 'qwen3-vl:30b', 'o3-mini'];
  assert.deepEqual(names([...other, ...chat].map((id) => ({ id }))), chat);
  assert.deepEqual(names([{ id: 'x-image-chat', output_modalities: ['text'] }]), ['x-image-chat']);
});

test('names that no request could hold are dropped, and each counts once', () => {
  const hostile = [
    'x'.repeat(10_240),
    'a\nb',
    'a\u0000b',
    'a\u202eb',
    'a b',
    '',
    ' ',
    7,
    null,
    { id: 'y' },
  ];
  const entries: readonly Json[] = [...hostile.map((id) => ({ id })), null, 'x', 3, []];
  assert.deepEqual(names([...entries, { id: 'fine' }, { id: 'fine', context_length: 1 }]), [
    'fine',
  ]);
});

test('limits that are none are not believed', () => {
  for (const context_length of [0, -1, 1.5, '4096', null, 1e300, {}]) {
    const listing = readListing({ data: [{ id: 'm', context_length, max_tokens: -5 }] }, plain);
    assert.deepEqual(listing?.get('m'), {});
  }
});

test('a list without an end is cut', () => {
  const entries = Array.from({ length: 6000 }, (_, i) => ({ id: `m-${i}` }));
  assert.equal(names(entries).length, 5000);
});
