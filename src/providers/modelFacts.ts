/** What one source says of a model. A field that is not there is one that it does not know. */
export interface ModelFacts {
  /** How people call it. */
  readonly name?: string;
  /** Tokens for input and output together. */
  readonly contextWindow?: number;
  /** Tokens for input, where that is less than the window. */
  readonly inputLimit?: number;
  readonly maxOutputTokens?: number;
  readonly reasoning?: boolean;
  /** Effort words, weakest first. */
  readonly efforts?: readonly string[];
  /** It sees images. */
  readonly vision?: boolean;
  /** It calls functions; without that it cannot serve Codex. */
  readonly tools?: boolean;
  readonly price?: Price;
}

/** US dollars per million tokens. */
export interface Price {
  readonly input: number;
  readonly cachedInput?: number;
  readonly output: number;
}

/** Without the fields that say nothing. */
export function knownFacts(
  facts: {
    readonly [F in keyof ModelFacts]: ModelFacts[F] | undefined;
  },
): ModelFacts {
  const { name, contextWindow, inputLimit, maxOutputTokens, reasoning, efforts, vision, tools } =
    facts;
  const { price } = facts;
  return {
    ...(name === undefined ? undefined : { name }),
    ...(contextWindow === undefined ? undefined : { contextWindow }),
    ...(inputLimit === undefined ? undefined : { inputLimit }),
    ...(maxOutputTokens === undefined ? undefined : { maxOutputTokens }),
    ...(reasoning === undefined ? undefined : { reasoning }),
    ...(efforts === undefined ? undefined : { efforts }),
    ...(vision === undefined ? undefined : { vision }),
    ...(tools === undefined ? undefined : { tools }),
    ...(price === undefined ? undefined : { price }),
  };
}

/** The tokens that a request may fill, as far as known. */
export function usableWindow({
  contextWindow,
  inputLimit,
}: {
  readonly contextWindow?: number | undefined;
  readonly inputLimit?: number | undefined;
}): number | undefined {
  if (contextWindow === undefined) return inputLimit;
  return inputLimit === undefined ? contextWindow : Math.min(contextWindow, inputLimit);
}

/**
 * OpenAI states windows of which 128k are for the answer alone; its own hosts, and all that resell
 * its models, refuse more input than the rest.
 */
export function inputLimitOf(model: string, contextWindow: number | undefined): number | undefined {
  if (contextWindow === undefined || !sharedWindows.includes(contextWindow)) return undefined;
  return openAiModel.test(model) ? contextWindow - 128_000 : undefined;
}

const sharedWindows = [400_000, 1_050_000];
const openAiModel = /(^|[/.:-])gpt-\d/i;
