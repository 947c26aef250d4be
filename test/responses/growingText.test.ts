import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { GrowingText } from '../../src/responses/growingText.ts';
import { random as randomFrom } from '../support/cuts.ts';

test('a text is whole however many pieces it comes in, also where a character is cut', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const random = randomFrom(seed);
    const whole = 'a🙂ü漢🙃 b'.repeat(100);
    const growing = new GrowingText();
    let shown = '';
    for (let at = 0; at < whole.length; ) {
      const length = 1 + Math.floor(random() * 4);
      const piece = growing.push(whole.slice(at, at + length));
      assert.ok(piece.isWellFormed());
      shown += piece;
      at += length;
    }
    assert.equal(growing.text, whole);
    assert.equal(shown + growing.finish(), whole);
    assert.equal(growing.text, whole);
  }
});

test('a text does not hold the chunks that its pieces came in', () => {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  assert.ok(typeof collect === 'function');
  collect();
  const before = process.memoryUsage().heapUsed;
  const growing = new GrowingText();
  const chunk = new Uint8Array(100_000).fill(0x61);
  for (let i = 0; i < 1000; i += 1) {
    growing.push(new TextDecoder().decode(chunk).slice(100, 130));
  }
  collect();
  const held = process.memoryUsage().heapUsed - before;
  assert.ok(held < 20e6, `${held} bytes are held`);
  assert.equal(growing.text.length, 30_000);
});
