import type { Usage } from '../turn/event.ts';
import type { ReplyContext } from './reply.ts';

export type ResponseStatus = 'in_progress' | 'completed' | 'incomplete' | 'failed';

/** What changes in a Response object from event to event. */
export interface ResponseState {
  readonly status: ResponseStatus;
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly incompleteReason: 'max_output_tokens' | undefined;
  /** Finished items, as JSON texts. */
  readonly output: readonly string[];
  readonly usage: Usage | undefined;
  /** `false` makes Codex send the conversation again at once. */
  readonly endTurn: boolean;
  readonly toolsJson: string;
}

/** The members of a Response object that stay the same, as JSON texts: instructions may be long. */
export interface ConstantMembers {
  readonly beforeUsage: string;
  readonly behindUsage: string;
}

export function constantMembers({
  requestedModel,
  echo,
}: Pick<ReplyContext, 'requestedModel' | 'echo'>): ConstantMembers {
  const before = JSON.stringify({
    instructions: echo.instructions,
    max_output_tokens: echo.maxOutputTokens,
    max_tool_calls: null,
    model: requestedModel,
    parallel_tool_calls: echo.parallelToolCalls,
    previous_response_id: null,
    prompt_cache_key: echo.promptCacheKey,
    reasoning: { effort: echo.reasoningEffort, summary: echo.reasoningSummary },
    safety_identifier: null,
    service_tier: echo.serviceTier ?? 'default',
    store: false,
    temperature: echo.temperature ?? 1,
    text: { format: echo.textFormat, verbosity: echo.verbosity ?? 'medium' },
    tool_choice: echo.toolChoice,
    top_logprobs: 0,
    top_p: echo.topP ?? 1,
    presence_penalty: 0,
    frequency_penalty: 0,
    truncation: 'disabled',
  });
  const behind = JSON.stringify({ user: null, metadata: echo.metadata });
  return { beforeUsage: before.slice(1, -1), behindUsage: behind.slice(1, -1) };
}

/** A Response object as JSON text, with every field that the API's schema requires. */
export function responseJson(
  id: string,
  createdAt: number,
  { beforeUsage, behindUsage }: ConstantMembers,
  state: ResponseState,
): string {
  const { status, error, incompleteReason: reason, usage, output } = state;
  const completedAt = status === 'completed' ? seconds() : null;
  const errorJson = error === undefined ? null : JSON.stringify(error);
  const details = reason === undefined ? null : JSON.stringify({ reason });
  const usageText = usage === undefined ? null : JSON.stringify(usageJson(usage));
  const endTurn = state.endTurn ? '' : ',"end_turn":false';
  return (
    `{"id":"${id}","object":"response","created_at":${createdAt},"status":"${status}",` +
    `"background":false,"completed_at":${completedAt},"error":${errorJson},` +
    `"incomplete_details":${details},${beforeUsage},"usage":${usageText},${behindUsage}${endTurn},` +
    `"output":[${output.join(',')}],"tools":${state.toolsJson}}`
  );
}

/** Codex refuses a whole answer for one count that is missing or no integer. */
function usageJson(usage: Usage) {
  const input = count(usage.inputTokens);
  const output = count(usage.outputTokens);
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: count(usage.cachedTokens),
      cache_write_tokens: count(usage.cacheWriteTokens),
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: count(usage.reasoningTokens) },
    total_tokens: input + output,
  };
}

function count(value: number): number {
  return Number.isFinite(value) ? Math.max(0, Math.round(value)) : 0;
}

/** Now, in the whole seconds that Response objects count in. */
export function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
