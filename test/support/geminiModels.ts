/**
 * What the vendor's pages say of each model, typed from them and not from `src/`:
 *   thinking     https://ai.google.dev/gemini-api/docs/thinking
 *   signatures   https://ai.google.dev/gemini-api/docs/thought-signatures
 *   responses    https://ai.google.dev/gemini-api/docs/function-calling#multimodal
 *   output       https://ai.google.dev/gemini-api/docs/structured-output
 *   long decode  https://ai.google.dev/gemini-api/docs/generate-content/long-decode
 */
export interface GeminiModel {
  readonly thinking: 'none' | 'budget' | 'level';
  /** Words of `thinkingLevel`. */
  readonly levels: readonly string[];
  readonly budget: readonly [least: number, most: number];
  /** Thinking may be switched off by a budget of 0. */
  readonly canBeOff: boolean;
  readonly instructions: boolean;
  /** The calls of the current turn must be signed. */
  readonly signed: boolean;
  /** `functionResponse.parts`, and ids. */
  readonly richResponses: boolean;
  readonly sampling: boolean;
  readonly json: 'never' | 'without_tools' | 'always';
  readonly maxTokens: number;
  readonly wholeMaxTokens: number;
}

const flash25: GeminiModel = {
  thinking: 'budget',
  levels: [],
  budget: [0, 24_576],
  canBeOff: true,
  instructions: true,
  signed: false,
  richResponses: false,
  sampling: true,
  json: 'without_tools',
  maxTokens: 65_536,
  wholeMaxTokens: 65_536,
};

const flash3: GeminiModel = {
  ...flash25,
  thinking: 'level',
  levels: ['MINIMAL', 'LOW', 'MEDIUM', 'HIGH'],
  canBeOff: false,
  signed: true,
  richResponses: true,
  sampling: false,
  json: 'always',
};

const pro31: GeminiModel = { ...flash3, levels: ['LOW', 'MEDIUM', 'HIGH'] };

export const geminiModels: Readonly<Record<string, GeminiModel>> = {
  'gemma-3-27b-it': { ...flash25, thinking: 'none', instructions: false, json: 'never' },
  'gemini-2.0-flash': { ...flash25, thinking: 'none', maxTokens: 8192 },
  'gemini-2.5-flash': flash25,
  'gemini-2.5-pro': { ...flash25, budget: [128, 32_768], canBeOff: false },
  'gemini-3-pro-preview': { ...flash3, levels: ['LOW', 'HIGH'] },
  'gemini-3-flash-preview': flash3,
  'gemini-3.1-pro-preview': pro31,
  'gemini-3.6-flash': flash3,
  'gemini-3.8-flash': pro31,
  'gemini-4-argon': { ...pro31, maxTokens: 1_048_576, wholeMaxTokens: 32_768 },
};

/** What is not in the list is as the newest. */
export const newestModel: GeminiModel = pro31;
