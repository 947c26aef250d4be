import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { codexProgram } from '../support/codex.ts';
import { Scope } from '../support/scope.ts';
import { call, text, usage, waitFor } from '../support/script.ts';
import { gate, until } from '../support/until.ts';
import { seen } from './screens.ts';
import {
  agreeToConnect,
  ownConfig,
  readCodexConfig,
  readConfig,
  readToken,
  type Session,
  startSession,
} from './session.ts';
import { steps } from './steps.ts';

/** One window from the first start to the last command, as a user goes through it. */
describe('real Codex through the proxy of a VS Code window', () => {
  const scope = new Scope();
  const step = steps();
  let session: Session;

  before(async () => {
    session = await startSession(scope);
  });
  after(() => scope.close());

  step('the proxy is up and the status bar shows the current model', async () => {
    const { editor, home, port } = session;
    await editor.statusItem.filter({ hasText: 'sim-1' }).waitFor();
    const answer = await fetch(`http://127.0.0.1:${port}/api/health`, {
      headers: { 'x-opencodex-token': readToken(home) },
    });
    assert.equal(answer.status, 200);
  });

  step('a key goes into the secret store and into no file', async () => {
    const { editor, home, provider } = session;
    await editor.run('OpenCodex: Set Provider Key...');
    await editor.quickPickRow('Simulated').click();
    await editor.type('API Key for Simulated', provider.apiKey);
    await seen(editor, 'opencodex.setProviderKey', 'the key is typed');
    await editor.page.keyboard.press('Enter');
    await until('the config to say where the key is', () =>
      JSON.stringify(readConfig(home)).includes('"keySource":"vault"'),
    );
    assert.ok(!JSON.stringify(readConfig(home)).includes(provider.apiKey));
  });

  step('connecting shows the lines, asks once and writes them', async () => {
    const { editor, codex, home, port } = session;
    await editor.run('OpenCodex: Connect Codex');
    const lines = editor.page.locator('.monaco-diff-editor .editor.modified .view-line');
    await lines.filter({ hasText: '[model_providers.opencodex]' }).waitFor();
    await lines
      .filter({ hasText: `http://127.0.0.1:${port}/v1` })
      .first()
      .waitFor();
    const shown = (await lines.allTextContents()).join('\n');
    assert.ok(!shown.includes(readToken(home)), 'the token is on the screen');
    assert.equal(readCodexConfig(codex), ownConfig, 'written before the answer');
    for (const theme of ['light', 'high contrast', 'high contrast light', 'dark'] as const) {
      await editor.theme(theme);
      await seen(editor, 'opencodex.connectCodex', 'the lines to be written');
    }

    await agreeToConnect(editor);
    await editor.notification('Codex is connected.').waitFor();
    await seen(editor, 'opencodex.connectCodex', 'connected');
    await until('the config to change', () => readCodexConfig(codex) !== ownConfig);
    assert.equal(await editor.page.locator('.monaco-diff-editor').count(), 0);
  });

  step('Codex works with the key of the secret store', async () => {
    const { codex, provider } = session;
    provider.play(
      [call('exec_command', { cmd: 'echo made by Codex > made.txt' })],
      [text('It is made.'), usage({ input: 1200, cached: 1000, output: 40 })],
    );
    const run = await codex.exec('Make a file');
    assert.equal(run.code, 0, String(run));
    assert.equal(run.messages.at(-1), 'It is made.');
    assert.equal(codex.read('made.txt'), 'made by Codex\n');
    assert.deepEqual(provider.refusals, []);
  });

  step('every link of the chain is checked, up to an answer to the installed Codex', async () => {
    const { editor, provider } = session;
    const folder = join(editor.root, 'home/.local/bin');
    mkdirSync(folder, { recursive: true });
    symlinkSync(codexProgram, join(folder, 'codex'));
    provider.play([text('OK')]);
    await editor.run('OpenCodex: Check Setup');
    await editor.quickPickRow('Everything').click();
    const report = await editor.rendered('OpenCodex setup');
    await seen(editor, 'opencodex.checkSetup', 'everything works');
    const words = (await report.locator('body').textContent()) ?? '';
    assert.match(words, /✓ Round trip/);
    assert.ok(!words.includes('✗'), words);
    await editor.run('View: Close Editor');
  });

  step('a model chosen in the window is used from the next turn on', async () => {
    const { editor, codex, provider, home } = session;
    await editor.statusItem.click();
    await editor.quickPickRow('sim-2').waitFor();
    await seen(editor, 'opencodex.switchModel', 'the models');
    await editor.quickPickRow('sim-2').click();
    await editor.statusItem.filter({ hasText: 'sim-2' }).waitFor();
    assert.match(JSON.stringify(readConfig(home)), /"currentModel":"sim\/sim-2"/);

    provider.play([text('From the other one.')]);
    const run = await codex.exec('Who are you?');
    assert.equal(run.messages.at(-1), 'From the other one.', String(run));
    assert.equal(provider.requests.at(-1)?.model, 'sim-2');
  });

  step(
    'a thread killed in the middle of an answer is replaced, and Codex ends its turn',
    async (t) => {
      const { editor, codex, provider } = session;
      const server = await codex.appServer();
      const thread = await server.startThread();
      const never = gate();
      provider.play([text('This will be cut of'), waitFor(never.opened)]);
      const turn = await server.startTurn(thread, 'Say something');
      await until('the first words', () => turn.deltas('item/agentMessage/delta').length > 0);
      await editor.statusItem.locator('.codicon-loading').waitFor();
      await seen(editor, 'opencodex.switchModel', 'in the status bar, with a turn that runs');

      provider.play([text('This one is whole.')]);
      const killedAt = Date.now();
      await editor.run('Test: Kill Worker Threads');
      const ended = await turn.completed();
      never.open();
      assert.match(JSON.stringify(ended), /"status":"completed"/);
      assert.match(JSON.stringify(turn.items('agentMessage')), /This one is whole\./);
      t.diagnostic(`the answer came ${Date.now() - killedAt} ms after the thread was killed`);
      await editor.statusItem.filter({ hasText: 'sim-2' }).waitFor();
    },
  );

  step('disconnecting gives Codex its file back byte for byte', async () => {
    const { editor, codex } = session;
    await editor.run('OpenCodex: Disconnect Codex');
    await editor.notification('Disconnect Codex?').waitFor();
    await seen(editor, 'opencodex.disconnectCodex', 'the question');
    await editor
      .notification('Disconnect Codex?')
      .getByRole('button', { name: 'Disconnect', exact: true })
      .click();
    await editor.notification('Codex is disconnected').waitFor();
    await seen(editor, 'opencodex.disconnectCodex', 'disconnected');
    assert.equal(readCodexConfig(codex), ownConfig);
  });

  step('no log of the window holds the key or the token', async () => {
    const { editor, home, provider } = session;
    await editor.run('OpenCodex: Show Log');
    const logs = editor.logs();
    assert.ok(logs.includes('The proxy listens on http'), 'the log of the extension is not there');
    assert.ok(!logs.includes(provider.apiKey), 'the key is in a log');
    assert.ok(!logs.includes(readToken(home)), 'the token is in a log');
  });
});
