import type { AnthropicQuirks, ModelRule } from './quirks.ts';

/** A model's rule with nothing left open. */
export type Rule = Required<ModelRule>;

/** Hosts that speak Messages for models of others: the old form of thinking, nothing of Anthropic's newer fields. */
const compatible: Rule = {
  match: '',
  thinking: 'budget',
  thinksByDefault: false,
  off: 'disabled',
  efforts: [],
  sampling: true,
  forcedCalls: 'without_thinking',
  systemMessages: false,
  dropUnbound: false,
  outputFormat: false,
  maxTokens: 32_000,
};

const budget: Rule = {
  ...compatible,
  outputFormat: true,
  maxTokens: 64_000,
};

const adaptive: Rule = {
  ...budget,
  thinking: 'adaptive',
  efforts: ['low', 'medium', 'high', 'max'],
  forcedCalls: 'always',
  maxTokens: 128_000,
};

const current: Rule = {
  ...adaptive,
  efforts: ['low', 'medium', 'high', 'xhigh', 'max'],
  sampling: false,
};

const current5: Rule = { ...current, thinksByDefault: true, systemMessages: true };

/** Thinks always, binds signatures to the prefix, takes no forced calls. */
const bound: Rule = { ...current5, off: 'lowest', forcedCalls: 'never', dropUnbound: true };

const before45: Rule = { ...budget, outputFormat: false };

/**
 * By model, the first match counts. From
 * https://platform.claude.com/docs/en/build-with-claude/thinking-troubleshooting (thinking types),
 * https://platform.claude.com/docs/en/build-with-claude/preserved-thinking (bound signatures),
 * https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages.
 */
const table: readonly Rule[] = [
  { ...bound, match: 'sonnet-5-5', off: 'between_tools' },
  { ...bound, match: 'opus-5-5' },
  { ...bound, match: 'fable-5-1' },
  { ...bound, match: 'fable-5-2' },
  { ...bound, match: 'mythos-5-1', dropUnbound: false },
  { ...bound, match: 'mythos-5-2', dropUnbound: false },
  { ...current5, match: 'haiku-5-5' },
  { ...current5, match: 'fable-5', off: 'lowest' },
  { ...current5, match: 'mythos-5', off: 'lowest' },
  { ...current5, match: 'opus-5' },
  { ...current5, match: 'sonnet-5' },
  { ...current, match: 'opus-4-8', systemMessages: true },
  { ...current, match: 'opus-4-7' },
  { ...adaptive, match: 'opus-4-6' },
  { ...adaptive, match: 'sonnet-4-6' },
  { ...budget, match: 'opus-4-5' },
  { ...budget, match: 'sonnet-4-5' },
  { ...budget, match: 'haiku-4-5' },
  { ...before45, match: 'opus-4-1', outputFormat: true, maxTokens: 32_000 },
  { ...before45, match: 'sonnet-4' },
  { ...before45, match: 'opus-4', maxTokens: 32_000 },
  { ...before45, match: 'claude-3-7' },
  { ...before45, match: 'claude-3-5', thinking: 'none', maxTokens: 8192 },
  { ...before45, match: 'claude-3', thinking: 'none', maxTokens: 4096 },
  { ...before45, match: 'claude-2', thinking: 'none', maxTokens: 4096 },
  // A Claude that is newer than this table: only what every current one takes.
  {
    ...current,
    match: 'claude',
    off: 'lowest',
    thinksByDefault: true,
    forcedCalls: 'never',
    maxTokens: 64_000,
  },
  compatible,
];

/** What this model takes: the built-in row, under the rules of the provider's quirks. */
export function ruleFor(model: string, quirks: AnthropicQuirks): Rule {
  const name = plainName(model);
  // Without `claude` in its name it is another vendor's model, whatever else the name resembles.
  const rows = isClaude(name) ? table : [compatible];
  const row = rows.find((rule) => name.includes(rule.match)) ?? compatible;
  let merged = row;
  for (const rule of quirks.models ?? []) {
    if (name.includes(plainName(rule.match))) merged = { ...merged, ...rule };
  }
  return merged;
}

/** Thinking without a signature may go back: only Anthropic's own models check it. */
export function takesUnsigned(model: string, { signatures }: AnthropicQuirks): boolean {
  return signatures === undefined ? !isClaude(plainName(model)) : signatures === 'optional';
}

function isClaude(name: string): boolean {
  return name.includes('claude');
}

/** Resellers write `claude-sonnet-4.5` where Anthropic writes `claude-sonnet-4-5`. */
function plainName(model: string): string {
  return model.toLowerCase().replaceAll('.', '-');
}
