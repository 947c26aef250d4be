import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Allowance } from '../../src/proxy/limits.ts';
import { RequestJournal } from '../../src/proxy/requestJournal.ts';
import { RequestLog, type RequestRecord } from '../../src/proxy/requestLog.ts';
import { type Scope, testScope } from '../support/scope.ts';

const fail = (message: string): never => assert.fail(message);

function journalIn(home: string): RequestJournal {
  return new RequestJournal(home, fail);
}

function finished(log: RequestLog, model = 'sim/m'): RequestRecord {
  const record = log.begin(model, 'sim');
  record.status = 'completed';
  record.totalMs = 12;
  record.usage = {
    inputTokens: 10,
    cachedTokens: 4,
    cacheWriteTokens: 0,
    outputTokens: 3,
    reasoningTokens: 1,
  };
  log.ended(record);
  return record;
}

async function logOn(scope: Scope): Promise<{ log: RequestLog; home: string }> {
  const home = scope.directory('home');
  return { log: new RequestLog(journalIn(home)), home };
}

test('the newest 5,000 turns are kept, newest first', () => {
  const log = new RequestLog();
  for (let i = 0; i < 5_700; i++) log.begin(`sim/m${i}`, 'sim');
  const list = log.list();
  assert.equal(list.length, 5_000);
  assert.equal(list[0]?.model, 'sim/m5699');
  assert.equal(list.at(-1)?.model, 'sim/m700');
  assert.equal(new Set(list.map(({ id }) => id)).size, 5_000);
});

test('what runs while the log is loaded is not lost behind a full one from before', async (t) => {
  const { log, home } = await logOn(testScope(t));
  for (let i = 0; i < 5_000; i++) finished(log, 'sim/before');
  await log.flush();
  const again = new RequestLog(journalIn(home));
  const loaded = again.load();
  const running = again.begin('sim/running', 'sim');
  await loaded;
  assert.equal(again.list().length, 5_000);
  again.begin('sim/next', 'sim');
  assert.ok(again.detail(running.id), 'the newest of all is not the first to go');
});

test('a page has what began or ended after the one before', () => {
  const log = new RequestLog();
  const first = log.begin('sim/a', 'sim');
  const whole = log.page(undefined);
  assert.equal(whole.complete, true);
  assert.deepEqual(log.page(whole.cursor), { ...whole, complete: false, requests: [] });
  finished(log, 'sim/b');
  first.status = 'failed';
  log.ended(first);
  const next = log.page(whole.cursor);
  assert.equal(next.complete, false);
  assert.deepEqual(next.requests.map(({ model, status }) => `${model} ${status}`).sort(), [
    'sim/a failed',
    'sim/b completed',
  ]);
  assert.equal(log.page(next.cursor).requests.length, 0);
  assert.equal(log.page('of another proxy.3').complete, true);
  assert.equal(log.page(undefined, 1).requests.length, 1);
});

test('what has ended is there again after a restart, and what two have written', async (t) => {
  const { log, home } = await logOn(testScope(t));
  const record = finished(log);
  record.mark('late');
  log.begin('sim/running', 'sim');
  const other = new RequestLog(journalIn(home));
  finished(other, 'sim/other');
  await Promise.all([log.flush(), other.flush()]);
  const again = new RequestLog(journalIn(home));
  await again.load();
  assert.deepEqual(
    again
      .list()
      .map(({ model }) => model)
      .sort(),
    ['sim/m', 'sim/other'],
  );
  assert.equal(again.detail(record.id)?.inputTokens, 10);
  await again.load();
  assert.equal(again.list().length, 2, 'nothing stands there twice');
});

test('the file is for this user alone and holds nothing that the client said', async (t) => {
  const { log, home } = await logOn(testScope(t));
  const record = log.begin('sim/m', 'sim');
  record.additions = [
    { kind: 'identity', text: 'x'.repeat(5_000), replaces: 'words of the client', times: 1 },
  ];
  log.ended(record);
  await log.flush();
  const [name = ''] = readdirSync(join(home, 'logs'));
  const path = join(home, 'logs', name);
  const text = readFileSync(path, 'utf8');
  assert.ok(!text.includes('words of the client'));
  assert.ok(text.length < 1_500);
  if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(log.detail(record.id)?.additions[0]?.replaces, 'words of the client');
});

test('damaged lines do not hide the others', async (t) => {
  const { log, home } = await logOn(testScope(t));
  finished(log);
  await log.flush();
  const [name = ''] = readdirSync(join(home, 'logs'));
  const path = join(home, 'logs', name);
  writeFileSync(path, `{"half":\n\0\0\n[]\n${readFileSync(path, 'utf8')}{"id":"x"`);
  const again = new RequestLog(journalIn(home));
  await again.load();
  assert.equal(again.list().length, 1);
});

test('clearing forgets what has ended, also on the disk, and tells those who ask', async (t) => {
  const { log, home } = await logOn(testScope(t));
  finished(log);
  const running = log.begin('sim/running', 'sim');
  const { cursor } = log.page(undefined);
  await log.clear();
  const page = log.page(cursor);
  assert.equal(page.complete, true);
  assert.deepEqual(
    page.requests.map(({ id }) => id),
    [running.id],
  );
  assert.deepEqual(readdirSync(join(home, 'logs')), []);
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
