import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dayOf, daysBack } from '../../src/files/dayFiles.ts';
import { RequestRecord } from '../../src/proxy/requestLog.ts';
import { UsageTotals } from '../../src/proxy/usage.ts';
import { testScope } from '../support/scope.ts';

function totalsIn(home: string): UsageTotals {
  return new UsageTotals(home, (message) => assert.fail(message));
}

function count(totals: UsageTotals, model: string, inputTokens: number, failed = false): void {
  const record = new RequestRecord('id', `sim/${model}`, 'sim');
  record.status = failed ? 'failed' : 'completed';
  if (!failed) {
    const rest = { cachedTokens: 2, cacheWriteTokens: 0, outputTokens: 5, reasoningTokens: 1 };
    record.usage = { inputTokens, ...rest };
  }
  totals.count(record);
}

test('requests and tokens add up by day, provider and model, whoever counts', async (t) => {
  const home = testScope(t).directory('home');
  const [one, two] = [totalsIn(home), totalsIn(home)];
  count(one, 'a', 10);
  count(one, 'a', 20);
  await one.flush();
  count(one, 'a', 5, true);
  count(two, 'a', 100);
  count(two, 'b', 7);
  await Promise.all([one.flush(), two.flush()]);
  const day = dayOf(Date.now());
  const { days, rows } = await totalsIn(home).read(3);
  assert.deepEqual(days, [daysBack(2), daysBack(1), day]);
  const sum = { cachedTokens: 6, outputTokens: 15, reasoningTokens: 3 };
  assert.deepEqual(
    rows.find(({ model }) => model === 'sim/a'),
    { day, provider: 'sim', model: 'sim/a', requests: 4, failures: 1, inputTokens: 130, ...sum },
  );
  assert.equal(rows.length, 2);
});

test('what was counted just now is in the answer', async (t) => {
  const totals = totalsIn(testScope(t).directory('home'));
  count(totals, 'a', 10);
  assert.equal((await totals.read(1)).rows[0]?.requests, 1);
});

test('a request without a provider is none of anybody’s', async (t) => {
  const totals = totalsIn(testScope(t).directory('home'));
  totals.count(new RequestRecord('id', 'what', ''));
  assert.deepEqual((await totals.read(1)).rows, []);
});

test('damaged and unknown lines do not hide the others', async (t) => {
  const home = testScope(t).directory('home');
  mkdirSync(join(home, 'usage'));
  const path = join(home, 'usage', `${dayOf(Date.now())}.jsonl`);
  writeFileSync(path, '{"provider":"sim"}\n{"pro\nnull\n');
  const totals = totalsIn(home);
  count(totals, 'a', 10);
  await totals.flush();
  appendFileSync(path, '{"provider":"sim","mod');
  assert.equal((await totals.read(1)).rows[0]?.inputTokens, 10);
});
