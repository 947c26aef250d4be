import { Additions } from '../turn/additions.ts';
import type { FoundSearch } from '../turn/event.ts';
import { isJsonObject, parseJson } from '../turn/json.ts';
import type { Json } from '../turn/turn.ts';
import { JsonScanError, scanArray, scanObject, textStart, valueAt } from './jsonScan.ts';

/**
 * Marks what is ours among `encrypted_content` values: a provider's reasoning data, or a compaction's
 * summary. Codex sends these back verbatim on every later request. The version is part of it.
 */
export const sealPrefix = 'ocx1.';

/**
 * Packs what a provider needs back into an opaque text for one provider and model family. Every
 * reasoning item gets one, also without such data: it tells that the item is not OpenAI's.
 */
export function sealReasoning(provider: string, model: string, carry: Json | undefined): string {
  return (
    sealPrefix +
    JSON.stringify({
      provider,
      model: modelFamily(model),
      ...(carry === undefined ? {} : { carry }),
    })
  );
}

/** What `sealReasoning` packed; `undefined` where it is another's, or another provider's or family's. */
export function openReasoning(
  encrypted: string,
  provider: string,
  model: string,
): Json | undefined {
  const sealed = opened(encrypted);
  if (sealed?.['provider'] !== provider || sealed['model'] !== modelFamily(model)) return undefined;
  return sealed['carry'];
}

/** Packs a summary as the `encrypted_content` of a compaction item; readable for every provider. */
export function sealSummary(summary: string): string {
  return sealPrefix + JSON.stringify({ summary });
}

/** The summary of a compaction item of ours. */
export function openSummary(encrypted: string): string | undefined {
  const summary = opened(encrypted)?.['summary'];
  return typeof summary === 'string' ? summary : undefined;
}

/** Packs a web search and its result as the `encrypted_content` of a reasoning item, readable for every provider. */
export function sealSearch(search: FoundSearch): string {
  const { query, result } = search;
  return sealPrefix + JSON.stringify({ search: { query, result } });
}

/** The search that `sealSearch` packed. */
export function openSearch(encrypted: string): FoundSearch | undefined {
  const search = opened(encrypted)?.['search'];
  if (!isJsonObject(search)) return undefined;
  const { query, result } = search;
  return typeof query === 'string' && typeof result === 'string' ? { query, result } : undefined;
}

function opened(encrypted: string): { readonly [key: string]: Json } | undefined {
  if (!encrypted.startsWith(sealPrefix)) return undefined;
  const value = parseJson(encrypted.slice(sealPrefix.length));
  return isJsonObject(value) ? value : undefined;
}

/**
 * The model without what names only a snapshot or a price of it: `claude-opus-4-5-20251101`,
 * `x@20250929`, `x-2025-09-29`, `x:free`, `x-latest`. Signatures hold within a family.
 */
export function modelFamily(model: string): string {
  return model
    .toLowerCase()
    .replace(/:[^:/]*$/, '')
    .replace(/(?:[-@]\d{8}|-\d{4}-\d{2}-\d{2}|-latest)$/, '');
}

/** How a model reads the summary of what came before. */
export function summaryText(summary: string, additions = new Additions()): string {
  const head = additions.add('summary', 'Summary of the conversation so far:');
  return `${head}\n\n${summary}`;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Takes out of a request for OpenAI what only we can read: our reasoning items are left out, our
 * compaction items become the summary's text. OpenAI answers both with `invalid_encrypted_content`.
 * Every other byte stays; without such items the very same bytes are given back.
 */
export function dropSealed(body: Uint8Array, additions = new Additions()): Uint8Array {
  if (!holdsSeal(body)) return body;
  let array: Span | undefined;
  const items: Span[] = [];
  try {
    scanObject(body, textStart(body), (keyStart, keyEnd, start, end) => {
      if (
        body[start] === 0x5b &&
        keyEnd - keyStart < 64 &&
        valueAt(body, keyStart, keyEnd) === 'input'
      )
        array = { start, end };
    });
    if (array === undefined) return body;
    scanArray(body, array.start, (start, end) => items.push({ start, end }));
    return rewritten(body, array, items, additions);
  } catch (error) {
    // Not JSON: let the far end say so.
    if (error instanceof JsonScanError || error instanceof SyntaxError) return body;
    throw error;
  }
}

function rewritten(
  body: Uint8Array,
  array: Span,
  items: readonly Span[],
  additions: Additions,
): Uint8Array {
  const kept: Uint8Array[] = [];
  let changed = false;
  for (const { start, end } of items) {
    const bytes = body.subarray(start, end);
    const next = !holdsSeal(bytes) ? bytes : withoutSeal(bytes, additions);
    if (next !== bytes) changed = true;
    if (next !== undefined) kept.push(next);
  }
  if (!changed) return body;
  const commas = Math.max(0, kept.length - 1);
  const inner = kept.reduce((sum, item) => sum + item.length, commas);
  const tail = body.subarray(array.end);
  const out = new Uint8Array(array.start + inner + 2 + tail.length);
  out.set(body.subarray(0, array.start));
  let at = array.start;
  out[at++] = 0x5b;
  for (const [index, item] of kept.entries()) {
    if (index > 0) out[at++] = 0x2c;
    out.set(item, at);
    at += item.length;
  }
  out[at++] = 0x5d;
  out.set(tail, at);
  return out;
}

/** The item as OpenAI may see it; `undefined`: not at all. The prefix may also be part of a text. */
function withoutSeal(bytes: Uint8Array, additions: Additions): Uint8Array | undefined {
  const item = valueAt(bytes, 0, bytes.length);
  if (!isJsonObject(item)) return bytes;
  const encrypted = item['encrypted_content'];
  if (typeof encrypted !== 'string' || !encrypted.startsWith(sealPrefix)) return bytes;
  switch (item['type']) {
    case 'compaction':
    case 'context_compaction': {
      const summary = openSummary(encrypted);
      if (summary === undefined) return undefined;
      const content = [{ type: 'input_text', text: summaryText(summary, additions) }];
      return new TextEncoder().encode(JSON.stringify({ type: 'message', role: 'user', content }));
    }
    case 'reasoning':
      return undefined;
    default:
      return bytes;
  }
}

const prefix = new TextEncoder().encode(sealPrefix);

/** How far the search may jump when this byte is under the prefix's end (Horspool). */
const jumps = new Uint8Array(256).fill(prefix.length);
for (const [index, byte] of prefix.subarray(0, -1).entries())
  jumps[byte] = prefix.length - 1 - index;

function holdsSeal(bytes: Uint8Array): boolean {
  const last = prefix.length - 1;
  let at = last;
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    if (
      byte === prefix[last] &&
      prefix.every((wanted, index) => bytes[at - last + index] === wanted)
    )
      return true;
    at += jumps[byte] ?? 1;
  }
  return false;
}
