/** Every effort word that Codex sends, weakest first. */
const scale: readonly string[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/**
 * The nearest effort that the model takes. Half way it is the stronger one, but never `max`, which
 * costs far more than what was asked for. `undefined` (the model's own default) where the client
 * asked for nothing or for a word that nobody knows.
 */
export function clampEffort(
  effort: string | undefined,
  allowed: readonly string[] = ['low', 'medium', 'high'],
): string | undefined {
  if (effort === undefined || allowed.length === 0) return undefined;
  if (allowed.includes(effort)) return effort;
  const wanted = strength(effort);
  if (wanted < 0) return undefined;
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const word of allowed) {
    const distance = Math.abs(strength(word) - wanted);
    if (strength(word) < 0 || distance > bestDistance) continue;
    if (distance === bestDistance && word === 'max') continue;
    best = word;
    bestDistance = distance;
  }
  return best;
}

function strength(word: string): number {
  return scale.indexOf(word);
}
