import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe } from 'node:test';
import type { Frame } from 'playwright-core';
import { writeConfig } from '../support/configFile.ts';
import { Scope } from '../support/scope.ts';
import { http, text, usage } from '../support/script.ts';
import { type ThemeName, themes } from './editor.ts';
import { ask, type Session, startSession } from './session.ts';
import { steps } from './steps.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Names from outside that a careless page would run, load or make a link of. */
const hostile = '<img src=x onerror=alert(1)>[x](command:workbench.action.quit)';

describe('the dashboard', () => {
  const scope = new Scope();
  const step = steps();
  let session: Session;
  let page: Frame;

  before(async () => {
    session = await startSession(scope, {
      config: (sim) => ({
        providers: {
          sim: { ...sim, label: 'Simulated' },
          deepseek: { adapter: 'openai-chat', baseUrl: 'https://api.deepseek.com' },
          openai: {
            adapter: 'openai-responses',
            baseUrl: 'https://chatgpt.com/backend-api/codex',
            authMode: 'forward',
          },
        },
      }),
    });
    await session.editor.statusItem.waitFor();
  });
  after(() => scope.close());

  step('opens once and shows state, connection, model and providers', async () => {
    const { editor, port } = session;
    await editor.run('OpenCodex: Open Dashboard');
    page = await editor.webview();
    await page.getByText(`http://127.0.0.1:${port}/v1`).waitFor();
    await page.getByText('Not connected').waitFor();
    await page.getByText('None yet.').waitFor();
    await editor.run('OpenCodex: Open Dashboard');
    assert.equal(await editor.page.locator('.tab', { hasText: 'OpenCodex' }).count(), 1);
  });

  step('runs nothing but its own script', async () => {
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.intruder = true';
      document.body.append(script);
      const seen = 'intruder' in window;
      script.remove();
      return seen;
    });
    assert.equal(ran, false);
    const policy = await page
      .locator('meta[http-equiv="Content-Security-Policy"]')
      .getAttribute('content');
    assert.ok(policy?.includes("default-src 'none'"));
    assert.ok(!policy?.includes('unsafe'));
  });

  step('a button runs its command', async () => {
    const { editor } = session;
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Stopped', { exact: true }).waitFor();
    await editor.statusItem.filter({ hasText: 'Stopped' }).waitFor();
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByText('Running', { exact: true }).waitFor();
  });

  step('is there again after a reload of the window', async () => {
    const { editor } = session;
    await editor.reload();
    page = await editor.webview();
    await page.getByText(/^Running/).waitFor();
  });

  step('follows requests, failed ones with their reason', async () => {
    const { provider } = session;
    provider.play([text('Fine.'), usage({ input: 12345, cached: 12000, output: 67 })]);
    provider.play(http(400, { error: { message: 'Your prompt is impolite.', code: 'impolite' } }));
    await ask(session, 'sim/sim-1');
    await ask(session, 'sim/sim-1');
    await page.getByRole('row', { name: /sim-1.*Completed.*12,345.*12,000.*67/ }).waitFor();
    await page.getByRole('row', { name: /sim-1.*Failed.*Your prompt is impolite/ }).waitFor();
  });

  for (const theme of Object.keys(themes) as readonly ThemeName[]) {
    step(`has no accessibility violation: ${theme}`, async () => {
      const { editor } = session;
      await editor.theme(theme);
      await page.locator('main').waitFor();
      await editor.picture(`dashboard ${theme}`);
      await page.evaluate(axe);
      const violations = await page.evaluate(async () => {
        // biome-ignore lint/suspicious/noExplicitAny: the script has put it there
        const { violations } = await (globalThis as any).axe.run();
        return violations.map(
          (found: { id: string; nodes: { html: string }[] }) =>
            `${found.id}: ${found.nodes.map((node) => node.html).join(' ')}`,
        );
      });
      assert.deepEqual(violations, []);
    });
  }

  step('can be used with the keyboard alone', async () => {
    const { editor } = session;
    await page.getByRole('button', { name: 'Show Log' }).focus();
    const reached: (string | null)[] = [];
    for (let presses = 0; presses < 12; presses++) {
      reached.push(await page.evaluate(() => document.activeElement?.textContent ?? null));
      await editor.page.keyboard.press('Tab');
    }
    for (const name of ['Copy', 'Restart', 'Stop', 'Connect Codex', 'Switch Model']) {
      assert.ok(reached.includes(name), `${name} in ${reached.join(', ')}`);
    }
  });
  step('shows names from outside as plain text, also in the tooltip', async () => {
    const { editor, home } = session;
    const { apiKey: _, ...entry } = session.provider.entry;
    writeConfig(home, {
      port: session.port,
      defaultProvider: 'other',
      currentModel: `other/${hostile}`,
      providers: { other: { ...entry, label: hostile, models: [hostile] } },
    });
    await page.getByRole('rowheader', { name: hostile }).waitFor();
    assert.equal(await page.locator('img').count(), 0);
    assert.equal(await page.locator('a').count(), 0);
    await editor.statusItem.hover();
    const tooltip = editor.page.locator('.workbench-hover', { hasText: 'Switch Model' });
    await tooltip.waitFor();
    const shown = (await tooltip.textContent())?.replaceAll('\u00a0', ' ');
    assert.ok(shown?.includes(hostile), shown);
    assert.equal(await tooltip.locator('img').count(), 0);
    assert.equal(await tooltip.getByRole('link', { name: 'x', exact: true }).count(), 0);
  });
});
