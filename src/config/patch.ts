import { isDeepStrictEqual } from 'node:util';
import { findNodeAtLocation, type Node, parseTree } from 'jsonc-parser';
import { isJsonObject } from '../turn/json.ts';
import type { Json, JsonObject } from '../turn/turn.ts';
import type { FieldPath } from './problem.ts';

/** Edits a JSON text, whose content is `from`, where `to` differs from it; the rest stays as it is. */
export function patchJson(text: string, from: JsonObject, to: JsonObject): string {
  return differences(from, to, []).reduce(
    (edited, { path, value }) =>
      value === undefined ? removeField(edited, path) : setField(edited, path, value),
    text,
  );
}

interface Difference {
  readonly path: FieldPath;
  /** `undefined` removes the field. */
  readonly value: Json | undefined;
}

function differences(from: JsonObject, to: JsonObject, path: FieldPath): readonly Difference[] {
  const found: Difference[] = [];
  for (const name of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const before = Object.hasOwn(from, name) ? from[name] : undefined;
    const after = Object.hasOwn(to, name) ? to[name] : undefined;
    const at = [...path, name];
    if (isJsonObject(before) && isJsonObject(after)) {
      found.push(...differences(before, after, at));
    } else if (!isDeepStrictEqual(before, after)) {
      found.push({ path: at, value: after });
    }
  }
  return found;
}

function removeField(text: string, path: FieldPath): string {
  const tree = parseTree(text);
  const field = tree && findNodeAtLocation(tree, [...path])?.parent;
  const fields = field?.parent?.children;
  if (field === undefined || fields === undefined) {
    return text;
  }
  const index = fields.indexOf(field);
  const before = fields[index - 1];
  const after = fields[index + 1];
  if (after !== undefined) {
    return splice(text, field.offset, after.offset - field.offset, '');
  }
  const start = before === undefined ? field.offset : before.offset + before.length;
  return splice(text, start, field.offset + field.length - start, '');
}

function setField(text: string, path: FieldPath, value: Json): string {
  const tree = parseTree(text);
  const parent = tree && findNodeAtLocation(tree, path.slice(0, -1));
  if (parent === undefined) {
    return text;
  }
  const found = findNodeAtLocation(parent, path.slice(-1));
  if (found !== undefined) {
    const json = print(value, text, indentAt(text, found.offset));
    return splice(text, found.offset, found.length, json);
  }
  return addField(text, parent, String(path.at(-1)), value);
}

/** Adds a field after the last one, on a line of its own where that one has its own. */
function addField(text: string, parent: Node, name: string, value: Json): string {
  const last = parent.children?.at(-1);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const outer = indentAt(text, parent.offset);
  if (last === undefined) {
    const inner = outer + unitOf(text);
    const field = `${JSON.stringify(name)}: ${print(value, text, inner)}`;
    return splice(text, parent.offset, parent.length, `{${eol}${inner}${field}${eol}${outer}}`);
  }
  const inner = indentAt(text, last.offset);
  const ownLine = /(^|\n)[ \t]*$/.test(text.slice(0, last.offset));
  const field = `${JSON.stringify(name)}: ${print(value, text, inner)}`;
  return splice(text, last.offset + last.length, 0, `,${ownLine ? eol + inner : ' '}${field}`);
}

function print(value: Json, text: string, indent: string): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  return JSON.stringify(value, null, unitOf(text)).replaceAll('\n', eol + indent);
}

/** One level of the text's indentation. */
function unitOf(text: string): string {
  return /^([ \t]+)"/m.exec(text)?.[1] ?? '  ';
}

/** The blanks at the start of the line that holds `offset`. */
function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

function splice(text: string, offset: number, length: number, content: string): string {
  return text.slice(0, offset) + content + text.slice(offset + length);
}
