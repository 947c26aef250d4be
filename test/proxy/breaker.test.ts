import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { Provider } from '../../src/providers/provider.ts';
import { Breaker } from '../../src/proxy/breaker.ts';
import { turnError } from '../../src/turn/error.ts';
import { plainProvider } from '../support/plainProvider.ts';

function provider(id: string): Provider {
  return { ...plainProvider, id, label: id, baseUrl: `http://${id}.test/v1` };
}

const sim = provider('sim');
const down = turnError('network', 'Sim cannot be reached.');
let now = 0;
let breaker = new Breaker();
beforeEach(() => {
  now = 1_000_000;
  breaker = new Breaker(() => now);
});

function fail(times: number, error = down): void {
  for (let i = 0; i < times; i += 1) breaker.failed(sim, error);
}

test('after five failures in a row a provider is left alone for a second', () => {
  fail(4);
  assert.equal(breaker.refusal(sim), undefined);
  assert.equal(breaker.outage(sim), undefined);
  fail(1);
  const refusal = breaker.refusal(sim);
  assert.equal(refusal?.restMs, 1_000);
  assert.equal(refusal.error.kind, 'network');
  assert.match(refusal.error.message, /^Sim cannot be reached\. .*5 times.*in 1 s/);
  assert.deepEqual(breaker.outage(sim), {
    failures: 5,
    error: 'Sim cannot be reached.',
    retryAt: now + 1_000,
  });
  assert.equal(breaker.refusal(provider('other')), undefined);
});

test('an overload counts, a refusal of one request shows that the provider is up', () => {
  fail(4, turnError('overloaded', 'Busy.', { status: 529 }));
  breaker.failed(sim, turnError('rejected', 'No.', { status: 400 }));
  fail(4);
  assert.equal(breaker.refusal(sim), undefined);
  for (const kind of ['auth', 'rate_limit', 'rejected', 'upstream'] as const) {
    breaker = new Breaker(() => now);
    fail(9, turnError(kind, 'No.', { status: kind === 'upstream' ? 500 : 429 }));
    assert.equal(breaker.refusal(sim), undefined, kind);
  }
});

test('then one turn is let through to see, and its success ends the outage', () => {
  fail(5);
  now += 1_000;
  assert.equal(breaker.refusal(sim), undefined);
  assert.notEqual(breaker.refusal(sim), undefined, 'only one');
  breaker.succeeded(sim);
  assert.equal(breaker.refusal(sim), undefined);
  assert.equal(breaker.outage(sim), undefined);
});

test('each probe that fails doubles the time, up to half a minute', () => {
  fail(5);
  const rests: number[] = [];
  for (let i = 0; i < 7; i += 1) {
    now += breaker.refusal(sim)?.restMs ?? 0;
    assert.equal(breaker.refusal(sim), undefined, 'the probe');
    fail(1);
    rests.push(breaker.refusal(sim)?.restMs ?? 0);
  }
  assert.deepEqual(rests, [2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test('attempts that were under way when it opened change nothing', () => {
  fail(5);
  now += 400;
  fail(20);
  assert.equal(breaker.refusal(sim)?.restMs, 600);
});

test('a probe that nobody hears of again does not lock the provider out', () => {
  fail(5);
  now += 1_000;
  assert.equal(breaker.refusal(sim), undefined);
  now += 1_000;
  assert.equal(breaker.refusal(sim), undefined);
});

test('another address is another server', () => {
  fail(5);
  assert.equal(breaker.refusal({ ...sim, baseUrl: 'http://elsewhere.test/v1' }), undefined);
});

test('no more than 200 providers are remembered', () => {
  fail(5);
  for (let i = 0; i < 200; i += 1) breaker.failed(provider(`p${i}`), down);
  assert.equal(breaker.outage(sim), undefined);
});
