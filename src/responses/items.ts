import * as z from 'zod/mini';
import type { Additions } from '../turn/additions.ts';
import type { FoundSearch } from '../turn/event.ts';
import { isJsonObject, parseJsonObject } from '../turn/json.ts';
import type { HistoryEntry } from '../turn/pairing.ts';
import type { Json, TextPart } from '../turn/turn.ts';
import { modelAgnostic } from './identity.ts';
import { contentParts, textParts } from './parts.ts';
import { plainItem } from './plainItem.ts';
import { openReasoning, openSearch, openSummary, summaryText } from './reasoning.ts';
import { type Item, isUnknownType, itemSchema, problemOf } from './schema.ts';
import { rawInputKey, type Toolset, toolSearchName } from './toolset.ts';
import { webSearchName } from './webSearch.ts';

/** Validates the items of `input`; gives a sentence where one is malformed. */
export function parseItems(input: readonly Json[]): readonly Item[] | string {
  const items: Item[] = [];
  for (const [index, raw] of input.entries()) {
    const at = `input[${index}]`;
    if (!isJsonObject(raw)) return `"${at}" must be an object.`;
    // A message may leave out its type.
    const typed = raw['type'] === undefined && 'role' in raw ? { ...raw, type: 'message' } : raw;
    const plain = plainItem(typed);
    if (plain !== undefined) {
      items.push(plain);
      continue;
    }
    const parsed = z.safeParse(itemSchema, typed);
    if (parsed.success) items.push(parsed.data);
    else if (!isUnknownType(parsed.error)) return problemOf(parsed.error, typed, at);
  }
  return items;
}

export interface HistoryContext {
  readonly tools: Toolset;
  readonly provider: string;
  readonly model: string;
  readonly rewriteIdentity: boolean;
  readonly forgetReasoning?: boolean;
  /** Notes what is not the client's. */
  readonly additions: Additions;
}

/** What an item adds to the conversation. Items that only configure the request add nothing. */
export function historyOf(item: Item, context: HistoryContext): readonly HistoryEntry[] {
  switch (item.type) {
    case 'message':
      return messageEntries(item, context);
    case 'agent_message':
      // One text: the head that names the sender, and the payload behind it.
      return [user(joinedText(textParts(item.content, context.additions), ''))];
    case 'reasoning':
      return reasoningEntries(item, context);
    case 'function_call':
      return [
        call(
          item.call_id,
          context.tools.nameOf(item.namespace, item.name),
          objectText(item.arguments),
        ),
      ];
    case 'custom_tool_call': {
      const input = JSON.stringify({ [rawInputKey]: item.input });
      return [call(item.call_id, context.tools.nameOf(item.namespace, item.name), input)];
    }
    case 'tool_search_call': {
      // Without an id it is a search of OpenAI's server, answered there.
      if (!item.call_id) return [];
      const query =
        typeof item.arguments === 'string' ? item.arguments : JSON.stringify(item.arguments ?? {});
      return [
        call(item.call_id, context.tools.nameOf(undefined, toolSearchName), objectText(query)),
      ];
    }
    case 'tool_search_output':
      return item.call_id ? [result(item.call_id, foundText(item.tools ?? [], context))] : [];
    case 'local_shell_call':
      return item.call_id
        ? [
            call(
              item.call_id,
              context.tools.nameOf(undefined, 'local_shell'),
              JSON.stringify(item.action ?? {}),
            ),
          ]
        : [];
    case 'function_call_output':
    case 'custom_tool_call_output':
    case 'local_shell_call_output':
      return [
        {
          type: 'result',
          callId: item.call_id ?? undefined,
          content: contentParts(item.output ?? undefined, context.additions),
        },
      ];
    case 'image_generation_call':
      return [user(imageText(item.revised_prompt ?? '', context.additions))];
    case 'compaction':
    case 'context_compaction': {
      const summary = openSummary(item.encrypted_content ?? '');
      // Another's cannot be read; Codex keeps the user's own messages beside it.
      return summary === undefined ? [] : [user(summaryText(summary, context.additions))];
    }
    case 'additional_tools':
    case 'configuration_update':
    case 'item_reference':
    case 'compaction_trigger':
      return [];
  }
}

type ItemOf<T extends Item['type']> = Extract<Item, { readonly type: T }>;

