import type { ChatQuirks } from '../../adapters/openaiChat/quirks.ts';
import type { CatalogEntry } from '../catalogEntry.ts';
import { highMax, lowHighMax, lowToHigh, lowToHighMax, seeing, textOnly } from '../catalogModel.ts';

/** Its chat templates: often one system message, in front. A parallel flag is not among its fields. */
const ollamaChat: ChatQuirks = {
  systemPlace: 'leading',
  parallelToolCalls: 'omit',
  reasoningReplay: 'field',
};

/** Ollama, hosted and local. */
export const ollamaEntries: readonly CatalogEntry[] = [
  {
    id: 'ollama-cloud',
    label: 'Ollama Cloud',
    kind: 'key',
    aliases: ['ollama-turbo'],
    adapter: 'openai-chat',
    baseUrl: 'https://ollama.com/v1',
    auth: ['key'],
    keyPage: 'https://ollama.com/settings/keys',
    keyCheck: { url: '/api/balance', refused: [{ status: 401 }, { status: 403 }] },
    modelList: { url: 'models', public: true },
    defaultModel: 'glm-5.3',
    models: [
      textOnly('glm-5.3', 1_048_576, 131_072, lowHighMax),
      seeing('glm-5.3-flash', 1_000_000, 131_072, lowHighMax),
      seeing('deepseek-v4.1-flash', 1_048_576, 384_000, lowHighMax),
      textOnly('deepseek-v4-pro', 1_048_576, 1_048_576, highMax),
      textOnly('deepseek-v4-flash', 1_048_576, 1_048_576, highMax),
      seeing('kimi-k3', 1_048_576, 131_072, lowHighMax),
      seeing('kimi-k2.7-code', 262_144, 262_144, false),
      seeing('kimi-k2.6', 262_144, 262_144, false),
      seeing('minimax-m3', 512_000, 131_072, lowToHighMax),
      textOnly('glm-5.2', 976_000, 131_072, highMax),
      textOnly('glm-5.1', 202_752, 131_072, false),
      textOnly('minimax-m2.7', 196_608, 196_608, false),
      textOnly('minimax-m2.5', 204_800, 131_072, false),
      textOnly('nemotron-3-ultra', 262_144, 128_000, false),
      textOnly('nemotron-3-super', 262_144, 65_536, false),
      textOnly('nemotron-3-nano:30b', 1_048_576, 131_072, false),
      seeing('qwen3.5:397b', 262_144, 65_536, false),
      seeing('gemma4:31b', 262_144, 262_144, false),
      seeing('mistral-large-3:675b', 262_144, 262_144, false),
      textOnly('gpt-oss:120b', 131_072, 32_768, lowToHigh),
      textOnly('gpt-oss:20b', 131_072, 32_768, lowToHigh),
    ],
    noVisionModels: [
      'gpt-oss',
      'minimax-m2',
      'minimax-m2.1',
      'nemotron-3-nano',
      'qwen3-coder',
      'qwen3-coder-next',
    ],
    reasoningOnlyListed: true,
    quirks: { chat: ollamaChat },
  },
  {
    id: 'ollama',
    label: 'Ollama',
    kind: 'local',
    aliases: ['ollama-local'],
    adapter: 'openai-chat',
    baseUrl: 'http://localhost:11434/v1',
    auth: ['key'],
    keyOptional: true,
    keyCheck: { url: '/api/version' },
    modelList: { url: 'models', public: true },
    models: [],
    noVisionModels: ['gpt-oss', 'qwen3-coder', 'deepseek-r1', 'devstral', 'glm-4.7-flash'],
    reasoningOnlyListed: true,
    quirks: { chat: ollamaChat },
    note: 'Codex’s prompt alone is more than 10,000 tokens: set OLLAMA_CONTEXT_LENGTH to 32768 or more, or Ollama cuts it without a word.',
  },
];
