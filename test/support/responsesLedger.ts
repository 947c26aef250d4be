import { randomBytes, randomUUID } from 'node:crypto';
import type { JsonRecord } from './json.ts';
import { refuse } from './refusal.ts';

/**
 * Remembers the reasoning that the fake gave out: blobs of others cannot be decrypted
 * (https://platform.openai.com/docs/guides/reasoning#encrypted-reasoning-items).
 */
export class ReasoningLedger {
  readonly #issued = new Map<string, { readonly model: string; readonly item: string }>();

  /** A finished reasoning item; without `encrypted` it cannot come back. */
  think(model: string, words: string, encrypted: boolean): JsonRecord {
    // DeepSeek's ids are bare UUIDs.
    const item = {
      id: randomUUID(),
      type: 'reasoning',
      summary: words === '' ? [] : [{ type: 'summary_text', text: words }],
    };
    if (!encrypted) return item;
    const blob = `${randomBytes(60).toString('base64')}==`;
    const whole = { ...item, encrypted_content: blob };
    this.#issued.set(blob, { model, item: canonical(whole) });
    return whole;
  }

  check(item: JsonRecord, path: string, model: string): void {
    const blob = item['encrypted_content'];
    const known = typeof blob === 'string' ? this.#issued.get(blob) : undefined;
    if (known === undefined || known.model !== model) {
      refuse(
        `${path}.encrypted_content`,
        'The encrypted content could not be verified. Reason: Encrypted content could not be decrypted or parsed.',
        'invalid_encrypted_content',
      );
    }
    if (known.item !== canonical(item)) refuse(path, `The item at '${path}' was changed.`);
  }
}

/** An item without what may differ on its way back. */
function canonical({ id, summary, encrypted_content }: JsonRecord): string {
  return JSON.stringify([id, summary, encrypted_content]);
}
