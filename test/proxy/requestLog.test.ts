import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Allowance } from '../../src/proxy/limits.ts';
import { RequestLog } from '../../src/proxy/requestLog.ts';

test('the newest 500 turns are kept, newest first', () => {
  const log = new RequestLog();
  for (let i = 0; i < 1200; i++) log.begin(`sim/m${i}`, 'sim');
  const list = log.list();
  assert.equal(list.length, 500);
  assert.equal(list[0]?.model, 'sim/m1199');
  assert.equal(list.at(-1)?.model, 'sim/m700');
  assert.equal(new Set(list.map(({ id }) => id)).size, 500);
});

test('an allowance is never overdrawn, and what is given back can be taken again', () => {
  const allowance = new Allowance(10);
  assert.equal(allowance.take(6), true);
  assert.equal(allowance.take(5), false);
  assert.equal(allowance.take(4), true);
  allowance.give(6);
  assert.equal(allowance.take(6), true);
  assert.equal(allowance.used, 10);
});
