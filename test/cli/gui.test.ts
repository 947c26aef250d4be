import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeConfig } from '../support/configFile.ts';
import { runOcx } from '../support/ocx.ts';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';

test('ocx gui prints a link that opens a session', async (t) => {
  const scope = testScope(t);
  const proxy = await startProxy(scope, {});
  const args = ['gui', '--no-open', '--port', String(proxy.port)];
  const { code, stdout, stderr } = await runOcx(scope, args, { home: proxy.home });
  assert.equal(code, 0, stderr);
  const answer = await fetch(stdout.trim(), { redirect: 'manual' });
  assert.equal(answer.status, 200);
  assert.ok(!stdout.includes(proxy.token));
});

test('ocx gui says what to do where no proxy runs', async (t) => {
  const scope = testScope(t);
  const home = scope.directory('home');
  writeConfig(home, {});
  const { code, stderr } = await runOcx(scope, ['gui', '--no-open', '--port', '1'], { home });
  assert.equal(code, 1);
  assert.match(stderr, /does not run: nothing answers on port 1\..*ocx start/);
});

test('another key of a provider replaces the one of config.json', async (t) => {
  const proxy = await startProxy(testScope(t), {
    providers: {
      sim: { adapter: 'openai-chat', baseUrl: 'https://sim.example/v1', apiKey: 'old' },
    },
  });
  const put = (keep: string) =>
    proxy.proxy.api({
      method: 'PUT',
      path: '/api/providers/sim/key',
      body: { key: 'sk-new-key-abcd', keep },
    });
  assert.equal((await put('vault')).status, 409, 'no window is open');
  assert.equal((await put('config')).status, 200);
  const { body } = await proxy.proxy.api({ method: 'GET', path: '/api/providers' });
  assert.match(JSON.stringify(body), /"lastFour":"abcd"/);
});
