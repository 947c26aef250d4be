import {
  findNodeAtLocation,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { isJsonObject, parseJson } from '../turn/json.ts';
import type { Json, JsonObject } from '../turn/turn.ts';
import { type ConfigError, type FieldPath, fieldName, issuePath, issueText } from './problem.ts';
import { type Config, configSchema } from './schema.ts';

export type ParsedConfig =
  | { readonly ok: true; readonly config: Config; readonly raw: JsonObject }
  | { readonly ok: false; readonly error: ConfigError };

const byteOrderMark = '\uFEFF';

/** The text without a byte order mark, which Windows editors like to add. */
export function withoutMark(text: string): string {
  return text.startsWith(byteOrderMark) ? text.slice(1) : text;
}

/** Reads the text of config.json: strict JSON that follows the schema. `path` is for messages. */
export function parseConfig(path: string, fileText: string): ParsedConfig {
  const text = withoutMark(fileText);
  const fail = (offset: number, field: FieldPath, says: string): ParsedConfig => ({
    ok: false,
    error: placedError(path, text, offset, field, says),
  });
  if (text.trim() === '') {
    return fail(0, [], 'The file is empty. Delete it, or write {} into it.');
  }
  const syntaxErrors: ParseError[] = [];
  const tree = parseTree(text, syntaxErrors, { disallowComments: true, allowTrailingComma: false });
  const value = parseJson(text);
  if (tree === undefined || value === undefined) {
    const first = syntaxErrors[0];
    return fail(
      first?.offset ?? 0,
      [],
      first === undefined ? 'This is not valid JSON.' : syntaxText(first.error),
    );
  }
  const twice = findDuplicate(tree, []);
  if (twice !== undefined) {
    return fail(twice.offset, twice.path, 'is there twice.');
  }
  if (!isJsonObject(value)) {
    return fail(tree.offset, [], 'The configuration must be an object: { … }.');
  }
  const checked = configSchema.safeParse(value);
  if (checked.success) {
    return { ok: true, config: checked.data, raw: value };
  }
  const issue = checked.error.issues[0];
  if (issue === undefined) {
    return fail(0, [], 'The configuration is not valid.');
  }
  const field = issuePath(issue);
  return fail(
    offsetOf(tree, field, issue.code === 'invalid_key'),
    field,
    `${issueText(issue, valueAt(value, field))}.`,
  );
}

/** An error at a place of the text. */
function placedError(
  path: string,
  text: string,
  offset: number,
  field: FieldPath,
  says: string,
): ConfigError {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - (before.lastIndexOf('\n') + 1) + 1;
  const name = field.length === 0 ? undefined : fieldName(field);
  return {
    path,
    line,
    column,
    field: name,
    message: `${path}, line ${line}, column ${column}: ${name === undefined ? '' : `${name} `}${says}`,
  };
}

/** Where a field's value stands; of a missing one, where its parent stands. */
function offsetOf(tree: Node, field: FieldPath, key: boolean): number {
  for (let length = field.length; length >= 0; length--) {
    const node = findNodeAtLocation(tree, field.slice(0, length));
    if (node !== undefined) {
      return key && length === field.length ? (node.parent?.offset ?? node.offset) : node.offset;
    }
  }
  return 0;
}

/** JSON.parse takes the last of two equal names silently, which would lose what the first holds. */
function findDuplicate(
  node: Node,
  path: FieldPath,
): { readonly offset: number; readonly path: FieldPath } | undefined {
  const seen = new Set<string>();
  for (const [index, child] of (node.children ?? []).entries()) {
    const [key, value] = node.type === 'object' ? (child.children ?? []) : [undefined, child];
    const name = key === undefined ? index : String(key.value);
    const childPath = [...path, name];
    if (typeof name === 'string') {
      if (seen.has(name)) {
        return { offset: child.offset, path: childPath };
      }
      seen.add(name);
    }
    const inside = value === undefined ? undefined : findDuplicate(value, childPath);
    if (inside !== undefined) {
      return inside;
    }
  }
  return undefined;
}

function valueAt(value: Json, path: FieldPath): Json | undefined {
  let at: Json | undefined = value;
  for (const key of path) {
    if (isJsonObject(at)) {
      at = Object.hasOwn(at, key) ? at[key] : undefined;
    } else if (Array.isArray(at) && typeof key === 'number') {
      at = at[key];
    } else {
      return undefined;
    }
  }
  return at;
}

function syntaxText(code: number): string {
  switch (printParseErrorCode(code)) {
    case 'InvalidCommentToken':
      return 'JSON has no comments.';
    case 'PropertyNameExpected':
      return 'A name in double quotes is expected here (JSON allows no comma after the last entry).';
    case 'ValueExpected':
      return 'A value is expected here (JSON allows no comma after the last entry).';
    case 'ColonExpected':
      return 'A colon is expected here.';
    case 'CommaExpected':
      return 'A comma is expected here.';
    case 'CloseBraceExpected':
      return 'A closing brace } is missing.';
    case 'CloseBracketExpected':
      return 'A closing bracket ] is missing.';
    case 'EndOfFileExpected':
      return 'Nothing may follow after the end of the object.';
    case 'UnexpectedEndOfString':
      return 'The text in quotes does not end on its line.';
    case 'InvalidEscapeCharacter':
    case 'InvalidUnicode':
      return 'A backslash here starts no valid escape; in JSON a backslash is written twice.';
    case 'InvalidSymbol':
      return 'This is not JSON: text belongs in double quotes.';
    case 'InvalidCharacter':
      return 'A character here must be escaped.';
    default:
      return 'This is not valid JSON.';
  }
}
