import type { Json, JsonObject } from '../../turn/turn.ts';
import { fieldOf } from '../json.ts';

/**
 * A signature belongs to one part of the answer and must go back on exactly that part; parts around it
 * may not be merged with it. https://ai.google.dev/gemini-api/docs/thought-signatures
 *
 * It travels in a reasoning part: in front of a signed call, behind a signed text, and with the very
 * thought that is signed.
 */
export type Signed =
  | { readonly part: 'call'; readonly signature: string }
  /** `length`: how much of the text before it is the signed part. A signed part may be empty. */
  | { readonly part: 'text' | 'thought'; readonly signature: string; readonly length: number };

export function carryOf(signed: Signed): JsonObject {
  return { ...signed };
}

/** Reads a carry; nothing comes of another's. */
export function signedOf(carry: Json | undefined): Signed | undefined {
  const part = fieldOf(carry, 'part');
  const signature = fieldOf(carry, 'signature');
  if (typeof signature !== 'string' || signature === '') return undefined;
  if (part === 'call') return { part, signature };
  const length = fieldOf(carry, 'length');
  const counts = typeof length === 'number' && Number.isInteger(length) && length >= 0;
  return (part === 'text' || part === 'thought') && counts
    ? { part, signature, length }
    : undefined;
}

/** What the API takes for the signature of a call that another model made. */
export const noSignature = 'skip_thought_signature_validator';
