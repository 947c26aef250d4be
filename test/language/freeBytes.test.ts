import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeBytes } from '../../src/language/freeBytes.ts';

test('bytes with a buffer of their own are given back, any number of times', () => {
  const bytes = Buffer.allocUnsafeSlow(100_000);
  freeBytes(bytes);
  assert.equal(bytes.length, 0);
  freeBytes(bytes);
});

test('bytes that share their buffer stay', () => {
  const whole = new Uint8Array(8).fill(1);
  const shared = new Uint8Array(new SharedArrayBuffer(8));
  const pooled = Buffer.from('pooled');
  for (const bytes of [whole.subarray(1), whole.subarray(0, 7), shared, pooled]) {
    const { length } = bytes;
    freeBytes(bytes);
    assert.equal(bytes.length, length);
  }
  assert.equal(whole.length, 8);
});
