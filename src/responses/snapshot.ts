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

/** A Response object as JSON text, with every field that the API's schema requires. */
export function responseJson(
  id: string,
  createdAt: number,
  { requestedModel, echo }: Pick<ReplyContext, 'requestedModel' | 'echo'>,
  state: ResponseState,
): string {
  const head = JSON.stringify({
    id,
    object: 'response',
    created_at: createdAt,
    status: state.status,
    background: false,
    completed_at: state.status === 'completed' ? seconds() : null,
    error: state.error ?? null,
    incomplete_details:
      state.incompleteReason === undefined ? null : { reason: state.incompleteReason },
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
    usage: state.usage === undefined ? null : usageJson(state.usage),
    user: null,
    metadata: echo.metadata,
    ...(state.endTurn ? {} : { end_turn: false }),
  });
  return `${head.slice(0, -1)},"output":[${state.output.join(',')}],"tools":${state.toolsJson}}`;
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
