import type * as z from 'zod/mini';

/** Why a configuration cannot be used, and where. */
export interface ConfigError {
  /** The file. */
  readonly path: string;
  /** From 1; `undefined` where no place in the text is meant. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** The field's name with its parents, e.g. `providers.deepseek.baseUrl`. */
  readonly field: string | undefined;
  /** One sentence for the user, with path, line and field. Holds no value of a secret field. */
  readonly message: string;
}

export type FieldPath = readonly (string | number)[];

/** `providers.deepseek.models[0]` */
export function fieldName(path: FieldPath): string {
  let name = '';
  for (const key of path) {
    if (typeof key === 'number') {
      name += `[${key}]`;
    } else if (/^[\w-]{1,80}$/.test(key)) {
      name += name === '' ? key : `.${key}`;
    } else {
      name += `[${quoted(key)}]`;
    }
  }
  return name;
}

/** Nobody reads a message of a thousand characters. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** The path of a zod issue as property names and indexes. */
export function issuePath(issue: z.core.$ZodIssue): FieldPath {
  return issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
}

/** What a zod issue says of its field, e.g. `must be a string, not a number`. */
export function issueText(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return value === undefined
        ? 'is missing'
        : `must be ${article(issue.expected)}, not ${typeName(value)}`;
    case 'invalid_value': {
      const allowed = issue.values.map((v) => JSON.stringify(v)).join(', ');
      const found = typeof value === 'string' ? quoted(value) : typeName(value);
      return value === undefined
        ? `is missing; it must be one of ${allowed}`
        : `must be one of ${allowed}, not ${found}`;
    }
    case 'too_small':
      return issue.origin === 'string'
        ? 'must not be empty'
        : `must be at least ${issue.minimum}${issue.origin === 'array' ? ' entries long' : ''}`;
    case 'too_big':
      return issue.origin === 'array'
        ? `must have at most ${issue.maximum} entries`
        : `must be at most ${issue.maximum}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'is not a valid name';
    case 'invalid_format':
    case 'custom':
      return issue.message;
    default:
      return 'is not valid';
  }
}

function article(expected: string): string {
  switch (expected) {
    case 'int':
      return 'a whole number';
    case 'array':
      return 'a list';
    case 'record':
    case 'object':
      return 'an object';
    case 'boolean':
      return 'true or false';
    default:
      return `a ${expected}`;
  }
}

function typeName(value: unknown): string {
  if (value === null) {
    return 'null';
  }
  if (Array.isArray(value)) {
    return 'a list';
  }
  switch (typeof value) {
    case 'object':
      return 'an object';
    case 'undefined':
      return 'nothing';
    case 'number':
      return Number.isInteger(value) ? 'a number' : `${value}`;
    default:
      return `a ${typeof value}`;
  }
}
