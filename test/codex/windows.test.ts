import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localToken } from '../../src/credentials/token.ts';
import { chatWire } from '../support/chatUpstream.ts';
import { CodexHome } from '../support/codex.ts';
import { writeConfig } from '../support/configFile.ts';
import { freePort } from '../support/freePort.ts';
import { type ProxyProcess, startProxyProcess } from '../support/proxyProcess.ts';
import { testScope } from '../support/scope.ts';
import { call, text, waitFor } from '../support/script.ts';
import { gate, until } from '../support/until.ts';
import { model } from './stack.ts';

test('three windows: the serving one is killed twice in the middle of a turn, and the session goes on', async (t) => {
  const scope = testScope(t);
  const provider = await chatWire.start(scope);
  const home = scope.directory('home');
  const port = await freePort();
  // The key is in the windows' secret store: whoever takes over has it at once.
  const { apiKey, ...entry } = provider.entry;
  const vaulted = { ...entry, keySource: 'vault' };
  writeConfig(home, { defaultProvider: 'sim', providers: { sim: vaulted } });
  const keys = { sim: String(apiKey) };
  const windows: ProxyProcess[] = [];
  for (const state of ['listening', 'elsewhere', 'elsewhere']) {
    const window = startProxyProcess(scope, { home, port, keys });
    await window.reaches(state);
    windows.push(window);
  }
  const token = await localToken(home);
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  const codex = new CodexHome(scope, { baseUrl, token, model });

  const never = gate();
  t.after(() => never.open());
  const took: number[] = [];
  const { ended } = codex.startExec('Work');
  for (const round of [1, 2]) {
    provider.play(
      [call('exec_command', { cmd: `echo ${round} >> log.txt` })],
      [text('I was ab'), waitFor(never.opened)],
    );
    await until('the turn', () => provider.requests.length === 2 * round);
    const serving = windows.find(({ states }) => states.at(-1)?.status === 'listening');
    assert.ok(serving);
    const others = windows.filter((window) => window !== serving);
    const killed = await serving.kill();
    windows.splice(0, windows.length, ...others);
    const next = await until('the takeover', () =>
      others
        .flatMap(({ states }) => states)
        .find(({ at, status }) => {
          return status === 'listening' && at > killed;
        }),
    );
    took.push(next.at - killed);
  }
  provider.play([text('Done.')]);
  const run = await ended;
  assert.equal(run.code, 0, String(run));
  assert.equal(run.messages.at(-1), 'Done.');
  assert.equal(codex.read('log.txt'), '1\n2\n');
  assert.deepEqual(provider.refusals, []);
  t.diagnostic(`takeover: ${took.map((ms) => `${ms.toFixed(1)} ms`).join(', ')}`);
});
