import type { JsonObject } from '../turn/turn.ts';
import type { AnthropicQuirks } from './anthropic/quirks.ts';
import type { GoogleQuirks } from './google/quirks.ts';
import type { ChatQuirks } from './openaiChat/quirks.ts';
import type { ResponsesQuirks } from './openaiResponses/quirks.ts';

/** The wire formats, by the names that config.json uses. */
export const wires = ['openai-chat', 'openai-responses', 'anthropic', 'google', 'azure'] as const;
export type HttpWire = (typeof wires)[number];
/** The editor's own models are not reached over HTTP, and no provider of config.json stands for them. */
export type Wire = HttpWire | 'editor-models';

/**
 * Where a turn goes, as far as a wire format needs to know: plain data, so that it can be handed to
 * another thread. Credentials are not part of it; `credentials/` adds them to the headers.
 */
export interface Target {
  /** The provider's id in config.json, e.g. `deepseek`. */
  readonly provider: string;
  /** How messages name it, e.g. `DeepSeek`. */
  readonly label: string;
  readonly wire: Wire;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** The model's name at the provider. */
  readonly model: string;
  readonly traits: ModelTraits;
  readonly quirks: Quirks;
  /** Nothing of the provider's earlier reasoning goes back: it has refused it. */
  readonly forgetReasoning?: true;
}

/** What is known of the model; `undefined` means unknown. */
export interface ModelTraits {
  readonly contextWindow: number | undefined;
  /** Tokens for input, where that is known to be less than the window. */
  readonly inputLimit?: number;
  readonly maxOutputTokens: number | undefined;
  /** `false`: no reasoning parameter may be sent. */
  readonly reasoning: boolean | undefined;
  /** The effort words that the model takes, weakest first. */
  readonly efforts: readonly string[] | undefined;
  /** `false`: the model takes text only. */
  readonly vision: boolean | undefined;
}

/** How a provider departs from its wire format's documentation. Data, never names in the code. */
export interface Quirks {
  readonly chat?: ChatQuirks;
  readonly anthropic?: AnthropicQuirks;
  readonly google?: GoogleQuirks;
  readonly responses?: ResponsesQuirks;
  /** Replace Codex's GPT identity sentence in the base prompt; default true. */
  readonly rewriteIdentity?: boolean;
  /** Merged into the top level of every request body, last. */
  readonly extraBody?: JsonObject;
  /** How its models are made to search the web on its own servers. */
  readonly webSearch?: WebSearchQuirk;
}

export interface WebSearchQuirk {
  /** The wire format in which it is asked for, where the base URL speaks several. */
  readonly wire?: HttpWire;
  /** The list of the request's body that asks for it. */
  readonly field: string;
  /** What stands in that list. */
  readonly entry: JsonObject;
  /** Where in the entry domains go, where they can: `filters.allowed_domains`. Only one list is sent. */
  readonly allowedDomains?: string;
  readonly blockedDomains?: string;
  /** How many domains such a list may have. */
  readonly mostDomains?: number;
  /** Where in the entry the user's approximate location goes. */
  readonly location?: string;
  /** Where in the entry `low`, `medium` or `high` goes: how much the model gets to read. */
  readonly contextSize?: string;
}
