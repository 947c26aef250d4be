import type { ChatQuirks } from '../../adapters/openaiChat/quirks.ts';
import type { CatalogEntry } from '../catalogEntry.ts';

/** Local servers run whatever chat template a model brings along: plain requests work with most. */
const templates: ChatQuirks = { systemPlace: 'leading', reasoningReplay: 'field' };

/** Servers that the user runs, and the way to everything else. */
export const localEntries: readonly CatalogEntry[] = [
  {
    id: 'vllm',
    label: 'vLLM',
    kind: 'local',
    adapter: 'openai-chat',
    baseUrl: 'http://localhost:8000/v1',
    auth: ['key'],
    keyOptional: true,
    keyCheck: { url: 'models' },
    modelList: { url: 'models' },
    models: [],
    quirks: { chat: templates },
    note: 'Start it with --enable-auto-tool-choice and the --tool-call-parser of the model.',
  },
  {
    id: 'lm-studio',
    label: 'LM Studio',
    kind: 'local',
    aliases: ['lmstudio'],
    adapter: 'openai-chat',
    baseUrl: 'http://localhost:1234/v1',
    auth: ['key'],
    keyOptional: true,
    keyCheck: { url: 'models' },
    modelList: { url: '/api/v0/models', public: true },
    models: [],
    reasoningOnlyListed: true,
    quirks: {
      chat: {
        ...templates,
        parallelToolCalls: 'omit',
        toolChoice: 'words',
        responseFormat: 'json_schema_only',
      },
    },
    note: 'Load the model with a context of 32768 tokens or more.',
  },
  {
    id: 'llama-cpp',
    label: 'llama.cpp',
    kind: 'local',
    aliases: ['llamacpp', 'llama-server'],
    adapter: 'openai-chat',
    baseUrl: 'http://localhost:8080/v1',
    auth: ['key'],
    keyOptional: true,
    // Its /v1/models answers without a key even where one is set.
    keyCheck: { url: '/props' },
    modelList: { url: 'models', public: true, served: 'llama-props' },
    models: [],
    quirks: {
      chat: { ...templates, toolChoice: 'words', reasoningRequest: 'chat_template_kwargs' },
    },
    note: 'The context (-c) is divided among the slots (-np).',
  },
  {
    id: 'litellm',
    label: 'LiteLLM',
    kind: 'custom',
    adapter: 'openai-chat',
    baseUrl: 'http://localhost:4000/v1',
    auth: ['key'],
    keyOptional: true,
    keyPage: 'https://docs.litellm.ai/docs/proxy/quick_start',
    keyCheck: { url: 'models' },
    modelList: { url: 'models' },
    models: [],
    quirks: { chat: { systemPlace: 'leading', reasoningReplay: 'field' } },
  },
  {
    id: 'custom',
    label: 'Custom',
    kind: 'custom',
    adapter: 'openai-chat',
    baseUrl: '{baseUrl}',
    asks: [{ name: 'baseUrl', prompt: 'Base URL of the API, as in its documentation' }],
    auth: ['key'],
    keyOptional: true,
    keyCheck: { url: 'models' },
    modelList: { url: 'models' },
    models: [],
    note: 'Any address that speaks one of the wire formats.',
  },
];
