import type { ChatQuirks } from '../../adapters/openaiChat/quirks.ts';
import type { CatalogEntry } from '../catalogEntry.ts';
import {
  highMax,
  lowHighMax,
  lowMediumXhigh,
  lowToMax,
  minimalToHigh,
  noneHigh,
  noneToMax,
  oneToken,
  seeing,
  textOnly,
} from '../catalogModel.ts';

/** DeepSeek's and Kimi's templates want the field on every assistant message. */
const alwaysReplayed: ChatQuirks = { reasoningReplay: 'field_always' };

/** Gateways that come with an account of a development platform. */
export const platformEntries: readonly CatalogEntry[] = [
  {
    id: 'opencode-zen',
    label: 'opencode zen',
    kind: 'gateway',
    aliases: ['zen', 'opencode'],
    adapter: 'openai-chat',
    baseUrl: 'https://opencode.ai/zen/v1',
    otherBaseUrls: ['https://opencode.ai/zen/go/v1'],
    auth: ['key'],
    keyPage: 'https://opencode.ai/auth',
    keyCheck: { url: 'chat/completions', body: oneToken('glm-5.3-flash') },
    modelList: { url: 'models', public: true },
    defaultModel: 'glm-5.3',
    // Only those that it serves as chat; GPT, Grok, Claude and Gemini have other endpoints there.
    models: [
      textOnly('glm-5.3', 1_000_000, 131_072, lowHighMax),
      seeing('glm-5.3-flash', 1_000_000, 131_072, lowHighMax),
      seeing('kimi-k3', 1_048_576, 131_072, lowHighMax, alwaysReplayed),
      seeing('kimi-k2.7-code', 262_144, 262_144, minimalToHigh, alwaysReplayed),
      seeing('deepseek-v4.1-flash', 1_000_000, 384_000, lowHighMax, {
        ...alwaysReplayed,
        responseFormat: 'json_object',
      }),
      textOnly('deepseek-v4-pro', 1_000_000, 384_000, highMax, {
        ...alwaysReplayed,
        responseFormat: 'json_object',
      }),
      seeing('qwen3.8-max', 262_144, 131_072, lowMediumXhigh),
      seeing('mistral-large-4', 524_288, 262_144, noneHigh),
      seeing('minimax-m3', 512_000, 128_000, minimalToHigh),
    ],
    noVisionModels: [
      'beam-free',
      'big-pickle',
      'deepseek-v4-flash',
      'glm-5',
      'glm-5.1',
      'glm-5.2',
      'minimax-m2.5',
      'minimax-m2.7',
      'nemotron-3-ultra-free',
    ],
    reasoningOnlyListed: true,
    quirks: {
      chat: { systemPlace: 'leading', toolSchema: 'objectRoot', reasoningReplay: 'field' },
    },
    note: 'GPT, Grok, Claude and Gemini models are not served on this endpoint.',
  },
  {
    id: 'cloudflare-ai-gateway',
    label: 'Cloudflare AI Gateway',
    kind: 'gateway',
    aliases: ['cf-aig'],
    adapter: 'anthropic',
    baseUrl: 'https://gateway.ai.cloudflare.com/v1/{account}/{gateway}/anthropic',
    asks: [
      { name: 'account', prompt: 'Cloudflare account id (32 hexadecimal digits)' },
      { name: 'gateway', prompt: 'Gateway name', default: 'default' },
    ],
    auth: ['key'],
    // With unified billing or stored keys the gateway's own token is enough.
    keyOptional: true,
    keyPage: 'https://dash.cloudflare.com/?to=/:account/ai/ai-gateway',
    // What stands between may hold betas back: a signature that does not fit is mended when it is refused.
    quirks: {
      anthropic: { models: [{ match: '', dropUnbound: false, systemMessages: false }] },
    },
    // No key check: the key is the upstream's, and Cloudflare's check knows only its own tokens.
    defaultModel: 'claude-sonnet-5-5',
    models: [
      seeing('claude-sonnet-5-5', 1_000_000, 128_000, lowToMax),
      seeing('claude-opus-5-5', 1_000_000, 128_000, lowToMax),
      seeing('claude-haiku-5-5', 1_000_000, 128_000, lowToMax),
      seeing('claude-fable-5-1', 1_000_000, 128_000, lowToMax),
      seeing('claude-opus-5', 1_000_000, 128_000, lowToMax),
      seeing('claude-sonnet-5', 1_000_000, 128_000, lowToMax),
    ],
    note: 'The key is the one of Anthropic. An authenticated gateway also needs the header "cf-aig-authorization": "Bearer …" under "headers".',
  },
  {
    id: 'github-copilot',
    label: 'GitHub Copilot',
    kind: 'key',
    aliases: ['copilot'],
    adapter: 'openai-chat',
    baseUrl: 'https://api.githubcopilot.com',
    otherBaseUrls: [
      'https://api.individual.githubcopilot.com',
      'https://api.business.githubcopilot.com',
      'https://api.enterprise.githubcopilot.com',
    ],
    auth: ['key'],
    keyPage: 'https://github.com/settings/copilot',
    modelList: { url: 'models' },
    defaultModel: 'gemini-3.8-flash',
    // Only those that it serves as chat.
    models: [
      seeing('gemini-3.8-flash', 936_000, 64_000, false),
      seeing('gemini-4-argon', 1_048_576, 65_536, false),
      seeing('kimi-k3', 1_048_576, 131_072, false),
      seeing('kimi-k2.7-code', 224_000, 32_000, false),
    ],
    reasoningOnlyListed: true,
    quirks: { chat: { systemPlace: 'leading' } },
    exchange: {
      method: 'GET',
      url: 'https://api.github.com/copilot_internal/v2/token',
      token: 'token',
      expires: 'expires_at',
      baseUrl: 'endpoints.api',
      lifetimeSeconds: 1500,
      hosts: [
        'api.githubcopilot.com',
        'api.individual.githubcopilot.com',
        'api.business.githubcopilot.com',
        'api.enterprise.githubcopilot.com',
      ],
    },
    note: 'Takes your own GitHub token. GitHub refuses classic personal access tokens, and may refuse every tool that it does not know. In VS Code, the editor’s own models are the better way.',
  },
  {
    id: 'gitlab-duo',
    label: 'GitLab Duo',
    kind: 'key',
    aliases: ['gitlab'],
    adapter: 'openai-responses',
    baseUrl: 'https://cloud.gitlab.com/ai/v1/proxy/openai/v1',
    asks: [{ name: 'instance', prompt: 'GitLab instance', default: 'https://gitlab.com' }],
    auth: ['key'],
    keyPage: 'https://gitlab.com/-/user_settings/personal_access_tokens',
    defaultModel: 'duo-chat-gpt-6-sol',
    // Of its aliases only those of OpenAI's models are served at this address.
    models: [
      seeing('duo-chat-gpt-6-sol', 922_000, 128_000, noneToMax),
      seeing('duo-chat-gpt-6-luna', 922_000, 128_000, noneToMax),
      seeing('duo-chat-gpt-6-astra', 922_000, 128_000, lowToMax),
      seeing('duo-chat-gpt-5-6-sol', 922_000, 128_000, noneToMax),
    ],
    exchange: {
      method: 'POST',
      url: '{instance}/api/v4/ai/third_party_agents/direct_access',
      token: 'token',
      headers: 'headers',
      lifetimeSeconds: 1500,
      hosts: ['cloud.gitlab.com'],
    },
    note: 'Needs a personal access token with the scope "api" or "ai_features" and a Duo seat. Your own GitLab goes under "placeholders": { "instance": "https://…" }.',
  },
];
