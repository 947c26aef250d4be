import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipString } from '../../src/responses/jsonScan.ts';
import { peekRequest } from '../../src/responses/peek.ts';
import { StringScan, sharedWalker } from '../../src/responses/stringScan.ts';
import { Random } from './random.ts';

// Bodies are looked at sixteen bytes at a time, through a window. Wherever a body and its strings
// begin, that must find what a look at every single byte finds.

/** Looks at every single byte. */
function slowly(bytes: Uint8Array): StringScan {
  return new StringScan(bytes, null);
}

/** Looks at sixteen bytes, also where a body is not worth it. */
function quickly(bytes: Uint8Array): StringScan {
  const walker = sharedWalker();
  assert.ok(walker !== null);
  return new StringScan(bytes, walker);
}

/** The bytes, so far from the beginning of their buffer. */
function shifted(bytes: Uint8Array, by: number): Uint8Array {
  const place = new Uint8Array(bytes.length + by + 5).fill(0x22);
  place.set(bytes, by);
  return place.subarray(by, by + bytes.length);
}

function outcomeOf(find: () => number | string): string {
  try {
    return `${find()}`;
  } catch (error) {
    return String(error);
  }
}

const pieces = [
  '"',
  '\\',
  '\\"',
  '\\\\',
  '\\u001b',
  '\\u0008',
  '\\u001B',
  '\\u002',
  '\\/',
  '\\n',
  'a',
  'bcd',
  'let there be text',
  'é',
  '😀',
  '\u0001',
  '!',
  '#',
  '[',
  ']',
  '\ud7ff',
] as const;

test('a string ends where it ends byte by byte, and is as canonical', () => {
  const random = new Random(7);
  for (let round = 0; round < 6_000; round += 1) {
    const text = Array.from({ length: random.below(40) }, () => random.pick(pieces)).join('');
    const bytes = shifted(new TextEncoder().encode(`"${text}`), round % 17);
    const what = JSON.stringify(text);
    assert.equal(
      outcomeOf(() => quickly(bytes).closingQuote(0)),
      outcomeOf(() => skipString(bytes, 0) - 1),
      what,
    );
    const [fast, slow] = [quickly(bytes), slowly(bytes)].map((scan) =>
      outcomeOf(() => {
        const end = scan.closingQuote(0);
        return `${end} ${scan.isCanonical(1, end)}`;
      }),
    );
    assert.equal(fast, slow, what);
  }
});

test('canonical is what JSON.stringify writes', () => {
  const random = new Random(13);
  for (let round = 0; round < 3_000; round += 1) {
    const text = `"${Array.from({ length: random.below(12) }, () => random.pick(pieces)).join('')}"`;
    let canonical: boolean;
    try {
      canonical = JSON.stringify(JSON.parse(text)) === text;
    } catch {
      continue; // no string, or more than one
    }
    const bytes = new TextEncoder().encode(text);
    for (const scan of [quickly(bytes), slowly(bytes)]) {
      assert.equal(scan.closingQuote(0), bytes.length - 1);
      assert.equal(scan.isCanonical(1, bytes.length - 1), canonical, text);
    }
  }
});

test('wherever a window ends, in the middle of an escape, too', () => {
  const window = 64 * 1024;
  for (const piece of ['\\n', '\\u001b', '\\\\', 'é', '\\"', '\\/', '"']) {
    for (let back = 40; back >= 0; back -= 1) {
      const text = `"${'x'.repeat(window - back)}${piece}${'y'.repeat(100)}" `;
      const bytes = new TextEncoder().encode(text.repeat(2));
      const [fast, slow] = [quickly(bytes), slowly(bytes)];
      for (const at of [0, text.length]) {
        if (bytes[at] !== 0x22) continue;
        const end = slow.closingQuote(at);
        assert.equal(fast.closingQuote(at), end, `${piece} ${back}`);
        assert.equal(fast.isCanonical(at + 1, end), slow.isCanonical(at + 1, end));
      }
    }
  }
});

test('two bodies can be looked at in turns', () => {
  const bodies = ['one', 'two'].map((word) =>
    new TextEncoder().encode(`"${word.repeat(50)}" "${word.repeat(60)}"`),
  );
  const scans = bodies.map((bytes) => quickly(bytes));
  for (const at of [0, 153]) {
    for (const [index, scan] of scans.entries()) {
      assert.equal(scan.closingQuote(at), at === 0 ? 151 : 334, `${index}`);
    }
  }
});

test('the end of a string is not looked for behind the body', () => {
  const bytes = new TextEncoder().encode(`"${'x'.repeat(100)}" and more`);
  assert.throws(() => quickly(bytes.subarray(0, 101)).closingQuote(0), /byte 0 does not end/);
  assert.equal(quickly(bytes.subarray(0, 102)).closingQuote(0), 101);
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
