import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type Content, contentsOf } from './geminiContentRules.ts';
import { invalid } from './geminiRefusal.ts';
import { modelOf } from './geminiRules.ts';
import { at, isRecord, type JsonRecord } from './json.ts';

/** https://ai.google.dev/gemini-api/docs/thought-signatures#faqs */
const excuse = 'skip_thought_signature_validator';

interface Issued {
  readonly model: string;
  /** The signed part, without its signature. */
  readonly part: JsonRecord;
  /** What the model had thought. */
  readonly thoughts: string;
}

/**
 * Remembers the signatures that the fake gave out and checks what comes back:
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export class SignatureLedger {
  readonly #issued = new Map<string, Issued>();

  /** Signs a part; the signature has all characters of Base64. */
  sign(model: string, part: JsonRecord, thoughts: string): JsonRecord {
    const signature = `Ev+/${randomBytes(48).toString('base64')}=`;
    this.#issued.set(signature, { model, part, thoughts });
    return { ...part, thoughtSignature: signature };
  }

  /** What the model had thought, where its signatures have come back. */
  thoughtsOf(parts: readonly JsonRecord[]): string {
    return parts
      .map((part) => this.#issued.get(String(part['thoughtSignature']))?.thoughts ?? '')
      .join('');
  }

  check(body: JsonRecord, model: string): void {
    const contents = contentsOf(body);
    for (const { parts } of contents) {
      for (const part of parts) if ('thoughtSignature' in part) this.#checkPart(part, model);
    }
    if (!modelOf(model).signed) return;
    const spoken = contents.findLastIndex(isSpoken);
    for (const [index, { parts }] of contents.entries()) {
      const call = parts.findIndex((part) => 'functionCall' in part);
      const first = parts[call];
      if (index < spoken || first === undefined || 'thoughtSignature' in first) continue;
      invalid(
        `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${at(first, 'functionCall', 'name')}\`, position ${call + 1}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.`,
      );
    }
  }

  #checkPart(part: JsonRecord, model: string): void {
    const { thoughtSignature, ...rest } = part;
    if (thoughtSignature === excuse && 'functionCall' in part) {
      // The API cannot know; but who was given a signature has to keep it.
      const lost = [...this.#issued.values()].some(
        (one) => one.model === model && sameCall(one.part, rest),
      );
      if (lost) invalid(`The signature of this call was lost: ${JSON.stringify(rest)}`);
      return;
    }
    const issued = this.#issued.get(String(thoughtSignature));
    if (issued === undefined || issued.model !== model) invalid('Corrupted thought signature.');
    if (!isSamePart(issued.part, rest)) {
      invalid(`Invalid thought signature: it belongs to ${JSON.stringify(issued.part)}.`);
    }
  }
}

/** Of the user, with more than responses to calls: a turn begins here. */
function isSpoken({ role, parts }: Content): boolean {
  return role === 'user' && parts.some((part) => !('functionResponse' in part));
}

/**
 * The very text or thought; of calls one of this name, known by its id or by its arguments: the proxy
 * numbers reused ids anew, and Codex keeps a repaired patch.
 */
function isSamePart(issued: JsonRecord, part: JsonRecord): boolean {
  const one = issued['functionCall'];
  const other = part['functionCall'];
  if (!isRecord(one) || !isRecord(other)) return isDeepStrictEqual(issued, part);
  const isKnown = one['id'] === other['id'] || isDeepStrictEqual(one['args'], other['args']);
  return one['name'] === other['name'] && isKnown;
}

function sameCall(issued: JsonRecord, part: JsonRecord): boolean {
  const id = at(issued, 'functionCall', 'id');
  return id !== undefined && isRecord(part) && id === at(part, 'functionCall', 'id');
}
