import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ProxyOptions } from '../../src/proxy/proxyOptions.ts';
import { call, http, text } from '../support/script.ts';
import { startStack, wires } from './stack.ts';

const overloaded = http(529, {
  error: { message: 'Overloaded.', type: 'overloaded_error', param: null, code: null },
});

for (const wire of wires) {
  describe(`a provider over ${wire.name}`, () => {
    test('that is overloaded for a moment is not noticed by Codex', async (t) => {
      const { provider, proxy, codex } = await startStack(t, wire);
      provider.play(overloaded, overloaded, [call('exec_command', { cmd: 'echo once' })]);
      provider.play(overloaded, [text('Done.')]);
      const run = await codex.exec('Run it');
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(run.messages, ['Done.']);
      assert.equal(run.items('command_execution').length, 1);
      assert.doesNotMatch(String(run), /Reconnecting/);
      assert.equal((await proxy.proxy.snapshot()).requests.length, 2, 'requests of Codex');
      assert.equal(provider.posts, 5, 'requests at the provider');
    });
  });
}

const [firstWire] = wires;
assert.ok(firstWire !== undefined);

test('where a model cannot answer, Codex gets the answer of its fallback', async (t) => {
  const { provider, proxy, codex } = await startStack(t, firstWire, {
    config: { fallbacks: { 'down/sim-1': ['sim/sim-1'] } },
    others: { down: { adapter: 'anthropic', baseUrl: 'http://127.0.0.1:9', apiKey: 'k' } },
    codex: { model: 'down/sim-1' },
  });
  provider.play([text('From the other one.')]);
  const run = await codex.exec('Hello');
  assert.equal(run.code, 0, String(run));
  assert.deepEqual(run.messages, ['From the other one.']);
  assert.doesNotMatch(String(run), /Reconnecting/);
  const [record] = (await proxy.proxy.snapshot()).requests;
  assert.equal(record?.model, 'sim/sim-1');
});

test('a login that is refused is renewed, and Codex does not notice', async (t) => {
  let key = '';
  const login = (name: string) => ({
    ok: true as const,
    headers: { authorization: `Bearer ${key}`, 'x-login': name },
    secrets: [],
    authenticated: true,
  });
  const fetchCredentials: NonNullable<ProxyOptions['fetchCredentials']> = () =>
    Promise.resolve({ ...login('expired'), renew: () => Promise.resolve(login('renewed')) });
  const { provider, codex } = await startStack(t, firstWire, { proxy: { fetchCredentials } });
  key = provider.apiKey;
  provider.play(http(401, { error: { message: 'The token has expired.' } }), [text('Signed in.')]);
  const run = await codex.exec('Hello');
  assert.equal(run.code, 0, String(run));
  assert.deepEqual(run.messages, ['Signed in.']);
  assert.doesNotMatch(String(run), /Reconnecting/);
  const logins = provider.requests.map(({ headers }) => headers['x-login']);
  assert.deepEqual(logins, ['expired', 'renewed']);
});
