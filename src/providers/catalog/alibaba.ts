import type { AnthropicQuirks } from '../../adapters/anthropic/quirks.ts';
import type { ChatQuirks } from '../../adapters/openaiChat/quirks.ts';
import type { CatalogEntry } from '../catalogEntry.ts';
import {
  highMax,
  lowHighMax,
  lowMediumXhigh,
  noneToMax,
  oneToken,
  seeing,
  textOnly,
} from '../catalogModel.ts';

const qwenChat: ChatQuirks = {
  systemPlace: 'leading',
  toolChoice: 'auto',
  responseFormat: 'json_object',
  reasoningRequest: 'enable_thinking',
  reasoningReplay: 'field',
  promptCacheKey: true,
};

/** The same hosts' Messages endpoint (/apps/anthropic). */
const anthropic: AnthropicQuirks = { signatures: 'optional' };

/** They always think, and refuse `enable_thinking: false`. */
const byEffort: ChatQuirks = { reasoningRequest: 'reasoning_effort' };
const deepseek: ChatQuirks = { ...byEffort, reasoningReplay: 'field_always' };

/** Alibaba's three plans; a key of one does not work on the hosts of another. */
export const alibabaEntries: readonly CatalogEntry[] = [
  {
    id: 'alibaba',
    label: 'Alibaba Coding Plan',
    kind: 'key',
    aliases: ['alibaba-coding-plan'],
    adapter: 'openai-chat',
    baseUrl: 'https://coding-intl.dashscope.aliyuncs.com/v1',
    otherBaseUrls: ['https://coding.dashscope.aliyuncs.com/v1'],
    auth: ['key'],
    keyPage: 'https://modelstudio.console.alibabacloud.com/?tab=globalset#/efm/coding_plan',
    keyPrefixes: ['sk-sp-'],
    keyCheck: { url: 'chat/completions', body: oneToken('qwen3.7-plus') },
    modelList: { url: 'models', public: true },
    defaultModel: 'qwen3.7-plus',
    models: [
      seeing('qwen3.7-plus', 1_000_000, 64_000, []),
      seeing('qwen3.6-plus', 1_000_000, 65_536, []),
      textOnly('qwen3-coder-plus', 1_000_000, 65_536, false),
      textOnly('qwen3-coder-next', 262_144, 65_536, false),
      textOnly('glm-5', 202_752, 16_384, []),
      textOnly('glm-4.7', 202_752, 16_384, []),
      seeing('kimi-k2.5', 262_144, 32_768, []),
      textOnly('MiniMax-M2.5', 196_601, 24_576, false),
    ],
    noVisionModels: ['qwen3-max-2026-01-23'],
    reasoningOnlyListed: true,
    quirks: { chat: qwenChat, anthropic },
    note: 'Being replaced by the token plan (alibaba-token-plan).',
  },
  {
    id: 'alibaba-token-plan',
    label: 'Qwen Cloud / Alibaba Token Plan',
    kind: 'key',
    aliases: ['qwen-cloud', 'qwen-token-plan'],
    adapter: 'openai-chat',
    baseUrl: 'https://token-plan.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1',
    otherBaseUrls: ['https://token-plan.cn-beijing.maas.aliyuncs.com/compatible-mode/v1'],
    auth: ['key'],
    keyPage: 'https://modelstudio.console.alibabacloud.com',
    keyPrefixes: ['sk-sp-'],
    // Whether /models asks for the key is not known; on the coding plan's host it does not.
    keyCheck: { url: 'chat/completions', body: oneToken('qwen3.8-flash') },
    modelList: { url: 'models' },
    defaultModel: 'qwen3.8-max',
    models: [
      seeing('qwen3.8-max', 1_000_000, 131_072, lowMediumXhigh, byEffort),
      seeing('qwen3.8-flash', 1_000_000, 131_072, lowMediumXhigh, byEffort),
      seeing('qwen3.7-plus', 1_000_000, 65_536, []),
      textOnly('qwen3.7-max', 1_000_000, 131_072, []),
      textOnly('glm-5.3', 1_000_000, 131_072, lowHighMax, byEffort),
      textOnly('glm-5.2', 1_000_000, 131_072, highMax, byEffort),
      seeing('deepseek-v4.1-flash', 1_000_000, 384_000, lowHighMax, deepseek),
      textOnly('deepseek-v4-pro', 1_000_000, 384_000, highMax, deepseek),
      seeing('kimi-k2.7-code', 262_144, 262_144, []),
    ],
    noVisionModels: [
      'deepseek-v3.2',
      'deepseek-v4-flash',
      'deepseek-v4-flash-0731',
      'deepseek-v4-pro-0813',
      'glm-5',
      'glm-5.1',
      'MiniMax-M2.5',
    ],
    reasoningOnlyListed: true,
    quirks: { chat: qwenChat, anthropic, extraBody: { preserve_thinking: true } },
    note: 'Key and region (Singapore or Beijing) must match.',
  },
  {
    id: 'alibaba-model-studio',
    label: 'Alibaba Model Studio (pay as you go)',
    kind: 'key',
    aliases: ['dashscope', 'qwen-api'],
    adapter: 'openai-chat',
    baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
    otherBaseUrls: [
      'https://dashscope.aliyuncs.com/compatible-mode/v1',
      'https://dashscope-us.aliyuncs.com/compatible-mode/v1',
    ],
    auth: ['key'],
    keyPage: 'https://modelstudio.console.alibabacloud.com/?tab=globalset#/efm/api_key',
    keyCheck: { url: 'models' },
    modelList: { url: 'models' },
    defaultModel: 'qwen3.8-max',
    models: [
      seeing('qwen3.8-max', 1_000_000, 131_072, lowMediumXhigh),
      seeing('qwen3.8-flash', 1_000_000, 131_072, lowMediumXhigh),
      seeing('qwen3.7-plus', 1_000_000, 131_072, []),
      textOnly('qwen3.7-max', 1_000_000, 131_072, []),
      seeing('qwen3.7-flash', 991_808, 131_072, []),
      textOnly('glm-5.2', 1_000_000, 131_072, noneToMax),
      seeing('kimi-k3', 1_048_576, 1_048_576, lowHighMax, byEffort),
      textOnly('qwen3-coder-plus', 1_048_576, 65_536, false),
    ],
    noVisionModels: [
      'deepseek-v4-flash-0731',
      'qwen-max',
      'qwen3-8b',
      'qwen3-coder-30b-a3b-instruct',
      'qwen3-coder-480b-a35b-instruct',
      'qwen3-coder-flash',
      'qwen3-max',
      'qwen3.6-max-preview',
    ],
    reasoningOnlyListed: true,
    quirks: { chat: qwenChat, anthropic, extraBody: { preserve_thinking: true } },
    note: 'Keys are bound to their region.',
  },
];
