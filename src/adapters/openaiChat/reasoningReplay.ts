import type { AssistantMessage, Json, JsonObject } from '../../turn/turn.ts';
import { defined, type Fields } from '../json.ts';
import type { ChatQuirks } from './quirks.ts';
import { mergeDetails, readCarry } from './reasoningCarry.ts';

/** How earlier reasoning goes back on an assistant message. */
export interface ReplayedReasoning {
  /** Fields beside `content`. */
  readonly fields: Fields;
  /** Stands in front of the text, inside it. */
  readonly prefix: string;
  /** Parts in front of the text, in an array. */
  readonly parts: readonly JsonObject[];
}

const none: ReplayedReasoning = { fields: {}, prefix: '', parts: [] };

/** The reasoning of one step in the form that the host wants back; nothing where it wants none. */
export function replayReasoning(message: AssistantMessage, quirks: ChatQuirks): ReplayedReasoning {
  const form = quirks.reasoningReplay ?? 'none';
  if (form === 'none') return none;
  const known = message.content.flatMap((part) => {
    const carry = part.type === 'reasoning' ? readCarry(part.carry) : undefined;
    return part.type === 'reasoning' && carry !== undefined ? [{ text: part.text, carry }] : [];
  });
  const tagged = known.filter(({ carry }) => carry.tags === true).map(({ text }) => text);
  const prefix = tagged.length === 0 ? '' : `<think>\n${tagged.join('\n')}</think>\n\n`;
  if (form === 'content_parts') {
    const parts = known.flatMap(({ text, carry }) =>
      carry.thinking === undefined ? [] : [thinkingPart(text, carry.thinking)],
    );
    return { fields: {}, prefix, parts };
  }
  const details = mergeDetails(known.map(({ carry }) => carry.details ?? []));
  if (form === 'details' && details.length > 0) {
    return { fields: { reasoning_details: details }, prefix, parts: [] };
  }
  const inField = known.filter(({ carry }) => carry.tags !== true);
  const fallback = quirks.reasoningField ?? 'reasoning_content';
  const field = inField.find(({ carry }) => carry.field !== undefined)?.carry.field ?? fallback;
  const text = inField.map((part) => part.text).join('');
  const opaque = inField.find(({ carry }) => carry.opaque !== undefined)?.carry.opaque;
  const fields = defined({
    [field]: text !== '' || form === 'field_always' ? text : undefined,
    reasoning_opaque: opaque,
  });
  return { fields, prefix, parts: [] };
}

function thinkingPart(text: string, rest: JsonObject): JsonObject {
  const thinking: readonly Json[] = [{ type: 'text', text }];
  return { ...rest, type: 'thinking', thinking };
}
