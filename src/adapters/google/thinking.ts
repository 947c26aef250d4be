import type { JsonObject, ReasoningRequest } from '../../turn/turn.ts';
import { clampEffort } from '../effort.ts';
import type { ModelTraits } from '../target.ts';
import type { Rule } from './models.ts';

const budgets: Readonly<Record<string, number>> = {
  minimal: 1024,
  low: 4096,
  medium: 8192,
  high: 16_384,
  xhigh: 32_768,
  max: 32_768,
};

/**
 * `thinkingConfig`: a level or a budget, never both, and always the summaries. An effort that the
 * client does not name is the model's own. https://ai.google.dev/gemini-api/docs/thinking
 */
export function thinkingConfig(
  { effort }: ReasoningRequest,
  traits: ModelTraits,
  rule: Rule,
): JsonObject | undefined {
  if (rule.thinking === 'none' || traits.reasoning === false) return undefined;
  if (rule.thinking === 'budget') return withBudget(effort, rule);
  const known = rule.levels.filter((word) => traits.efforts?.includes(word) ?? true);
  const level = clampEffort(effort, known.length > 0 ? known : rule.levels);
  return level === undefined
    ? { includeThoughts: true }
    : { thinkingLevel: level.toUpperCase(), includeThoughts: true };
}

function withBudget(effort: string | undefined, { leastBudget, mostBudget }: Rule): JsonObject {
  if (effort === 'none' && leastBudget === 0) return { thinkingBudget: 0 };
  const wanted = effort === 'none' ? leastBudget : budgets[effort ?? ''];
  if (wanted === undefined) return { includeThoughts: true };
  const thinkingBudget = Math.min(Math.max(wanted, leastBudget), mostBudget);
  return { thinkingBudget, includeThoughts: true };
}
