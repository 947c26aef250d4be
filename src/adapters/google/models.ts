import type { GoogleQuirks, ModelRule } from './quirks.ts';

/** A model's rule with nothing left open. */
export type Rule = Required<ModelRule>;

/** Other models behind the same API: nothing that only some Gemini models know. */
const plain: Rule = {
  match: '',
  instructions: 'system',
  thinking: 'none',
  levels: [],
  leastBudget: 0,
  mostBudget: 0,
  signedCalls: false,
  callIds: false,
  responseImages: false,
  sampling: true,
  outputSchema: 'without_tools',
  wholeMaxTokens: 1_048_576,
};

const gemini2: Rule = { ...plain, thinking: 'budget', mostBudget: 24_576 };

const gemini3: Rule = {
  ...plain,
  thinking: 'level',
  levels: ['low', 'medium', 'high'],
  signedCalls: true,
  callIds: true,
  responseImages: true,
  sampling: false,
  outputSchema: 'always',
};

const flash3: Rule = { ...gemini3, levels: ['minimal', 'low', 'medium', 'high'] };

/**
 * By model, the first match counts. From
 * https://ai.google.dev/gemini-api/docs/thinking (levels and budgets),
 * https://ai.google.dev/gemini-api/docs/thought-signatures,
 * https://ai.google.dev/gemini-api/docs/function-calling (ids, images in responses),
 * https://ai.google.dev/gemini-api/docs/structured-output (together with tools),
 * https://ai.google.dev/gemini-api/docs/generate-content/long-decode (limit of whole answers).
 */
const table: readonly Rule[] = [
  { ...plain, match: 'gemma', instructions: 'user', outputSchema: 'never' },
  { ...plain, match: 'gemini-1' },
  { ...plain, match: 'gemini-2-0' },
  { ...gemini2, match: 'gemini-2-5-pro', leastBudget: 128, mostBudget: 32_768 },
  { ...gemini2, match: 'gemini-2' },
  { ...gemini3, match: 'gemini-3-pro', levels: ['low', 'high'] },
  { ...gemini3, match: 'gemini-3-1-pro' },
  { ...flash3, match: 'gemini-3-flash' },
  { ...flash3, match: 'gemini-3-1' },
  { ...flash3, match: 'gemini-3-5' },
  { ...flash3, match: 'gemini-3-6' },
  { ...gemini3, match: 'gemini-4', wholeMaxTokens: 32_768 },
  // Newer than this table, or an alias for the newest: only what every current one takes.
  { ...gemini3, match: 'gemini' },
  plain,
];

/** What this model takes: the built-in row, under the rules of the provider's quirks. */
export function ruleFor(model: string, quirks: GoogleQuirks): Rule {
  const name = plainName(model);
  let merged = table.find((rule) => name.includes(rule.match)) ?? plain;
  for (const rule of quirks.models ?? []) {
    if (name.includes(plainName(rule.match))) merged = { ...merged, ...rule };
  }
  return merged;
}

/** Resellers write `gemini-3-1-pro` where Google writes `gemini-3.1-pro`. */
function plainName(model: string): string {
  return model.toLowerCase().replaceAll('.', '-');
}