function messageEntries(item: ItemOf<'message'>, context: HistoryContext): readonly HistoryEntry[] {
  const parts = contentParts(item.content ?? undefined, context.additions);
  switch (item.role) {
    case 'assistant':
      return parts.flatMap((part) => (part.type === 'text' ? { type: 'assistant', part } : []));
    case 'system':
    case 'developer': {
      const content = parts.flatMap((part) => (part.type === 'text' ? part : []));
      const images = parts.flatMap((part) => (part.type === 'image' ? part : []));
      const system = {
        type: 'system',
        content: instructionParts(content, context),
      } as const;
      // Instructions are text; a picture in them is shown by the user.
      return images.length === 0 ? [system] : [system, { type: 'user', content: images }];
    }
    default:
      return [{ type: 'user', content: parts }];
  }
}

/** Instructions for the model that really answers. */
export function instructionParts(
  parts: readonly TextPart[],
  { rewriteIdentity, additions }: HistoryContext,
): readonly TextPart[] {
  if (!rewriteIdentity) return parts;
  return parts.map((part) => ({ type: 'text', text: modelAgnostic(part.text, additions) }));
}

function reasoningEntries(
  item: ItemOf<'reasoning'>,
  context: HistoryContext,
): readonly HistoryEntry[] {
  const search = openSearch(item.encrypted_content ?? '');
  if (search !== undefined) return searchEntries(search, context);
  const raw = joinedText(textParts(item.content ?? []), '');
  const text = raw === '' ? joinedText(textParts(item.summary ?? []), '\n\n') : raw;
  const carry =
    context.forgetReasoning === true
      ? undefined
      : openReasoning(item.encrypted_content ?? '', context.provider, context.model);
  if (text === '' && carry === undefined) return [];
  return [{ type: 'assistant', part: { type: 'reasoning', text, carry } }];
}

/** A search that the proxy ran for a model, on an earlier turn or before a tool call of this one. */
function searchEntries(
  { query, result: found }: FoundSearch,
  context: HistoryContext,
): readonly HistoryEntry[] {
  const args = JSON.stringify({ query });
  // Pairing gives searches for the same thing ids of their own.
  const id = 'call_web_search';
  return [call(id, context.tools.nameOf(undefined, webSearchName), args), result(id, found)];
}

function call(callId: string, name: string, args: string): HistoryEntry {
  return { type: 'assistant', part: { type: 'tool_call', callId, name, arguments: args } };
}

function result(callId: string, text: string): HistoryEntry {
  return { type: 'result', callId, content: [{ type: 'text', text }] };
}

function user(text: string): HistoryEntry {
  return { type: 'user', content: [{ type: 'text', text }] };
}

/** The text itself where it is that of an object, so that the same call always reads the same. */
function objectText(text: string): string {
  const value = parseJsonObject(text);
  if (value === undefined) return '{}';
  return text.trimStart().startsWith('{') ? text : JSON.stringify(value);
}

function joinedText(parts: readonly TextPart[], separator: string): string {
  return parts.map((part) => part.text).join(separator);
}

/** An image that another server made: only its description is here. */
function imageText(description: string, additions: Additions): string {
  const framed = (words: string): string =>
    `[The assistant made an image${words === '' ? '.' : `: ${words}`}]`;
  additions.add('attachment', framed(description === '' ? '' : '…'));
  return framed(description);
}

/** Tells the model what a search has made callable, under the names by which it can call. */
function foundText(
  found: readonly { readonly [key: string]: Json }[],
  { tools, additions }: HistoryContext,
): string {
  const lines = found.flatMap((tool) => {
    const inner = tool['type'] === 'namespace' ? tool['tools'] : [tool];
    const namespace = tool['type'] === 'namespace' ? tool['name'] : undefined;
    if (!Array.isArray(inner)) return [];
    return inner.flatMap((entry: Json) => {
      const name = isJsonObject(entry) ? entry['name'] : undefined;
      if (!isJsonObject(entry) || typeof name !== 'string') return [];
      const flat = tools.nameOf(typeof namespace === 'string' ? namespace : undefined, name);
      const about = typeof entry['description'] === 'string' ? entry['description'] : '';
      return about === '' ? `- ${flat}` : `- ${flat}: ${about}`;
    });
  });
  return lines.length === 0
    ? additions.add('found_tools', 'No tools were found.')
    : `${additions.add('found_tools', 'These tools can now be called:')}\n${lines.join('\n')}`;
}
