import { isRecord, type JsonRecord } from './json.ts';

/** An error as Anthropic's API states it: https://platform.claude.com/docs/en/api/errors */
export class AnthropicRefusal extends Error {
  readonly status: number;
  readonly type: string;

  constructor(message: string, status = 400, type = 'invalid_request_error') {
    super(message);
    this.status = status;
    this.type = type;
  }
}

export function invalid(path: string, message: string): never {
  throw new AnthropicRefusal(path === '' ? message : `${path}: ${message}`);
}

export function string(value: unknown, path: string): string {
  if (value === undefined) invalid(path, 'Field required');
  if (typeof value !== 'string') invalid(path, 'Input should be a valid string');
  return value;
}

/** An object without keys other than these. */
export function record(value: unknown, path: string, keys: readonly string[]): JsonRecord {
  if (value === undefined) invalid(path, 'Field required');
  if (!isRecord(value)) invalid(path, 'Input should be a valid dictionary');
  for (const key of Object.keys(value)) {
    if (!keys.includes(key)) {
      invalid(path === '' ? key : `${path}.${key}`, 'Extra inputs are not permitted');
    }
  }
  return value;
}

export function oneOf(value: unknown, path: string, words: readonly string[]): string {
  const word = string(value, path);
  if (!words.includes(word)) {
    invalid(path, `Input should be ${words.map((one) => `'${one}'`).join(', ')}`);
  }
  return word;
}

/** A number of a range, or `undefined` where there is none. */
export function numberIn(
  value: unknown,
  path: string,
  low: number,
  high: number,
): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number') invalid(path, 'Input should be a valid number');
  if (value < low) invalid(path, `Input should be greater than or equal to ${low}`);
  if (value > high) invalid(path, `Input should be less than or equal to ${high}`);
  return value;
}

export function boolean(value: unknown, path: string): void {
  if (value !== undefined && typeof value !== 'boolean') {
    invalid(path, 'Input should be a valid boolean');
  }
}
