import type { JsonObject, Turn } from '../../turn/turn.ts';
import { clampEffort } from '../effort.ts';
import type { ModelTraits } from '../target.ts';
import type { Rule } from './models.ts';

/** What a request says of thinking. */
export interface ThinkingFields {
  /** The model thinks before it answers this request. */
  readonly on: boolean;
  readonly thinking: JsonObject | undefined;
  /** `output_config.effort`. */
  readonly effort: string | undefined;
  readonly betas: readonly string[];
}

/** Lets a request say what becomes of thinking blocks whose signature is bound to another history. */
const bindingBeta = 'thinking-binding-controls-2026-08-01';

const budgets: Readonly<Record<string, number>> = {
  minimal: 1024,
  low: 4096,
  medium: 8192,
  high: 16_384,
  xhigh: 32_768,
  max: 65_536,
};
const leastBudget = 1024;
/** Of `max_tokens`, what at least is left for the answer itself. */
const leastAnswer = 1024;
const answerShare = 0.25;

const nothing: ThinkingFields = { on: false, thinking: undefined, effort: undefined, betas: [] };

/**
 * Decides thinking for one request. `continues` says that the request goes on with a tool loop
 * whose first step has no thinking: with a budget, such a loop must be finished without.
 */
export function thinkingFor(
  turn: Turn,
  traits: ModelTraits,
  rule: Rule,
  maxTokens: number,
  continues: boolean,
): ThinkingFields {
  if (rule.thinking === 'none' || traits.reasoning === false) return nothing;
  const { effort, summary } = turn.reasoning;
  const efforts = rule.efforts.filter((word) => traits.efforts?.includes(word) ?? true);
  if (effort === 'none') return switchedOff(rule, efforts);
  const asked = effort !== undefined || summary !== undefined;
  if (!asked && !rule.thinksByDefault) return nothing;
  if (rule.thinking === 'adaptive') return adaptive(rule, clampEffort(effort, efforts));
  if (continues) return nothing;
  return withBudget(budgets[effort ?? 'medium'] ?? budgets['medium'] ?? leastBudget, maxTokens);
}

function switchedOff(rule: Rule, efforts: readonly string[]): ThinkingFields {
  switch (rule.off) {
    case 'disabled':
      return { ...nothing, thinking: { type: 'disabled' } };
    case 'between_tools':
      return { ...nothing, on: true, thinking: { type: 'between_tools' } };
    case 'lowest':
      return adaptive(rule, efforts[0]);
  }
}

function adaptive(rule: Rule, effort: string | undefined): ThinkingFields {
  // Newer models send empty thinking, and their text between tool calls in it, unless asked.
  const thinking = { type: 'adaptive', display: 'summarized' };
  return rule.dropUnbound
    ? {
        on: true,
        thinking: { ...thinking, block_binding: { prefix_mismatch_behavior: 'drop_block' } },
        effort,
        betas: [bindingBeta],
      }
    : { on: true, thinking, effort, betas: [] };
}

function withBudget(wanted: number, maxTokens: number): ThinkingFields {
  const room = maxTokens - Math.max(leastAnswer, Math.ceil(maxTokens * answerShare));
  const budget = Math.min(wanted, room);
  if (budget < leastBudget) return nothing;
  return { ...nothing, on: true, thinking: { type: 'enabled', budget_tokens: budget } };
}
