import type { Random } from '../responses/random.ts';
import { isRecord } from '../support/json.ts';

/** Values that stand where they are not expected. */
function odd(random: Random): unknown {
  return random.pick<unknown>([
    null,
    true,
    0,
    -1,
    1e308,
    0.5,
    '',
    ' ',
    '\u0000',
    '\ud800',
    'x'.repeat(5_000),
    '__proto__',
    'constructor',
    '{"a":',
    [],
    [[]],
    [null],
    {},
    { type: 'unknown' },
    { constructor: 1, toString: 2 },
    random.text(),
    Array.from({ length: 200 }, () => 'deep').reduce<unknown>((inner) => [inner], 'x'),
  ]);
}

const names = ['type', 'id', 'name', 'content', 'text', '__proto__', 'toString', ''] as const;

/** The value with some of its places changed: most of its structure stays. */
export function damaged(value: unknown, random: Random, percent = 8): unknown {
  if (random.chance(percent)) return odd(random);
  if (Array.isArray(value)) {
    const items = value.flatMap((item): unknown[] => {
      if (random.chance(percent)) return [];
      const one = damaged(item, random, percent);
      return random.chance(percent) ? [one, damaged(item, random, percent)] : [one];
    });
    return random.chance(percent) ? items.reverse() : items;
  }
  if (isRecord(value)) {
    const entries = Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
      if (random.chance(percent)) return [];
      const kept = random.chance(percent) ? random.pick(names) : name;
      return [[kept, damaged(inner, random, percent)]];
    });
    if (random.chance(percent)) entries.push([random.pick(names), odd(random)]);
    return Object.fromEntries(entries);
  }
  return value;
}

const splinters = [
  '{',
  '}',
  '"',
  '\\',
  '\\u12',
  '[',
  ',',
  ':',
  '\n',
  '\r',
  '\n\n',
  'data:',
  '\uFEFF',
  "'''",
  '"""',
  '#',
  '=',
  '[[',
  'null',
  '\u2028',
  '😀',
] as const;

/** The text with pieces cut out, doubled, put elsewhere or made of something else. */
export function torn(text: string, random: Random, most = 3): string {
  let out = text;
  for (let n = random.below(most + 1); n > 0; n -= 1) {
    const from = random.below(out.length + 1);
    const to = Math.min(out.length, from + random.below(40));
    const [before, piece, after] = [out.slice(0, from), out.slice(from, to), out.slice(to)];
    switch (random.below(5)) {
      case 0:
        out = before + after;
        break;
      case 1:
        out = before + piece + piece + after;
        break;
      case 2:
        out = before + random.pick(splinters) + piece + after;
        break;
      case 3:
        out = before + random.pick(splinters) + after;
        break;
      default:
        out = random.chance(30) ? before : piece + before + after;
    }
  }
  return out;
}

/** The text as bytes, some of which are none of UTF-8. */
export function bytesOf(text: string, random: Random): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > 0 && random.chance(15)) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}

/** Pieces of the bytes, cut anywhere. */
export function* cut(bytes: Uint8Array, random: Random): Iterable<Uint8Array> {
  const most = random.pick([1, 3, 20, 200, 5_000]);
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + random.below(most);
    yield bytes.subarray(at, end);
    at = end;
  }
}
