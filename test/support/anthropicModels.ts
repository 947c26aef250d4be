/**
 * What the vendor's pages say of each model, typed from them and not from `src/`:
 *   thinking  https://platform.claude.com/docs/en/build-with-claude/thinking-troubleshooting
 *   effort    https://platform.claude.com/docs/en/build-with-claude/effort
 *   bound     https://platform.claude.com/docs/en/build-with-claude/preserved-thinking
 *   system    https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages
 *   output    https://platform.claude.com/docs/en/build-with-claude/structured-outputs
 */
export interface ClaudeModel {
  readonly maxTokens: number;
  /** Values of `thinking.type`. */
  readonly thinking: readonly string[];
  readonly thinksByDefault: boolean;
  /** `disabled` and `between_tools` only together with effort `high` or less. */
  readonly offUpToHigh: boolean;
  readonly efforts: readonly string[];
  readonly sampling: boolean;
  readonly forcedCalls: boolean;
  readonly systemMessages: boolean;
  /** Signatures hold only for the very conversation in which they were made. */
  readonly bound: boolean;
  readonly structuredOutput: boolean;
  /** The request may end with the beginning of the answer. */
  readonly prefill: boolean;
}

const fourFive: ClaudeModel = {
  maxTokens: 64_000,
  thinking: ['enabled', 'disabled'],
  thinksByDefault: false,
  offUpToHigh: false,
  efforts: [],
  sampling: true,
  forcedCalls: true,
  systemMessages: false,
  bound: false,
  structuredOutput: true,
  prefill: true,
};

const fourSix: ClaudeModel = {
  ...fourFive,
  maxTokens: 128_000,
  thinking: ['adaptive', 'enabled', 'disabled'],
  efforts: ['low', 'medium', 'high', 'max'],
  prefill: false,
};

const fourEight: ClaudeModel = {
  ...fourSix,
  thinking: ['adaptive', 'disabled'],
  efforts: ['low', 'medium', 'high', 'xhigh', 'max'],
  sampling: false,
  systemMessages: true,
};

const five: ClaudeModel = { ...fourEight, thinksByDefault: true };

const alwaysThinking: ClaudeModel = { ...five, thinking: ['adaptive'] };

const bound: ClaudeModel = { ...alwaysThinking, forcedCalls: false, bound: true };

export const claudeModels: Readonly<Record<string, ClaudeModel>> = {
  // The model of the scenarios is as strict as the newest, but a scenario may change the quirks that
  // tell the proxy so: then it is asked in the old form.
  'sim-1': { ...bound, thinking: ['adaptive', 'enabled', 'disabled'] },
  'claude-haiku-4-5': fourFive,
  'claude-opus-4-5': fourFive,
  'claude-opus-4-6': fourSix,
  'claude-opus-4-7': { ...fourEight, systemMessages: false },
  'claude-opus-4-8': fourEight,
  'claude-sonnet-5': five,
  'claude-opus-5': { ...five, offUpToHigh: true },
  'claude-fable-5': alwaysThinking,
  'claude-haiku-5-5': { ...five, offUpToHigh: true },
  'claude-opus-5-5': bound,
  'claude-sonnet-5-5': { ...bound, thinking: ['adaptive', 'between_tools'], offUpToHigh: true },
};

/** What is not Claude is a compatible host: the old form of thinking, no prefill. */
export const compatibleModel: ClaudeModel = {
  ...fourFive,
  structuredOutput: false,
  prefill: false,
};
