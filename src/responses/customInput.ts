import { isJsonArray, isJsonObject, parseJson } from '../turn/json.ts';
import type { Json } from '../turn/turn.ts';
import { InputPreview } from './inputPreview.ts';

const begin = '*** Begin Patch';
const end = '*** End Patch';
/** The tool whose text is a patch, as Codex names it. */
const patchTool = 'apply_patch';

/**
 * The raw text for a custom tool, out of the arguments with which a model called it as a function.
 * Models wrap the text in more than they are asked to (JSON twice, code fences, shell heredocs, a
 * command array); Codex refuses a patch with anything around it.
 */
export function customInput(tool: string, text: string): string {
  const raw = unwrapped(text);
  return tool === patchTool ? patchIn(raw) : unfenced(raw);
}

function unwrapped(text: string): string {
  const value = parseJson(text);
  if (value !== undefined) return textIn(value, 0) ?? text;
  // Not JSON: raw text, or JSON that broke, most often by real newlines inside of the string.
  const preview = new InputPreview();
  const lenient = preview.push(text);
  return lenient !== '' && preview.finished ? nested(lenient, 0) : text;
}

const maxDepth = 6;
/** How models name the parameter when they do not use `input`. */
const keys = ['input', 'patch', 'diff', 'code', 'text', 'content', 'command', 'cmd', 'arguments'];

function textIn(value: Json, depth: number): string | undefined {
  if (depth > maxDepth) return undefined;
  if (typeof value === 'string') return nested(value, depth);
  if (isJsonArray(value)) {
    // ["apply_patch", "*** Begin Patch…"], ["bash", "-lc", "apply_patch <<…"]
    const last = value.at(-1);
    return typeof last === 'string' ? nested(last, depth) : undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const values = Object.values(value);
  const only = values[0];
  if (values.length === 1 && only !== undefined) return textIn(only, depth + 1);
  for (const key of keys) {
    const inner = Object.hasOwn(value, key) ? value[key] : undefined;
    if (inner !== undefined) return textIn(inner, depth + 1);
  }
  return undefined;
}

/** A text that is JSON of the same envelope once more, or of a string with a patch. */
function nested(text: string, depth: number): string {
  const head = text.trimStart();
  if (!head.startsWith('{') && !head.startsWith('"') && !head.startsWith('[')) return text;
  const value = parseJson(text);
  if (value === undefined) return text;
  // JSON is a legal text for other tools; only what clearly is our envelope, or holds a patch, is opened.
  const envelope = isJsonObject(value) && typeof value[keys[0] ?? ''] === 'string';
  return envelope || text.includes(begin) ? (textIn(value, depth + 1) ?? text) : text;
}

const fence = /^\s*```[^\n`]*\n([\s\S]*?)\n?```\s*$/;

/** The inside of a code fence that is all there is. */
function unfenced(text: string): string {
  const inner =
    text.startsWith('```') || text.trimStart().startsWith('```')
      ? fence.exec(text)?.[1]
      : undefined;
  return inner === undefined || inner.includes('\n```') ? text : inner;
}

/** From the first `*** Begin Patch` to the last `*** End Patch`, whatever is around them. */
function patchIn(text: string): string {
  const lines = withNewlines(text);
  const from = /^[ \t]*\*\*\* Begin Patch[ \t]*\r?$/m.exec(lines)?.index ?? lines.indexOf(begin);
  if (from < 0) return unfenced(lines);
  const rest = lines.slice(from).trimStart();
  const closing = [...rest.matchAll(/^[ \t]*\*\*\* End Patch[ \t]*\r?$/gm)].at(-1)?.index;
  const to = closing ?? rest.lastIndexOf(end);
  // Without its last line the patch was cut; it must fail at Codex as it is.
  const patch = to < 0 ? rest : rest.slice(0, to) + end;
  return (
    patch
      .replace(/^[^\n]*/, begin)
      // Several patches in one call: Codex takes only one, so they are joined.
      .replaceAll(/^\*\*\* End Patch\r?\n+\*\*\* Begin Patch\r?\n/gm, '')
  );
}

/** A patch whose newlines were escaped once too often is one long line. */
function withNewlines(text: string): string {
  if (text.includes('\n') || !text.includes(`${begin}\\n`)) return text;
  const decoded = parseJson(`"${text.replaceAll(/(?<!\\)"/g, '\\"')}"`);
  return typeof decoded === 'string' ? decoded : text;
}
