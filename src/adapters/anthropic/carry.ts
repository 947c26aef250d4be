import { isJsonObject } from '../../turn/json.ts';
import type { Json, JsonObject } from '../../turn/turn.ts';
import { listOf } from '../json.ts';

/** A block that the model made while thinking, as the API gives it and wants it back, untouched. */
export function thinkingBlock(thinking: string, signature: string): JsonObject {
  return { type: 'thinking', thinking, signature };
}

export function redactedBlock(data: string): JsonObject {
  return { type: 'redacted_thinking', data };
}

/**
 * The thinking blocks of a reasoning part: its carry is the array of them, in order. Nothing comes
 * of another's reasoning, nor of what the API would refuse. `unsigned`: the host takes thinking
 * without a signature.
 */
export function thinkingBlocks(carry: Json | undefined, unsigned: boolean): readonly JsonObject[] {
  return listOf(carry).flatMap((block) => {
    if (!isJsonObject(block)) return [];
    const { type, thinking, signature, data } = block;
    if (type === 'redacted_thinking') return typeof data === 'string' ? [redactedBlock(data)] : [];
    if (type !== 'thinking' || typeof thinking !== 'string') return [];
    const signed = typeof signature === 'string' ? signature : '';
    return signed !== '' || unsigned ? [thinkingBlock(thinking, signed)] : [];
  });
}
