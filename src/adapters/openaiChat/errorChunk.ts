import { isJsonObject } from '../../turn/json.ts';
import type { JsonObject } from '../../turn/turn.ts';
import { fieldOf } from '../json.ts';

/** An error inside a 200 answer: `error`, or MiniMax's `base_resp`. */
export function isErrorChunk(chunk: JsonObject): boolean {
  const { error } = chunk;
  if (typeof error === 'string' && error !== '') return true;
  if (isJsonObject(error) && Object.values(error).some((value) => value !== null && value !== '')) {
    return true;
  }
  const status = fieldOf(chunk['base_resp'], 'status_code');
  return typeof status === 'number' && status !== 0;
}

/** Errors of a chunk without choices: `{ object: "error", message }`, `{ code, message }`, `{ detail }`, `{ success: false }`. */
export function isFlatError(chunk: JsonObject): boolean {
  const { detail, errors, message } = chunk;
  return (
    chunk['object'] === 'error' ||
    chunk['type'] === 'error' ||
    chunk['success'] === false ||
    [detail, errors].some((value) => value !== undefined && value !== null) ||
    (typeof message === 'string' && chunk['choices'] === undefined)
  );
}
