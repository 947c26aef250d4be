import * as z from 'zod/mini';

/**
 * What one family of models takes. Every field is optional: what is not said comes from the built-in
 * table (models.ts), which the rules of a provider record or of the user's config overlay.
 */
export const modelRuleSchema = z.object({
  /** Part of the model's name; dots count as dashes. An empty string matches every model. */
  match: z.string(),
  /** How thinking is asked for: not at all, by `budget_tokens`, or adaptive with `output_config.effort`. */
  thinking: z.exactOptional(z.enum(['none', 'budget', 'adaptive'])),
  /** The model thinks unless it is told not to. */
  thinksByDefault: z.exactOptional(z.boolean()),
  /** How thinking is switched off: `disabled`, `between_tools`, or not at all (`lowest` effort instead). */
  off: z.exactOptional(z.enum(['disabled', 'between_tools', 'lowest'])),
  /** The effort words, weakest first. */
  efforts: z.exactOptional(z.array(z.string())),
  /** Temperature and top_p may be sent while the model does not think. */
  sampling: z.exactOptional(z.boolean()),
  /** A call may be forced: always, only while the model does not think, or never. */
  forcedCalls: z.exactOptional(z.enum(['always', 'without_thinking', 'never'])),
  /** System messages may stand in the middle of the conversation. */
  systemMessages: z.exactOptional(z.boolean()),
  /** Signatures bind to everything before them: ask for mismatches to be dropped, not refused. */
  dropUnbound: z.exactOptional(z.boolean()),
  /** `output_config.format` is understood; otherwise the schema becomes an instruction. */
  outputFormat: z.exactOptional(z.boolean()),
  /** `max_tokens` where neither the client nor the model's metadata gives a number. */
  maxTokens: z.exactOptional(z.int().check(z.positive())),
});

export type ModelRule = Readonly<z.infer<typeof modelRuleSchema>>;

/** How a Messages host departs from Anthropic's documentation. Data of a provider record or of the user's config. */
export const anthropicQuirksSchema = z.object({
  /** Laid over the built-in table, in order; all that match apply. */
  models: z.exactOptional(z.array(modelRuleSchema)),
  /** Values of `anthropic-beta` for every request. */
  betas: z.exactOptional(z.array(z.string())),
  /** Marks for the prompt cache: none, or with a life of 5 minutes (default) or one hour. */
  cacheControl: z.exactOptional(z.enum(['off', '5m', '1h'])),
  /**
   * `required` (default for Claude): a thinking block without a signature is not sent back. `optional`
   * (default for the models of others): it is.
   */
  signatures: z.exactOptional(z.enum(['required', 'optional'])),
  /** The path below the base URL. Default `/v1/messages`, or `/messages` below a base URL that ends in `/v1`. */
  path: z.exactOptional(z.string()),
});

export type AnthropicQuirks = Readonly<z.infer<typeof anthropicQuirksSchema>>;
