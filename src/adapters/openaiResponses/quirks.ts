import * as z from 'zod/mini';

/** How a host's Responses API departs from OpenAI's documentation, where turns are translated for it. */
export const responsesQuirksSchema = z.object({
  /** The path below the base URL, taken as it is. Default: `/responses`, below `/v1` where the base URL names no version. */
  path: z.optional(z.string()),
  /** Which earlier reasoning goes back: the provider's own items (default), or none. */
  reasoningReplay: z.optional(z.enum(['items', 'none'])),
  /** Ask for `reasoning.encrypted_content`. Default true. */
  includeEncrypted: z.optional(z.boolean()),
  /** Each result right behind its own call instead of all results behind all calls. Default false. */
  resultsBesideCalls: z.optional(z.boolean()),
  /** The role of instructions inside the conversation. Default `system`. */
  systemRole: z.optional(z.enum(['system', 'developer'])),
  /** `text.verbosity` may be sent. Default false. */
  verbosity: z.optional(z.boolean()),
  /** The effort words that the host takes, weakest first. Default low, medium, high. */
  efforts: z.optional(z.array(z.string())),
});

export type ResponsesQuirks = Readonly<z.infer<typeof responsesQuirksSchema>>;
