import { isRecord, type JsonRecord } from './json.ts';

/** An error as Google's API states it: https://ai.google.dev/gemini-api/docs/troubleshooting */
export class GeminiRefusal extends Error {
  readonly code: number;
  readonly status: string;
  readonly reason: string | undefined;

  constructor(message: string, code = 400, status = 'INVALID_ARGUMENT', reason?: string) {
    super(message);
    this.code = code;
    this.status = status;
    this.reason = reason;
  }

  get body(): JsonRecord {
    const type = 'type.googleapis.com/google.rpc.ErrorInfo';
    const details = [{ '@type': type, reason: this.reason, domain: 'googleapis.com' }];
    return {
      error: {
        code: this.code,
        message: this.message,
        status: this.status,
        ...(this.reason !== undefined && { details }),
      },
    };
  }
}

export function invalid(message: string): never {
  throw new GeminiRefusal(message);
}

/** An object without other fields than these, as the API's parser reads a message. */
export function record(value: unknown, path: string, fields: readonly string[]): JsonRecord {
  if (!isRecord(value)) invalid(`Invalid value at '${path}' (type): expected an object.`);
  for (const key of Object.keys(value)) {
    if (!fields.includes(key)) {
      const place = path === '' ? '' : ` at '${path}'`;
      invalid(`Invalid JSON payload received. Unknown name "${key}"${place}: Cannot find field.`);
    }
  }
  return value;
}

export function string(value: unknown, path: string): string {
  if (typeof value !== 'string') invalid(`Invalid value at '${path}' (TYPE_STRING)`);
  return value;
}

export function boolean(value: unknown, path: string): void {
  if (value !== undefined && typeof value !== 'boolean') {
    invalid(`Invalid value at '${path}' (TYPE_BOOL)`);
  }
}

export function numberIn(value: unknown, path: string, low: number, high: number): void {
  if (value === undefined) return;
  if (typeof value !== 'number') invalid(`Invalid value at '${path}' (TYPE_FLOAT)`);
  if (value < low || value > high) {
    invalid(`${path} must be in the range [${low}, ${high}], but is ${value}.`);
  }
}

export function oneOf(value: unknown, path: string, words: readonly string[]): string {
  const word = string(value, path);
  if (!words.includes(word)) invalid(`Invalid value at '${path}' (TYPE_ENUM), "${word}"`);
  return word;
}

export function list(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) invalid(`Invalid value at '${path}': expected a list.`);
  return value;
}
