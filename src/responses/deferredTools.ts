import { textParts } from './parts.ts';
import type { Item } from './schema.ts';

/**
 * With tool search Codex holds tools back and only names their namespaces, in instructions:
 *
 *     Deferred tool namespaces:
 *     - mcp__notes: what the server says of itself
 *
 * A model may call such a tool without searching for it first, and Codex runs it.
 */
export function deferredNamespaces(items: readonly Item[]): readonly string[] {
  const names = items.flatMap((item) =>
    item.type === 'message' && item.role === 'developer'
      ? textParts(item.content ?? []).flatMap(({ text }) => namesIn(text))
      : [],
  );
  return [...new Set(names)];
}

function namesIn(text: string): readonly string[] {
  const list = /^Deferred tool namespaces:\r?\n((?:- .*(?:\r?\n|$))+)/m.exec(text)?.[1] ?? '';
  return [...list.matchAll(/^- ([\w-]+)/gm)].flatMap(([, name]) => name ?? []);
}
