import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipLongString, skipString } from '../../src/responses/jsonScan.ts';
import { peekRequest } from '../../src/responses/peek.ts';
import { wordsOf } from '../../src/responses/words.ts';
import { Random } from './random.ts';

// Bodies are looked at four bytes at a time. Wherever a body and its strings begin, that must find
// what a look at every single byte finds.

/** The bytes, so far from the beginning of their buffer. */
function shifted(bytes: Uint8Array, by: number): Uint8Array {
  const place = new Uint8Array(bytes.length + by + 5).fill(0x22);
  place.set(bytes, by);
  return place.subarray(by, by + bytes.length);
}

function outcomeOf(find: () => number): string {
  try {
    return `${find()}`;
  } catch (error) {
    return String(error);
  }
}

test('a string ends where it ends byte by byte', () => {
  const random = new Random(7);
  const pieces = [
    '"',
    '\\',
    '\\"',
    '\\\\',
    'a',
    'bcd',
    'é',
    '😀',
    '\u0001',
    '!',
    '#',
    '[',
    ']',
    '\ud7ff',
  ] as const;
  for (let round = 0; round < 3_000; round += 1) {
    const text = Array.from({ length: random.below(24) }, () => random.pick(pieces)).join('');
    const bytes = shifted(new TextEncoder().encode(`"${text}`), round % 4);
    const words = wordsOf(bytes);
    const expected = outcomeOf(() => skipString(bytes, 0));
    assert.equal(
      outcomeOf(() => skipLongString(bytes, 0, words)),
      expected,
      JSON.stringify(text),
    );
  }
});

/** The spans of the long texts in a request whose one output is this JSON text. */
function spansIn(output: string, shift: number): number | undefined {
  const body = new TextEncoder().encode(
    `{"model":"m","input":[{"type":"function_call_output","output":${output}}]}`,
  );
  const peeked = peekRequest(shifted(body, shift));
  assert.ok(peeked.ok);
  return (peeked.peek.texts?.length ?? 0) / 2;
}

test('a text is copied only where JSON.stringify writes the same, wherever the odd part stands', () => {
  const odd = [
    'x',
    'é',
    '\\n',
    '\\u001b',
    '\\u001B',
    '\\/',
    '\u0001',
    '\u001f',
    ' ',
    '\u007f',
    '\\ud800',
  ];
  const long = 'let there be text; '.repeat(500);
  for (const part of odd) {
    const same = !['\\u001B', '\\/', '\u0001', '\u001f', '\\ud800'].includes(part);
    for (let at = 100; at < 108; at += 1) {
      const output = `"${long.slice(0, at)}${part}${long.slice(at)}"`;
      for (let shift = 0; shift < 4; shift += 1) {
        assert.equal(spansIn(output, shift), same ? 1 : 0, `${JSON.stringify(part)} at ${at}`);
      }
    }
  }
});

test('bytes that are no UTF-8 are not copied, whichever four they are in', () => {
  const head = '{"model":"m","input":[{"type":"function_call_output","output":"';
  const body = new TextEncoder().encode(`${head}${'x'.repeat(9_000)}"}]}`);
  for (let at = head.length; at < head.length + 9; at += 1) {
    const bytes = Uint8Array.from(body);
    bytes[at] = 0xff;
    const peeked = peekRequest(bytes);
    assert.ok(peeked.ok);
    assert.equal(peeked.peek.texts?.length, 0);
  }
});

test('a body whose texts are not wanted is read and refused as any other', () => {
  const random = new Random(11);
  const long = 'a "quoted" line\\ of text\n'.repeat(500);
  const whole = JSON.stringify({
    model: 'm',
    stream: true,
    input: [
      { type: 'function_call_output', call_id: 'c', output: long },
      { type: 'function_call_output', call_id: 'd', output: [{ type: 'input_text', text: long }] },
    ],
    tools: [{ type: 'function', name: 'run' }],
  });
  const ways = ['', '"', '\\', '{', '}', ']', ',', '"model":"n",', '\u0000'] as const;
  const bodies = Array.from({ length: 2_000 }, () => {
    const at = random.below(whole.length);
    return whole.slice(0, at) + random.pick(ways) + whole.slice(at + random.below(3));
  });
  for (const text of [whole, ...bodies]) {
    const body = new TextEncoder().encode(text);
    const [all, few] = [peekRequest(body), peekRequest(body, () => false)];
    if (!all.ok || !few.ok) {
      assert.deepEqual(few, all, 'the same refusal');
      continue;
    }
    assert.equal(few.peek.texts?.length, 0);
    assert.deepEqual({ ...few.peek, texts: all.peek.texts }, all.peek);
  }
});
