/** About so many characters of English or code are a token; of other scripts one is nearly that. */
const lettersPerToken = 3.8;
const tokensPerOther = 0.8;

/** What an image costs at most providers, give or take. */
export const imageTokens = 1_000;

/** Guesses how many tokens a text has: providers do not agree, and few offer to count. */
export function estimateTokens(text: string): number {
  let others = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) > 0x2ff) others += 1;
  }
  return Math.ceil((text.length - others) / lettersPerToken + others * tokensPerOther);
}
