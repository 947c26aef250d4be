import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chatWire } from '../support/chatUpstream.ts';
import { CodexHome } from '../support/codex.ts';
import { writeConfig } from '../support/configFile.ts';
import { runOcx, startOcx } from '../support/ocx.ts';
import { testScope } from '../support/scope.ts';
import { call, text, waitFor } from '../support/script.ts';
import { gate, until } from '../support/until.ts';
import { model, wires } from './stack.ts';

for (const wire of wires) {
  describe(`a proxy that dies in the middle of a turn over ${wire.name}`, () => {
    test('is waited for, and the turn goes on when it is back on its port', async (t) => {
      const scope = testScope(t);
      const provider = await wire.start(scope);
      const home = scope.directory('home');
      writeConfig(home, { defaultProvider: 'sim', providers: { sim: provider.entry } });
      const first = await startOcx(scope, { home });
      const { stdout: token } = await runOcx(scope, ['token'], { home });
      const codex = new CodexHome(scope, { baseUrl: first.baseUrl, token: token.trim(), model });

      const never = gate();
      t.after(() => never.open());
      provider.play(
        [call('exec_command', { cmd: 'echo before >> log.txt' })],
        [text('I was ab'), waitFor(never.opened)],
      );
      const waiting: string[] = [];
      const { ended } = codex.startExec('Work', [], (event) => {
        if (event['type'] === 'error') waiting.push(String(event['message']));
      });
      await until('the second request', () => provider.requests.length === 2);
      assert.equal(await first.end('SIGKILL'), null);
      await until('Codex to notice', () => waiting.length > 0);

      provider.play([call('exec_command', { cmd: 'echo after >> log.txt' })], [text('Done.')]);
      const second = await startOcx(scope, { home, args: ['--port', String(first.port)] });
      assert.equal(second.baseUrl, first.baseUrl);
      const run = await ended;
      assert.equal(run.code, 0, String(run));
      assert.equal(run.messages.at(-1), 'Done.');
      assert.equal(codex.read('log.txt'), 'before\nafter\n');
      assert.deepEqual(provider.refusals, []);
      assert.equal(await second.end('SIGTERM'), 0);
    });
  });
}

test('a proxy that ends and comes back serves the threads of a running app-server', async (t) => {
  const scope = testScope(t);
  const provider = await chatWire.start(scope);
  const home = scope.directory('home');
  writeConfig(home, { defaultProvider: 'sim', providers: { sim: provider.entry } });
  const first = await startOcx(scope, { home });
  const { stdout: token } = await runOcx(scope, ['token'], { home });
  const codex = new CodexHome(scope, { baseUrl: first.baseUrl, token: token.trim(), model });
  const server = await codex.appServer();
  const thread = await server.startThread();
  provider.play([text('Before.')]);
  await (await server.startTurn(thread, 'Hello')).completed();

  assert.equal(await first.end('SIGTERM'), 0);
  const turn = await server.startTurn(thread, 'Are you there?');
  await until('Codex to notice', () => server.rpc.notices.some(({ method }) => method === 'error'));
  provider.play([text('After.')]);
  const second = await startOcx(scope, { home, args: ['--port', String(first.port)] });
  assert.match(JSON.stringify(await turn.completed()), /"status":"completed"/);
  assert.match(JSON.stringify(turn.items('agentMessage')), /After\./);
  const { messages } = provider.requests.at(-1) ?? {};
  assert.ok(
    messages?.some((message) => message.text.includes('Before.')),
    'the thread goes on',
  );
  assert.equal(await second.end('SIGTERM'), 0);
});
