import * as z from 'zod/mini';

/**
 * What one family of models takes. Every field is optional: what is not said comes from the built-in
 * table (models.ts), which the rules of a provider record or of the user's config overlay.
 */
export const modelRuleSchema = z.object({
  /** Part of the model's name; dots count as dashes. An empty string matches every model. */
  match: z.string(),
  /** Where instructions go: into `systemInstruction`, or in front of what the user says first. */
  instructions: z.exactOptional(z.enum(['system', 'user'])),
  /** How thinking is asked for: not at all, by `thinkingBudget`, or by `thinkingLevel`. */
  thinking: z.exactOptional(z.enum(['none', 'budget', 'level'])),
  /** The words of `thinkingLevel`, weakest first. */
  levels: z.exactOptional(z.array(z.string())),
  /** The smallest `thinkingBudget`; 0 means that thinking can be switched off. */
  leastBudget: z.exactOptional(z.int().check(z.minimum(0))),
  /** The largest `thinkingBudget`. */
  mostBudget: z.exactOptional(z.int().check(z.minimum(0))),
  /** The first call of each step needs a `thoughtSignature`, or the word that excuses it. */
  signedCalls: z.exactOptional(z.boolean()),
  /** Calls and their responses may carry an `id`. */
  callIds: z.exactOptional(z.boolean()),
  /** Images of a tool result may stand inside `functionResponse`; else they follow it. */
  responseImages: z.exactOptional(z.boolean()),
  /** Temperature and topP may be sent. */
  sampling: z.exactOptional(z.boolean()),
  /** `responseJsonSchema` is understood: not at all, without tools only, or always. */
  outputSchema: z.exactOptional(z.enum(['never', 'without_tools', 'always'])),
  /** The largest `maxOutputTokens` of an answer that is not streamed. */
  wholeMaxTokens: z.exactOptional(z.int().check(z.positive())),
});

export type ModelRule = Readonly<z.infer<typeof modelRuleSchema>>;

/** How a Gemini host departs from Google's documentation. Data of a provider record or of the user's config. */
export const googleQuirksSchema = z.object({
  /** Laid over the built-in table, in order; all that match apply. */
  models: z.exactOptional(z.array(modelRuleSchema)),
});

export type GoogleQuirks = Readonly<z.infer<typeof googleQuirksSchema>>;
