import type { CatalogEntry } from '../catalogEntry.ts';

/** Asked for by name, but unable to serve Codex: they say why, and what to use instead. */
export const unusableEntries: readonly CatalogEntry[] = [
  {
    id: 'qwen-portal',
    label: 'Qwen Portal',
    kind: 'login',
    aliases: ['qwen', 'qwen-oauth'],
    adapter: 'openai-chat',
    baseUrl: 'https://portal.qwen.ai/v1',
    auth: ['oauth'],
    models: [],
    unusable: 'it ended on 15 April 2026. Use "alibaba-token-plan" (Qwen Cloud) instead.',
  },
  {
    id: 'parallel',
    label: 'Parallel',
    kind: 'key',
    adapter: 'openai-chat',
    baseUrl: 'https://api.parallel.ai',
    auth: ['key'],
    keyPage: 'https://platform.parallel.ai',
    models: [],
    unusable:
      'its chat models do web research and ignore tools, so Codex cannot run commands or edit files with them. Use another provider.',
  },
];
