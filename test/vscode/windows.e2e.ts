import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { Frame } from 'playwright-core';
import type { AppServer } from '../support/codexAppServer.ts';
import { at } from '../support/json.ts';
import { Scope } from '../support/scope.ts';
import { call, text, waitFor } from '../support/script.ts';
import { gate, until } from '../support/until.ts';
import type { Editor } from './editor.ts';
import { readConfig, readToken, type Session, startSession } from './session.ts';
import { steps } from './steps.ts';

// The editor writes a text of Markdown with unbreakable spaces.
const byAnother = /Served\sby\sanother\swindow\sor\sby\socx/;

/** Three windows of one user; the one that serves dies while real Codex works. */
describe('three windows', () => {
  const scope = new Scope();
  const step = steps();
  const never = gate();
  let session: Session;
  let windows: readonly Editor[];
  let server: AppServer;
  let thread: string;
  let dashboard: Frame;

  before(async () => {
    session = await startSession(scope);
    await session.editor.statusItem.filter({ hasText: 'sim-1' }).waitFor();
    const others = [await session.editor.another(), await session.editor.another()];
    windows = [session.editor, ...others];
    for (const { statusItem } of others) await statusItem.filter({ hasText: 'sim-1' }).waitFor();
  });
  after(async () => {
    never.open();
    await scope.close();
  });

  async function state(): Promise<unknown> {
    const headers = { 'x-opencodex-token': readToken(session.home) };
    const answer = await fetch(`http://127.0.0.1:${session.port}/api/state`, { headers });
    return answer.json();
  }

  /** The process of the extension host that serves. */
  async function servingProcess(): Promise<number> {
    return Number(at(await state(), 'pid'));
  }

  /** The places of the windows whose status bar says, to somebody who points at it, that another serves. */
  async function followers(): Promise<readonly number[]> {
    const found: number[] = [];
    for (const [place, { page, statusItem }] of windows.entries()) {
      await page.bringToFront();
      const hover = page.locator('.workbench-hover').filter({ hasText: '/v1' });
      // A window whose extension host starts again draws its item anew, also under the pointer.
      await until('the hover', async () => {
        await page.mouse.move(600, 300);
        await statusItem.hover();
        return hover.waitFor({ timeout: 3_000 }).then(
          () => true,
          () => false,
        );
      });
      if (byAnother.test((await hover.textContent()) ?? '')) found.push(place);
      await page.mouse.move(600, 300);
      await hover.waitFor({ state: 'detached' });
    }
    return found;
  }

  step('one serves, the others are attached, and their status bars say so', async () => {
    await until('two windows', async () => at(await state(), 'windows') === 2);
    assert.deepEqual(await followers(), [1, 2]);
  });

  step('a key that is typed in one window works while another one serves', async () => {
    const { provider, codex, home, port } = session;
    const [, window] = windows;
    assert.ok(window);
    const serving = await servingProcess();
    await window.run('OpenCodex: Set Provider Key...');
    await window.quickPickRow('Simulated').click();
    await window.type('API Key for Simulated', provider.apiKey);
    await window.page.keyboard.press('Enter');
    await until('the config to say where the key is', () =>
      JSON.stringify(readConfig(home)).includes('"keySource":"vault"'),
    );
    codex.configure({
      baseUrl: `http://127.0.0.1:${port}/v1`,
      token: readToken(home),
      model: 'opencodex/current',
    });
    server = await codex.appServer();
    thread = await server.startThread();
    provider.play(
      [call('exec_command', { cmd: 'echo one >> log.txt' })],
      [text('The first is done.')],
    );
    const turn = await server.startTurn(thread, 'Do the first');
    assert.equal(at(await turn.completed(), 'status'), 'completed');
    assert.equal(codex.read('log.txt'), 'one\n');
    assert.equal(await servingProcess(), serving);
  });

  step('the dashboard of a window that does not serve shows the requests', async () => {
    const [, , window] = windows;
    assert.ok(window);
    await window.run('OpenCodex: Open Dashboard');
    dashboard = await window.webview();
    await dashboard.getByRole('tab', { name: 'Requests' }).click();
    const rows = dashboard.getByRole('tabpanel', { name: 'Requests' }).getByText('sim-1');
    await until('two requests', async () => (await rows.count()) >= 2);
  });

  step('the serving window is killed in the middle of an answer, and Codex goes on', async () => {
    const { provider, codex } = session;
    const serving = await servingProcess();
    provider.play([text('This will be cut of'), waitFor(never.opened)]);
    const turn = await server.startTurn(thread, 'Do the second');
    await until('the first words', () => turn.deltas('item/agentMessage/delta').length > 0);
    for (const { statusItem } of windows) await statusItem.locator('.codicon-loading').waitFor();

    provider.play(
      [call('exec_command', { cmd: 'echo two >> log.txt' })],
      [text('The second is done.')],
    );
    process.kill(serving, 'SIGKILL');
    assert.equal(at(await turn.completed(), 'status'), 'completed');
    assert.match(JSON.stringify(turn.items('agentMessage')), /The second is done\./);
    assert.equal(codex.read('log.txt'), 'one\ntwo\n');
    assert.notEqual(await servingProcess(), serving);
    assert.deepEqual(provider.refusals, []);
  });

  step('every window shows the new one: status bars, requests, and the same thread', async () => {
    const { provider } = session;
    const [, ...others] = windows;
    for (const { statusItem } of others) await statusItem.filter({ hasText: 'sim-1' }).waitFor();
    // The editor starts the extension host that was killed again, and it follows, too.
    await until('two windows', async () => at(await state(), 'windows') === 2);
    const waiting = await followers();
    assert.equal(waiting.length, 2);
    assert.ok(waiting.includes(0));
    const rows = dashboard.getByRole('tabpanel', { name: 'Requests' }).getByText('sim-1');
    await until('the requests of both', async () => (await rows.count()) >= 4);
    provider.play([text('Still here.')]);
    const turn = await server.startTurn(thread, 'Are you there?');
    assert.equal(at(await turn.completed(), 'status'), 'completed');
  });
});
