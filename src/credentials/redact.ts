import { keepNewest } from '../language/keepNewest.ts';

/** Shorter values are not secrets, and hiding them would eat ordinary words. */
const shortest = 8;

/** How many values are remembered; far more than a user has keys. */
const capacity = 512;

const hidden = '[redacted]';

const patterns: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${hidden}`],
  [/\beyJ[\w-]{8,}(?:\.[\w-]+)*/g, hidden],
  [/\b(?:sk|rk|pk|gsk|csk|xai|fw|vck|hf|nvapi|ghp|gho|ghu|ghs)[-_][\w-]{12,}/g, hidden],
  [/\bAIza[\w-]{20,}/g, hidden],
  [
    /\b((?:x-)?(?:api|goog-api|opencodex)[-_]?(?:key|token)|access_token|refresh_token|id_token|client_secret|user_code|device_code|code_verifier)(["']?\s*[:=]\s*["']?)[^\s"'&,;}]{4,}/gi,
    `$1$2${hidden}`,
  ],
  [/([?&](?:code|key|token|state)=)[^\s&"']{4,}/gi, `$1${hidden}`],
];

/** Stands in front of every log and every message that quotes a provider. */
export class Redactor {
  readonly #secrets = new Set<string>();

  /** From now on this value is hidden wherever it appears. */
  remember(secret: string): void {
    if (secret.length < shortest) return;
    // Most recent last: what is dropped at the cap is what was not used for longest.
    this.#secrets.delete(secret);
    this.#secrets.add(secret);
    keepNewest(this.#secrets, capacity);
  }

  redact(text: string): string {
    let clean = text;
    for (const secret of this.#secrets) {
      if (clean.includes(secret)) clean = clean.replaceAll(secret, hidden);
    }
    for (const [pattern, replacement] of patterns) clean = clean.replace(pattern, replacement);
    return clean;
  }
}
