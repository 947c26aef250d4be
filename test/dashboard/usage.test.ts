import assert from 'node:assert/strict';
import { test } from 'node:test';
import { curlCommand } from '../../src/dashboard/parts/curlCommand.ts';
import { costOf, type UsageRow, usageByModel, usageCsv } from '../../src/dashboard/usage.ts';

function row(model: string, change: Partial<UsageRow> = {}): UsageRow {
  return {
    day: '2026-11-20',
    provider: 'sim',
    model,
    requests: 1,
    failures: 0,
    inputTokens: 1_000,
    cachedTokens: 400,
    outputTokens: 100,
    reasoningTokens: 0,
    ...change,
  };
}

test('usage is summed by model, the most used first', () => {
  const rows = [row('sim/a'), row('sim/b', { inputTokens: 9_000 }), row('sim/a', { failures: 1 })];
  const [first, second, ...others] = usageByModel(rows, []);
  assert.equal(first?.model, 'sim/b');
  assert.deepEqual(second, {
    model: 'sim/a',
    requests: 2,
    failures: 1,
    inputTokens: 2_000,
    cachedTokens: 800,
    outputTokens: 200,
    cost: undefined,
  });
  assert.deepEqual(others, []);
});

test('cached input has its own price, or that of other input', () => {
  const usage = { inputTokens: 3_000_000, cachedTokens: 1_000_000, outputTokens: 500_000 };
  assert.equal(costOf(usage, { input: 2, output: 10, cachedInput: 0.2 }), 4 + 0.2 + 5);
  assert.equal(costOf(usage, { input: 2, output: 10 }), 6 + 5);
  assert.equal(costOf(usage, { input: 2 }), undefined);
  assert.equal(costOf(usage, undefined), undefined);
});

test('a model name is text in a spreadsheet, not a formula, and stays in its cell', () => {
  const csv = usageCsv([row('=HYPERLINK("http://x","y")')]);
  const [head, line, end] = csv.split('\r\n');
  assert.match(head ?? '', /^day,provider,model,/);
  assert.match(line ?? '', /,"'=HYPERLINK\(""http:\/\/x"",""y""\)",1,0,1000,400,100,0$/);
  assert.equal(end, '');
});

test('the command for a terminal holds no key, and a model name cannot end its quotes', () => {
  const command = curlCommand(10_100, "sim/it's; rm -rf ~");
  assert.match(command, /\$\(ocx token\)/);
  assert.match(command, /it'\\''s; rm/);
});
