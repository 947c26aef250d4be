import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { Scope } from '../support/scope.ts';
import { call, text, usage } from '../support/script.ts';
import { until } from '../support/until.ts';
import { seen } from './screens.ts';
import { agreeToConnect, readToken, type Session, startSession } from './session.ts';
import { steps } from './steps.ts';

/** Our models for other extensions, and another extension's model for Codex, in one window. */
describe('language models between VS Code and OpenCodex', () => {
  const scope = new Scope();
  const step = steps();
  const folder = scope.directory('friend');
  let session: Session;

  const listed = async (): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${session.port}/v1/codex/models`, {
      headers: { 'x-opencodex-token': readToken(session.home) },
    });
    return await answer.text();
  };

  before(async () => {
    session = await startSession(scope, {
      config: (sim) => ({ providers: { sim: { ...sim, label: 'Simulated' } } }),
      settings: { 'chat.disableAIFeatures': false },
      env: { MODEL_FRIEND: folder },
    });
    await session.editor.statusItem.filter({ hasText: 'sim-1' }).waitFor();
  });
  after(() => scope.close());

  step('another extension gets the answer of a routed model, with a call of its tool', async () => {
    const { editor, provider } = session;
    provider.play(
      [text('I look.'), call('look', { at: 'sky' }), usage({ input: 20, output: 5 })],
      [text('It is blue.')],
    );
    await editor.run('Test: Ask a Model of OpenCodex');
    const file = join(folder, 'asked.json');
    await until('the answer', () => existsSync(file) && readFileSync(file, 'utf8') !== '');
    const asked = JSON.parse(readFileSync(file, 'utf8'));
    assert.equal(asked.error, undefined);
    assert.equal(asked.steps[0].text, 'I look.');
    assert.deepEqual(asked.steps[0].calls[0].input, { at: 'sky' });
    assert.equal(asked.steps[1].text, 'It is blue.');
    assert.equal(asked.tokens, 7);
    assert.deepEqual(provider.refusals, []);
  });

  step('Codex does not see the models of VS Code before the user allows it', async () => {
    assert.ok(!(await listed()).includes('friend-1'));
  });

  step('one consent that names the cost makes them models of Codex', async () => {
    const { editor } = session;
    await editor.run("OpenCodex: Allow Codex to Use VS Code's Models...");
    const dialog = editor.page.locator('.monaco-dialog-box');
    await dialog.filter({ hasText: 'Copilot allowance' }).waitFor();
    await seen(editor, 'opencodex.allowEditorModels', 'what it costs');
    await dialog.getByRole('button', { name: 'Allow', exact: true }).click();
    await until('the model in the catalog', async () => (await listed()).includes('friend-1'));
    assert.ok(!(await listed()).includes('vscode/sim'), 'our own models go in a circle');
  });

  step('Codex works with a model of VS Code', async () => {
    const { editor, codex } = session;
    await editor.run('OpenCodex: Connect Codex');
    await agreeToConnect(editor);
    await editor.notification('Codex is connected.').waitFor();
    const run = await codex.exec('Write a file', ['-m', 'vscode/friend-1']);
    assert.equal(run.code, 0, String(run));
    assert.equal(run.messages.at(-1), 'It is written.');
    assert.equal(codex.read('friend.txt'), 'by a friend\n');
    const [first] = readFileSync(join(folder, 'friend.jsonl'), 'utf8').split('\n');
    assert.ok(JSON.parse(first ?? '').tools.includes('exec_command'));
  });

  step('who goes away ends the answer of the model', async () => {
    const gone = new AbortController();
    const answer = await fetch(`http://127.0.0.1:${session.port}/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-opencodex-token': readToken(session.home) },
      body: JSON.stringify({ model: 'vscode/friend-1', input: 'Wait for ever', stream: true }),
      signal: gone.signal,
    });
    assert.equal(answer.status, 200);
    gone.abort();
    await until('the model to hear of it', () => existsSync(join(folder, 'cancelled')));
  });
});
