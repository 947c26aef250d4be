import { isRecord, type JsonRecord } from './json.ts';

/** An error as OpenAI's API states it. */
export interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly param: string | null;
  readonly message: string;
}

export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

export function refuse(param: string, message: string, code: string | null = null): never {
  throw new Refused({ status: 400, type: 'invalid_request_error', code, param, message });
}

export function text(value: unknown, path: string): string {
  if (typeof value !== 'string') {
    refuse(
      path,
      `Invalid type for '${path}': expected a string, but got ${value === undefined ? 'nothing' : JSON.stringify(value)?.slice(0, 80)} instead.`,
    );
  }
  return value;
}

/** An object without keys other than these. */
export function object(value: unknown, path: string, keys: readonly string[]): JsonRecord {
  if (!isRecord(value)) refuse(path, `Invalid type for '${path}': expected an object.`);
  const extra = Object.keys(value).find((key) => !keys.includes(key));
  if (extra !== undefined)
    refuse(`${path}.${extra}`, `Unknown parameter: '${path}.${extra}'.`, 'unknown_parameter');
  return value;
}

/** Whether a value is one of these words. */
export function oneOf(value: unknown, words: readonly string[]): boolean {
  return typeof value === 'string' && words.includes(value);
}
