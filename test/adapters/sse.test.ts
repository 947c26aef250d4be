import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SseReader } from '../../src/adapters/sse.ts';
import { byteByByte, randomCuts } from '../support/cuts.ts';

function read(chunks: Iterable<Uint8Array>): readonly string[] {
  const reader = new SseReader();
  const events: string[] = [];
  for (const chunk of chunks) events.push(...reader.push(chunk));
  return [...events, ...reader.end()];
}

const cases: readonly [what: string, stream: string, events: readonly string[]][] = [
  ['LF', 'data: a\n\ndata: b\n\n', ['a', 'b']],
  ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
  ['CR', 'data: a\r\rdata: b\r\r', ['a', 'b']],
  ['several data lines', 'data: a\ndata: b\n\n', ['a\nb']],
  ['several data lines with CRLF', 'data: a\r\ndata: b\r\n\r\n', ['a\nb']],
  ['one space is taken off, no more', 'data:a\n\ndata:  b\n\n', ['a', ' b']],
  ['other fields and comments', ': hi\nevent: x\nid: 1\ndata: a\nretry: 3\n\n', ['a']],
  ['field names that only begin alike', 'database: x\ndata\ndata: a\n\n', ['a']],
  ['empty events', 'data:\n\ndata: \n\n\n\ndata: a\n\n', ['a']],
  ['a byte order mark', '\ufeffdata: a\n\n', ['a']],
  ['characters of many bytes', 'data: ä€🌍\n\n', ['ä€🌍']],
  ['a line end is no separator inside data', 'data: a\u2028b\n\n', ['a\u2028b']],
  ['no blank line at the end', 'data: a\n\ndata: b\n', ['a', 'b']],
  ['no line end at the end', 'data: a\n\ndata: b', ['a', 'b']],
];

for (const [what, stream, events] of cases) {
  test(`reads ${what}, however it is cut`, () => {
    const bytes = Buffer.from(stream);
    assert.deepEqual(read([bytes]), events);
    assert.deepEqual(read(byteByByte(bytes)), events);
    for (let seed = 1; seed < 20; seed++) {
      assert.deepEqual(read(randomCuts(bytes, seed * 31_337, 6)), events);
    }
  });
}

test('gives an event as soon as its blank line is there', () => {
  const reader = new SseReader();
  assert.deepEqual(reader.push(Buffer.from('data: a\n')), []);
  assert.deepEqual(reader.push(Buffer.from('\nda')), ['a']);
  assert.deepEqual(reader.push(Buffer.from('ta: b\n\n')), ['b']);
  assert.deepEqual(reader.end(), []);
});

test('an event in many chunks costs as much as in one', () => {
  const read = (pieces: number): number => {
    const reader = new SseReader();
    const piece = Buffer.from('x'.repeat(256));
    const before = process.cpuUsage();
    reader.push(Buffer.from('data: '));
    for (let sent = 0; sent < pieces; sent++) reader.push(piece);
    assert.equal(reader.push(Buffer.from('\n\n'))[0]?.length, pieces * 256);
    return process.cpuUsage(before).user;
  };
  read(4_000);
  // Sixteen times as much text takes tens of milliseconds; work that grows with its square, minutes.
  assert.ok(read(64_000) < 100 * Math.max(read(4_000), 20_000));
});

test('gives up an event of more than 64 MiB and keeps nothing of it', () => {
  const reader = new SseReader();
  const piece = Buffer.from(`data: ${'x'.repeat(16 << 20)}`);
  for (let sent = 0; sent < 4; sent++) assert.deepEqual(reader.push(piece), []);
  assert.equal(reader.tooLong, true);
  assert.deepEqual(reader.push(Buffer.from('\n\ndata: a\n\n')), []);
  assert.deepEqual(reader.end(), []);
});
