import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Redactor } from '../../src/credentials/redact.ts';
import { DayFiles, dayOf } from '../../src/files/dayFiles.ts';
import { keepNewest } from '../../src/language/keepNewest.ts';
import { KeyKeeper, type KeyToKeep } from '../../src/proxy/keyKeeper.ts';
import { RequestLog } from '../../src/proxy/requestLog.ts';
import { UsageTotals } from '../../src/proxy/usage.ts';
import { Vault } from '../../src/proxy/vault.ts';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { ask, open, turn } from './client.ts';

const times = (n: number): readonly number[] => Array.from({ length: n }, (_none, i) => i);

test('of a map or a set what was set last is kept', () => {
  const map = new Map(times(10).map((i) => [i, i]));
  keepNewest(map, 3);
  assert.deepEqual([...map.keys()], [7, 8, 9]);
  const set = new Set(times(3));
  keepNewest(set, 3);
  assert.equal(set.size, 3);
  keepNewest(set, 0);
  assert.equal(set.size, 0);
});

test('512 secrets are hidden, those that were used last', () => {
  const redactor = new Redactor();
  for (const i of times(513)) redactor.remember(`secret-value-${i}-`);
  const text = redactor.redact('secret-value-0- secret-value-1- secret-value-512-');
  assert.equal(text, 'secret-value-0- [redacted] [redacted]');
});

test('256 windows and pages are held, and one more is told to wait', async (t) => {
  const scope = testScope(t);
  const proxy = await startProxy(scope, {});
  const path = (): string => `/api/events?window=${randomUUID()}`;
  const held = await Promise.all(times(256).map(() => open(proxy, { path: path() })));
  for (const stream of held) scope.add(() => stream.close());
  assert.ok(held.every(({ status }) => status === 200));
  const more = await ask(proxy, { path: path() });
  assert.equal(more.status, 503);
  assert.equal(more.headers['retry-after'], '1');
  held[0]?.close();
  await until('room for another', async () => {
    const stream = await open(proxy, { path: path() });
    scope.add(() => stream.close());
    return stream.status === 200;
  });
});

test('256 keys of a window are held, those that came last', () => {
  const vault = new Vault(new Redactor());
  for (const i of times(300)) vault.hold('window', { [`p${i}`]: `key-0123456789-${i}` });
  assert.equal(vault.keys.size, 256);
  assert.ok(vault.keys.has('p299') && !vault.keys.has('p43'));
});

test('64 keys at a time wait for a window to keep them', async () => {
  const asked: KeyToKeep[] = [];
  const keeper = new KeyKeeper({
    vault: new Vault(new Redactor()),
    windows: () => ['window'],
    ask: (_window, key) => asked.push(key) > 0,
  });
  const kept = times(65).map((i) => keeper.keep(`p${i}`, 'key-0123456789'));
  assert.equal(await kept[64], false);
  assert.equal(asked.length, 64);
  for (const { id } of asked) keeper.answer(id, true);
  assert.equal((await Promise.all(kept)).filter((one) => one).length, 64);
});

test('what a client or a provider says is kept in part', async (t) => {
  const log = new RequestLog();
  const long = 'x'.repeat(1_000_000);
  const record = log.begin(long, 'sim');
  record.attemptBegins(long, 0);
  record.attemptFailed(long);
  record.moveTo(long, 'sim');
  record.error = long;
  log.ended(record);
  assert.ok(JSON.stringify(log.detail(record.id)).length < 10_000);

  const sim = { adapter: 'openai-chat', baseUrl: 'http://127.0.0.1:1/v1', models: ['m'] };
  const proxy = await startProxy(testScope(t), { providers: { sim }, defaultProvider: 'sim' });
  await turn(proxy, { model: `sim/${long}` });
  assert.ok(JSON.stringify(proxy.proxy.snapshot()).length < 20_000);
});

test('sums of 1,000 models at most wait for the disk', async (t) => {
  const usage = new UsageTotals(testScope(t).directory('home'), (text) => assert.fail(text));
  const log = new RequestLog(undefined, (ended) => ended && usage.count(ended));
  for (const i of times(1_500)) log.ended(log.begin(`sim/m${i % 1_200}`, 'sim'));
  const { rows } = await usage.read(1);
  assert.equal(rows.length, 1_200);
  assert.equal(
    rows.reduce((sum, { requests }) => sum + requests, 0),
    1_500,
  );
  await usage.flush();
});

test('10,000 lines wait for a disk at most, the newest', async (t) => {
  const files = new DayFiles({
    folder: testScope(t).directory('days'),
    keepDays: 2,
    fileBytes: 100_000_000,
    totalBytes: 100_000_000,
    failed: (text) => assert.fail(text),
  });
  files.add('first');
  // While one write is under way there is one behind it, which takes what has come until then.
  const writes = new Set([files.flush()]);
  for (const i of times(10_500)) {
    files.add(`${i}`);
    writes.add(files.flush());
  }
  assert.ok(writes.size <= 2, `${writes.size} writes`);
  await Promise.all(writes);
  const lines = await files.read(dayOf(Date.now()));
  assert.equal(lines.at(-1), '10499');
  assert.ok(lines.length <= 10_001, `${lines.length} lines`);
});
