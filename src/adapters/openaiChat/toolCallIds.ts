import type { Message } from '../../turn/turn.ts';
import type { ChatQuirks } from './quirks.ts';

type IdRule = NonNullable<ChatQuirks['toolCallIds']>;

/** How long a replaced id is. */
const lengths: Readonly<Record<IdRule, number>> = { any: 0, max40: 24, alnum9: 9 };

/**
 * The ids that the host gets, by our ids. Ids within the rule stay; others become a hash, so that
 * the same history always gives the same ids.
 */
export function mapCallIds(
  messages: readonly Message[],
  rule: IdRule,
): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  if (rule === 'any') return ids;
  const own = messages
    .flatMap((message) => (message.role === 'assistant' ? message.content : []))
    .flatMap((part) => (part.type === 'tool_call' ? [part.callId] : []));
  const taken = new Set(own.filter((id) => isWithin(rule, id)));
  for (const id of own) {
    if (taken.has(id) || ids.has(id)) continue;
    let short = hash(id, lengths[rule]);
    for (let salt = 1; taken.has(short); salt++) short = hash(`${salt}:${id}`, lengths[rule]);
    taken.add(short);
    ids.set(id, short);
  }
  return ids;
}

function isWithin(rule: IdRule, id: string): boolean {
  return rule === 'alnum9' ? /^[A-Za-z0-9]{9}$/.test(id) : id.length <= 40;
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** FNV-1a, once for every character of the result. Nothing secret hangs on it. */
function hash(text: string, length: number): string {
  let result = '';
  for (let round = 0; round < length; round++) {
    let value = 0x811c9dc5 ^ Math.imul(round + 1, 0x9e3779b1);
    for (let at = 0; at < text.length; at++) {
      value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
    }
    result += alphabet[((value ^ (value >>> 15)) >>> 0) % alphabet.length];
  }
  return result;
}
