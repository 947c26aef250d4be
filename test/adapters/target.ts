import type { AnthropicQuirks } from '../../src/adapters/anthropic/quirks.ts';
import type { GoogleQuirks } from '../../src/adapters/google/quirks.ts';
import type { ChatQuirks } from '../../src/adapters/openaiChat/quirks.ts';
import type { ResponsesQuirks } from '../../src/adapters/openaiResponses/quirks.ts';
import type { ModelTraits, Target } from '../../src/adapters/target.ts';

/** A host without a name of the catalog. */
function targetOf(
  place: Pick<Target, 'wire' | 'baseUrl' | 'model' | 'quirks'>,
  traits: Partial<ModelTraits>,
): Target {
  return {
    provider: 'acme',
    label: 'Acme',
    ...place,
    traits: {
      contextWindow: undefined,
      maxOutputTokens: undefined,
      reasoning: undefined,
      efforts: undefined,
      vision: undefined,
      ...traits,
    },
  };
}

/** A Chat Completions host with these quirks. */
export function chatTarget(quirks: ChatQuirks = {}, traits: Partial<ModelTraits> = {}): Target {
  const baseUrl = 'https://api.acme.test/v1';
  const model = 'acme-large';
  return targetOf({ wire: 'openai-chat', baseUrl, model, quirks: { chat: quirks } }, traits);
}

/** A Messages host. */
export function claude(
  model = 'claude-opus-5-5',
  quirks: AnthropicQuirks = {},
  traits: Partial<ModelTraits> = {},
): Target {
  const baseUrl = 'https://api.acme.test';
  return targetOf({ wire: 'anthropic', baseUrl, model, quirks: { anthropic: quirks } }, traits);
}

/** A Gemini host. */
export function gemini(
  model = 'gemini-3.8-flash',
  quirks: GoogleQuirks = {},
  traits: Partial<ModelTraits> = {},
): Target {
  const baseUrl = 'https://api.acme.test';
  return targetOf({ wire: 'google', baseUrl, model, quirks: { google: quirks } }, traits);
}

/** A Responses host other than OpenAI. */
export function responsesTarget(
  quirks: ResponsesQuirks = {},
  traits: Partial<ModelTraits> = {},
): Target {
  const baseUrl = 'https://api.acme.test/v1';
  const model = 'acme-large';
  return targetOf(
    { wire: 'openai-responses', baseUrl, model, quirks: { responses: quirks } },
    traits,
  );
}
