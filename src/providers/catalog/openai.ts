import type { ChatQuirks } from '../../adapters/openaiChat/quirks.ts';
import type { CatalogEntry } from '../catalogEntry.ts';
import { lowToMax, noneToMax, noneToXhigh, seeing } from '../catalogModel.ts';

/** OpenAI's own Chat Completions, for those who choose adapter `openai-chat` there. */
const openaiChat: ChatQuirks = {
  tokenField: 'max_completion_tokens',
  systemRole: 'developer',
  toolCallIds: 'max40',
  strictTools: true,
  openaiFields: true,
};

export const openaiEntries: readonly CatalogEntry[] = [
  {
    id: 'openai',
    label: 'OpenAI (ChatGPT login)',
    kind: 'login',
    aliases: ['chatgpt', 'codex', 'openai-codex', 'openai-chatgpt'],
    adapter: 'openai-responses',
    baseUrl: 'https://chatgpt.com/backend-api/codex',
    auth: ['forward'],
    modelList: { url: 'models', list: 'models', id: 'slug' },
    defaultModel: 'gpt-6.1-sol',
    models: [
      seeing('gpt-6.1-sol', 500_000, 128_000, lowToMax),
      seeing('gpt-6.1-terra', 500_000, 128_000, noneToMax),
      seeing('gpt-6-sol', 272_000, 128_000, noneToMax),
      seeing('gpt-6-luna', 272_000, 128_000, noneToMax),
      seeing('gpt-6-astra', 272_000, 128_000, lowToMax),
      seeing('gpt-5.6-sol', 272_000, 128_000, lowToMax),
      seeing('gpt-5.6-terra', 272_000, 128_000, lowToMax),
      seeing('gpt-5.6-luna', 272_000, 128_000, lowToMax),
    ],
    note: 'Relays the login that "codex login" made; nothing is stored.',
  },
  {
    id: 'openai-api',
    label: 'OpenAI',
    kind: 'key',
    aliases: ['openai-apikey'],
    adapter: 'openai-responses',
    baseUrl: 'https://api.openai.com/v1',
    auth: ['key'],
    keyPage: 'https://platform.openai.com/api-keys',
    keyPrefixes: ['sk-proj-', 'sk-svcacct-', 'sk-admin-'],
    keyCheck: { url: 'models', valid: /insufficient permissions|missing scopes/i },
    modelList: { url: 'models' },
    defaultModel: 'gpt-6.1-sol',
    // The whole window is about 1.05M tokens, but above 272k the price rises.
    models: [
      seeing('gpt-6.1-sol', 272_000, 128_000, lowToMax),
      seeing('gpt-6.1-terra', 272_000, 128_000, noneToMax),
      seeing('gpt-6-sol', 272_000, 128_000, noneToMax),
      seeing('gpt-6-luna', 272_000, 128_000, noneToMax),
      seeing('gpt-6-astra', 272_000, 128_000, lowToMax),
      seeing('gpt-5.6-sol', 272_000, 128_000, noneToMax),
      seeing('gpt-5.6-terra', 272_000, 128_000, noneToMax),
      seeing('gpt-5.6-luna', 272_000, 128_000, noneToMax),
      seeing('gpt-5.5', 272_000, 128_000, noneToXhigh),
      seeing('gpt-5.4', 272_000, 128_000, noneToXhigh),
      seeing('gpt-5.4-mini', 272_000, 128_000, noneToXhigh),
    ],
    quirks: { chat: openaiChat },
  },
  {
    id: 'azure',
    label: 'Azure OpenAI',
    kind: 'key',
    aliases: ['azure-openai'],
    adapter: 'azure',
    baseUrl: 'https://{resource}.openai.azure.com/openai/v1',
    otherBaseUrls: [
      'https://{resource}.services.ai.azure.com/openai/v1',
      'https://{resource}.cognitiveservices.azure.com/openai/v1',
    ],
    asks: [{ name: 'resource', prompt: 'Azure resource name (the part before .openai.azure.com)' }],
    auth: ['key'],
    keyPage: 'https://ai.azure.com',
    keyCheck: { url: '/openai/v1/models' },
    // The models endpoint lists base models; requests name deployments, which only the user knows.
    models: [],
    quirks: { chat: { ...openaiChat, toolSchema: 'objectRoot' } },
    note: 'Models are the names of your deployments: list them in "models".',
  },
];
