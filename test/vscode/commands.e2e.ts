import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { after, before, describe } from 'node:test';
import { writeConfig } from '../support/configFile.ts';
import { at } from '../support/json.ts';
import { Scope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { type ThemeName, themes } from './editor.ts';
import { freePort, readConfig, readToken, type Session, startSession } from './session.ts';
import { steps } from './steps.ts';

describe('commands and failures', () => {
  const scope = new Scope();
  const step = steps();
  let session: Session;
  let foreign: Server;

  before(async () => {
    foreign = createServer((_, response) => void response.end('something else'));
    await new Promise<void>((listening) => foreign.listen(0, '127.0.0.1', listening));
    scope.add(() => foreign.close());
    session = await startSession(scope, { config: () => ({ port: portOf(foreign) }) });
  });
  after(() => scope.close());

  step('a port that another program holds is one message with a way out', async () => {
    const { editor } = session;
    const message = editor.notification(`Port ${portOf(foreign)} is in use`);
    await message.waitFor();
    assert.equal(await message.count(), 1);
    await editor.statusItem.locator('.codicon-error').waitFor();
    await editor.picture('port in use');
    await message.getByRole('button', { name: 'Change Port' }).click();
    const free = await freePort();
    await editor.type('Change Port', String(portOf(foreign)));
    await editor.page.getByText(`Another program listens on port ${portOf(foreign)}.`).waitFor();
    await editor.type('Change Port', String(free));
    await editor.page.keyboard.press('Enter');
    await editor.statusItem.filter({ hasText: 'sim-1' }).waitFor();
    assert.equal(await statusOf(free, session.home), 200);
    assert.match(JSON.stringify(readConfig(session.home)), new RegExp(`"port":${free}`));
  });

  step('stop and start', async () => {
    const { editor, home } = session;
    const port = portIn(home);
    await editor.run('OpenCodex: Stop Proxy');
    await editor.statusItem.filter({ hasText: 'Stopped' }).waitFor();
    assert.equal(await statusOf(port, home), undefined);
    await editor.run('OpenCodex: Start Proxy');
    await editor.statusItem.filter({ hasText: 'sim-1' }).waitFor();
    assert.equal(await statusOf(port, home), 200);
    const before = await startOf(port, home);
    await editor.run('OpenCodex: Restart Proxy');
    await until('the restarted proxy', async () => {
      const now = await startOf(port, home);
      return now !== undefined && now !== before;
    });
  });

  step('the connection is copied, the token only on demand', async () => {
    const { editor, home } = session;
    const url = `http://127.0.0.1:${portIn(home)}/v1`;
    await editor.statusItem.filter({ hasText: 'sim-1' }).waitFor();
    await editor.run('OpenCodex: Copy Connection Details');
    await editor.quickPickRow('Base URL').click();
    await until('the address', async () => (await clipboard()) === url);
    await editor.run('OpenCodex: Copy Connection Details');
    await editor.quickPickRow('Environment Variables').click();
    await until('the token', async () => (await clipboard()).includes(readToken(home)));

    function clipboard(): Promise<string> {
      return editor.page.evaluate(() => navigator.clipboard.readText());
    }
  });

  step('a broken config file keeps the proxy up, and the status bar says so', async () => {
    const { editor, home } = session;
    const good = readConfig(home);
    assert.ok(typeof good === 'object' && good !== null);
    writeConfig(home, { ...good, providers: { sim: { adapter: 'no such thing' } } });
    await editor.statusItem.locator('.codicon-warning').waitFor();
    await editor.picture('config error');
    await editor.statusItem.click();
    await editor.page.locator('.tab', { hasText: 'config.json' }).waitFor();
    assert.equal(await statusOf(portOfObject(good), home), 200);
    writeConfig(home, good);
    await editor.statusItem.filter({ hasText: 'sim-1' }).waitFor();
  });

  for (const theme of Object.keys(themes) as readonly ThemeName[]) {
    step(`status bar and tooltip: ${theme}`, async () => {
      const { editor } = session;
      await editor.theme(theme);
      await editor.statusItem.hover();
      await editor.page.locator('.workbench-hover', { hasText: 'Switch Model' }).waitFor();
      await editor.picture(`status bar ${theme}`);
      await editor.page.mouse.move(640, 300);
      await editor.page.locator('.workbench-hover').waitFor({ state: 'detached' });
    });
  }

  step('the start costs the editor next to nothing', async () => {
    const { editor } = session;
    // The whole report at once: the editor draws only what is in view.
    await editor.page.setViewportSize({ width: 1280, height: 3000 });
    await editor.run('Developer: Startup Performance');
    const row = editor.page
      .locator('.view-line')
      .filter({ hasText: /^\|\sopencodex\.opencodex\s/ });
    const [, , , load, call] = ((await row.textContent()) ?? '')
      .split('|')
      .map((cell) => cell.trim());
    console.log(`load ${load} ms, activate() ${call} ms`);
    assert.ok(Number(call) <= 15, `activate() took ${call} ms`);
  });
});

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function portIn(home: string): number {
  return portOfObject(readConfig(home));
}

function portOfObject(config: unknown): number {
  if (typeof config !== 'object' || config === null || !('port' in config)) throw new Error('none');
  return Number(config.port);
}

/** When the proxy that answers was started. */
async function startOf(port: number, home: string): Promise<unknown> {
  try {
    const headers = { 'x-opencodex-token': readToken(home) };
    const answer = await fetch(`http://127.0.0.1:${port}/api/state`, { headers });
    return at(await answer.json(), 'startedAt');
  } catch {
    return undefined;
  }
}

async function statusOf(port: number, home: string): Promise<number | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/api/health`, {
      headers: { 'x-opencodex-token': readToken(home) },
    });
    return answer.status;
  } catch {
    return undefined;
  }
}
