import * as z from 'zod/mini';

/**
 * How a Chat Completions host departs from OpenAI's documentation. Every flag is data of a provider
 * record or of the user's config; the defaults are what most compatible hosts take.
 */
export const chatQuirksSchema = z.object({
  /** The field for the output token limit. Default `max_tokens`. */
  tokenField: z.optional(z.enum(['max_tokens', 'max_completion_tokens'])),
  /** The limit that is sent where the client names none: some hosts cut answers short by default. */
  defaultMaxTokens: z.optional(z.int().check(z.positive())),
  /** The role of instructions. Default `system`. */
  systemRole: z.optional(z.enum(['system', 'developer'])),
  /** `leading`: only the first message may be a system message, later ones become user text. Default `anywhere`. */
  systemPlace: z.optional(z.enum(['anywhere', 'leading'])),
  /** No user message may follow a tool message: an assistant message is put between (Mistral). Default false. */
  assistantAfterTool: z.optional(z.boolean()),
  /** Assistant messages that only call tools have `content: null` (default) or an empty string. */
  emptyContent: z.optional(z.enum(['null', 'string'])),
  /** Send `stream_options.include_usage`. Default true. */
  streamUsage: z.optional(z.boolean()),
  /** `asked`: send what the client asks (default). `omit`: never send. `never`: always send false. */
  parallelToolCalls: z.optional(z.enum(['asked', 'omit', 'never'])),
  /** `any` (default), `max40`: at most 40 characters, `alnum9`: exactly nine letters and digits (Mistral). */
  toolCallIds: z.optional(z.enum(['any', 'max40', 'alnum9'])),
  /** Tool messages need the tool's `name`. Default false. */
  toolResultName: z.optional(z.boolean()),
  /** Which `tool_choice` the host takes: all forms (default), words only, or only `auto`. */
  toolChoice: z.optional(z.enum(['all', 'words', 'auto'])),
  /** The word for "must call a tool". Default `required`. */
  toolChoiceRequired: z.optional(z.enum(['required', 'any'])),
  /** Tools may carry `strict`. Default false. */
  strictTools: z.optional(z.boolean()),
  /**
   * Which JSON Schema the host takes for tools: `objectRoot` (default: no union or enum at the root,
   * as OpenAI and most others demand), `full`, or `moonshot` (in addition no `type` beside `anyOf`, no
   * tuple `items`, no `$ref` with siblings, a `type` everywhere).
   */
  toolSchema: z.optional(z.enum(['full', 'objectRoot', 'moonshot'])),
  /**
   * Which `response_format` the host takes: `json_schema` and `json_object` (default), one of them, or
   * `none`. What it lacks becomes an instruction.
   */
  responseFormat: z.optional(z.enum(['json_schema', 'json_schema_only', 'json_object', 'none'])),
  /** `response_format` cannot be combined with tools (Groq). Default false. */
  responseFormatExcludesTools: z.optional(z.boolean()),
  /** How the reasoning effort is asked for. Default `reasoning_effort`. */
  reasoningRequest: z.optional(
    z.enum([
      'none',
      /** `reasoning_effort: "high"` */
      'reasoning_effort',
      /** `reasoning: { effort: "high" }` (OpenRouter and its kind) */
      'reasoning_object',
      /** `thinking: { type: "enabled" | "disabled" }`, plus `reasoning_effort` (DeepSeek, Z.AI, Moonshot) */
      'thinking',
      /** `thinking: { type: "adaptive" | "disabled" }`, `reasoning_split: true` (MiniMax) */
      'thinking_adaptive',
      /** `enable_thinking: boolean` (Alibaba, SiliconFlow) */
      'enable_thinking',
      /** `chat_template_kwargs: { enable_thinking: boolean }` (vLLM, llama.cpp, NVIDIA) */
      'chat_template_kwargs',
    ]),
  ),
  /** Merged into `thinking` wherever that is sent: `{ clear_thinking: false }` (Z.AI), `{ keep: "all" }` (Moonshot). */
  thinkingFields: z.optional(z.record(z.string(), z.json())),
  /** The effort words that the host takes, weakest first; others are clamped to the nearest. Default low, medium, high. */
  efforts: z.optional(z.array(z.string())),
  /** Which form of earlier reasoning the host wants back on assistant messages. Default `none`. */
  reasoningReplay: z.optional(
    z.enum([
      'none',
      /** The field in which it came: `reasoning_content`, `reasoning` or `reasoning_text`. */
      'field',
      /** The same, and an empty string where a message has none (DeepSeek, Kimi). */
      'field_always',
      /** The `reasoning_details` array, unmodified (OpenRouter, MiniMax). */
      'details',
      /** `{type:"thinking"}` parts inside `content` (Mistral). */
      'content_parts',
    ]),
  ),
  /** The field that `reasoningReplay: field_always` uses for an empty value. Default `reasoning_content`. */
  reasoningField: z.optional(z.enum(['reasoning_content', 'reasoning', 'reasoning_text'])),
  /** `reasoning_details` arrive as growing snapshots instead of deltas (MiniMax). Default false. */
  reasoningSnapshots: z.optional(z.boolean()),
  /** Reasoning may come as `<think>…</think>` at the start of `content`. Default true. */
  thinkTags: z.optional(z.boolean()),
  /** Images in tool results: `user` moves them into a user message after the results (default), `tool` leaves them. */
  toolImages: z.optional(z.enum(['user', 'tool'])),
  /** Temperature and top_p may be sent. Default true. */
  sampling: z.optional(z.boolean()),
  /** `prompt_cache_key` may be sent. Default false. */
  promptCacheKey: z.optional(z.boolean()),
  /** `prompt_cache_key`, `service_tier`, `verbosity` and `store` may be sent (OpenAI's own API). Default false. */
  openaiFields: z.optional(z.boolean()),
  /** The path below the base URL. Default `/chat/completions`. */
  path: z.optional(z.string()),
});

export type ChatQuirks = Readonly<z.infer<typeof chatQuirksSchema>>;
