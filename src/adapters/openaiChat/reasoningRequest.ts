import type { Turn } from '../../turn/turn.ts';
import { clampEffort } from '../effort.ts';
import type { Fields } from '../json.ts';
import type { Target } from '../target.ts';
import type { ChatQuirks } from './quirks.ts';

/** The fields that ask for reasoning, in the host's form. Nothing for models that do not reason. */
export function reasoningFields(turn: Turn, target: Target): Fields {
  const quirks = target.quirks.chat ?? {};
  const stated = target.traits.efforts ?? quirks.efforts;
  if (target.traits.reasoning === false) return {};
  const { effort: asked } = turn.reasoning;
  return asked === undefined
    ? withoutEffort(quirks)
    : withEffort(quirks, asked, stated, asked !== 'none');
}

/** What a host needs although the client leaves the effort to the model. */
function withoutEffort(quirks: ChatQuirks): Fields {
  switch (quirks.reasoningRequest) {
    case 'thinking':
      return quirks.thinkingFields === undefined
        ? {}
        : { thinking: { type: 'enabled', ...quirks.thinkingFields } };
    case 'thinking_adaptive':
      return { reasoning_split: true };
    default:
      return {};
  }
}

function withEffort(
  quirks: ChatQuirks,
  asked: string,
  stated: readonly string[] | undefined,
  on: boolean,
): Fields {
  /** Beside a switch: only words that the host is known to take. */
  const beside = on ? nearest(asked, stated ?? []) : undefined;
  switch (quirks.reasoningRequest ?? 'reasoning_effort') {
    case 'none':
      return {};
    case 'reasoning_effort':
      return { reasoning_effort: nearest(asked, stated) };
    case 'reasoning_object': {
      const effort = on || stated?.includes('none') ? nearest(asked, stated) : undefined;
      return { reasoning: effort === undefined ? { enabled: on } : { effort } };
    }
    case 'thinking':
      return {
        thinking: { type: on ? 'enabled' : 'disabled', ...quirks.thinkingFields },
        reasoning_effort: beside,
      };
    case 'thinking_adaptive':
      return {
        thinking: { type: on ? 'adaptive' : 'disabled', ...quirks.thinkingFields },
        reasoning_split: true,
      };
    case 'enable_thinking':
      return { enable_thinking: on, reasoning_effort: beside };
    case 'chat_template_kwargs':
      return { chat_template_kwargs: { enable_thinking: on }, reasoning_effort: beside };
  }
}

/** Groq's Qwen knows only `none` and `default`: a word off the scale means "on". */
function nearest(asked: string, allowed: readonly string[] | undefined): string | undefined {
  const on = allowed?.filter((word) => word !== 'none') ?? [];
  const offScale = on.length > 0 && clampEffort('high', on) === undefined;
  return offScale && asked !== 'none' ? on[0] : clampEffort(asked, allowed);
}
