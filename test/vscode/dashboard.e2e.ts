import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { Frame } from 'playwright-core';
import { writeConfig } from '../support/configFile.ts';
import { at } from '../support/json.ts';
import { Scope } from '../support/scope.ts';
import { http, text, usage } from '../support/script.ts';
import { until } from '../support/until.ts';
import { sideways, violations } from './axe.ts';
import { themeNames } from './editor.ts';
import { writeHistory } from './history.ts';
import { tabTo } from './keyboard.ts';
import { resized, type Shown, seen } from './screens.ts';
import { agreeToConnect, ask, readConfig, type Session, startSession } from './session.ts';
import { steps } from './steps.ts';

const tabs = ['Overview', 'Providers', 'Models', 'Requests', 'Usage'] as const;

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
          openrouter: {
            adapter: 'openai-chat',
            baseUrl: 'https://openrouter.ai/api/v1',
            apiKey: '$OPENROUTER_API_KEY',
          },
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

  async function open(tab: string): Promise<void> {
    await page.getByRole('tab', { name: tab }).click();
    await page.getByRole('tabpanel', { name: tab }).locator(':scope > *').first().waitFor();
  }

  step('opens once and shows state, connection, model and what is left to do', async () => {
    const { editor, port } = session;
    await editor.run('OpenCodex: Open Dashboard');
    page = await editor.webview();
    await page.getByText(`http://127.0.0.1:${port}/v1`).waitFor();
    await page.getByText('Not connected').waitFor();
    await page.getByText('Set up: 1 of 3 done').waitFor();
    await page.getByText('No requests yet.').waitFor();
    await seen(editor, 'opencodex.openDashboard', 'what is left to do');
    await editor.run('OpenCodex: Open Dashboard');
    assert.equal(await editor.page.locator('.tab', { hasText: 'OpenCodex' }).count(), 1);
  });

  step('paints soon', async (t) => {
    const painted = await page.evaluate(() => {
      const [paint] = performance.getEntriesByName('first-contentful-paint');
      return paint?.startTime ?? 0;
    });
    assert.ok(painted > 0);
    t.diagnostic(`first paint of the dashboard after ${Math.round(painted)} ms`);
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
    const { editor, home } = session;
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Stopped', { exact: true }).waitFor();
    await editor.statusItem.filter({ hasText: 'Stopped' }).waitFor();
    // The next start reads it.
    writeHistory(home);
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByText('Running', { exact: true }).waitFor();
  });

  step('providers are those of the config file and of the catalog', async () => {
    await open('Providers');
    await page.getByRole('listitem').filter({ hasText: 'Simulated' }).waitFor();
    await page.getByRole('button', { name: 'Add Mistral' }).waitFor();
    await page.getByRole('searchbox').fill('ollama');
    await page
      .getByRole('heading', { name: /Ollama/ })
      .first()
      .waitFor();
    assert.equal(await page.getByRole('button', { name: 'Add Mistral' }).count(), 0);
    await page.getByRole('searchbox').fill('');
    await page.getByRole('button', { name: 'Make default: DeepSeek' }).click();
    await until(
      'the new default',
      () => at(readConfig(session.home), 'defaultProvider') === 'deepseek',
    );
    await page.getByRole('button', { name: 'Make default: Simulated' }).waitFor();
  });

  step('a provider is edited in the page, switched off and on again', async () => {
    const { home } = session;
    const entry = (field: string) => at(readConfig(home), 'providers', 'openrouter', field);
    await page.getByRole('button', { name: 'Edit: OpenRouter' }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit OpenRouter' });
    await dialog.getByLabel('The name that is shown').fill('Router');
    await dialog.getByLabel('Default model').fill('z-ai/glm-5');
    assert.deepEqual(await violations(page), []);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(entry('label'), 'Router');
    assert.equal(entry('defaultModel'), 'z-ai/glm-5');
    assert.equal(entry('baseUrl'), 'https://openrouter.ai/api/v1');
    await page.getByRole('button', { name: 'Switch off: Router' }).click();
    await page.getByRole('listitem').filter({ hasText: 'Switched off' }).waitFor();
    assert.equal(entry('enabled'), false);
    assert.match(await ask(session, 'openrouter/z-ai/glm-5'), /it is switched off/);
    await page.getByRole('button', { name: 'Switch on: Router' }).click();
    await page.getByRole('button', { name: 'Switch off: Router' }).waitFor();
    assert.equal(entry('enabled'), undefined);
  });

  step('what VS Code’s own models cost is read before Codex may use them', async () => {
    const { editor } = session;
    await page.getByRole('button', { name: 'Allow Codex to use VS Code’s own models' }).click();
    const question = editor.page.locator('.monaco-dialog-box');
    await question.filter({ hasText: 'Copilot allowance' }).waitFor();
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'detached' });
    await page.getByRole('listitem').filter({ hasText: 'Not allowed' }).waitFor();
  });

  step('a provider is tested in place', async () => {
    await page.getByRole('button', { name: 'Test: Simulated' }).click();
    await page.getByRole('status').filter({ hasText: 'Simulated' }).waitFor();
  });

  step(
    'models are switched, hidden and chosen for sub-agents, with the keyboard alone',
    async () => {
      const { editor, home } = session;
      await open('Models');
      await press('Switch to sim/sim-2');
      await until('the current model', () => at(readConfig(home), 'currentModel') === 'sim/sim-2');
      const offered = page.getByRole('checkbox', { name: 'Show sim/sim-1 in Codex' });
      await tabTo(editor.page.keyboard, offered);
      await editor.page.keyboard.press('Space');
      await until('the hidden model', () => listed('disabledModels').includes('sim/sim-1'));
      await editor.page.keyboard.press('Space');
      await until('the shown model', () => !listed('disabledModels').includes('sim/sim-1'));

      const inChat = page.getByRole('checkbox', { name: 'Show sim/sim-1 in VS Code Chat' });
      await tabTo(editor.page.keyboard, inChat);
      await editor.page.keyboard.press('Space');
      await until('what the chat hides', () => listed('chatHiddenModels').includes('sim/sim-1'));

      await press('+ sub-agent: sim/sim-1');
      await until('the first sub-agent', () => listed('subagentModels').includes('sim/sim-1'));
      await press('+ sub-agent: sim/sim-2');
      await until('two sub-agents', () => listed('subagentModels').includes('sim/sim-2'));
      const before = listed('subagentModels');
      await page.getByRole('button', { name: 'sim/sim-2', exact: true }).focus();
      await editor.page.keyboard.press('Alt+ArrowUp');
      await until('the new order', () => String(listed('subagentModels')) !== String(before));
      await until('the focus on what was moved', () =>
        page.evaluate(() => document.activeElement?.textContent?.includes('sim/sim-2') ?? false),
      );
      await editor.page.keyboard.press('Delete');
      await until('one less', () => !listed('subagentModels').includes('sim/sim-2'));

      async function press(name: string): Promise<void> {
        await tabTo(editor.page.keyboard, page.getByRole('button', { name, exact: true }));
        await editor.page.keyboard.press('Enter');
      }
      function listed(field: string): readonly unknown[] {
        const value = at(readConfig(home), field);
        return Array.isArray(value) ? value : [];
      }
    },
  );

  step('the sidecars are set in place', async () => {
    const searches = page.getByRole('spinbutton', { name: 'Searches in one turn' });
    await searches.fill('5');
    await searches.press('Tab');
    await page.getByText('Saved.').waitFor();
    assert.equal(at(readConfig(session.home), 'webSearchSidecar', 'maxSearchesPerTurn'), 5);
    await searches.fill('1000');
    await searches.press('Tab');
    await until('the number that is allowed', async () => (await searches.inputValue()) === '5');
  });

  step('follows requests, failed ones with their reason', async () => {
    const { provider } = session;
    provider.play([text('Fine.'), usage({ input: 12345, cached: 12000, output: 67 })]);
    provider.play(http(400, { error: { message: 'The model takes no audio.', code: 'no_audio' } }));
    await open('Requests');
    await ask(session, 'sim/sim-1');
    await page.getByRole('row', { name: /sim-1.*Completed.*12,345.*12,000.*67/ }).waitFor();
    await ask(session, 'sim/sim-1');
    const failed = page.getByRole('row', { name: /sim-1.*Failed/ });
    await failed.getByRole('button').click();
    await page.getByRole('paragraph').filter({ hasText: 'The model takes no audio' }).waitFor();
    await until('the focus on the details', () =>
      page.evaluate(() => document.activeElement?.tagName === 'H2'),
    );
    await page.getByRole('button', { name: 'Close' }).click();
    await until('the focus on its row', () =>
      failed.getByRole('button').evaluate((button) => button === document.activeElement),
    );
  });

  step('usage has the tokens of the day', async () => {
    await open('Usage');
    await page.getByRole('img', { name: /Tokens per day/ }).waitFor();
    await page.getByRole('row', { name: /sim\/sim-1.*2.*1.*12,345/ }).waitFor();
  });

  step('the page is as it was after a reload of the window', async () => {
    const { editor } = session;
    await editor.reload();
    page = await editor.webview();
    await page.getByRole('tab', { name: 'Usage', selected: true }).waitFor();
    await page.getByText(/^Running/).waitFor();
  });

  step('Codex is connected from the page', async () => {
    const { editor } = session;
    await open('Overview');
    const step = page.getByRole('listitem').filter({ hasText: 'One block in its config file' });
    await step.getByRole('button', { name: 'Connect Codex' }).click();
    await agreeToConnect(editor);
    // The lines that will be written are shown in its place meanwhile.
    page = await editor.webview();
    await page.getByText('Connected', { exact: true }).waitFor();
    await editor.run('Notifications: Clear All Notifications');
  });

  step('the page has the whole window, and the details of a request are open', async () => {
    const { editor } = session;
    await editor.run('View: Toggle Primary Side Bar Visibility');
    await editor.page.locator('.part.sidebar').waitFor({ state: 'hidden' });
    await open('Requests');
    await page
      .getByRole('row', { name: /deepseek-v4-pro/ })
      .first()
      .getByRole('button')
      .click();
    await page.getByRole('heading', { name: 'What happened' }).waitFor();
  });

  for (const theme of themeNames) {
    step(`everybody can use every page in any size: ${theme}`, async () => {
      const { editor } = session;
      await editor.theme(theme);
      await lookAtAll(editor);
      await resized(editor, '200 %', lookAtAll);
      await resized(editor, '600 px', lookAtAll);
    });
  }

  /** What a page says once its data are there. */
  const filled: Readonly<Record<(typeof tabs)[number], string>> = {
    Overview: '% from cache',
    Providers: 'deepseek',
    Models: 'deepseek/deepseek-v4-pro',
    Requests: 'deepseek/deepseek-v4-pro',
    Usage: 'deepseek/deepseek-v4-pro',
  };

  async function lookAtAll(shown: Shown): Promise<void> {
    for (const tab of tabs) {
      await open(tab);
      await page.getByRole('tabpanel', { name: tab }).getByText(filled[tab]).first().waitFor();
      // Changes of size and theme reach the page later.
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(drawn)));
      await seen(shown, 'opencodex.openDashboard', tab.toLowerCase());
      const where = `${tab} ${shown.size ?? ''}`;
      assert.deepEqual(await violations(page), [], where);
      assert.equal(await sideways(page), 0, where);
    }
  }

  step('the pages are reached with the keyboard alone', async () => {
    const { editor } = session;
    await page.getByRole('tab', { selected: true }).focus();
    await editor.page.keyboard.press('Home');
    await page.getByRole('tab', { name: 'Overview', selected: true }).waitFor();
    const reached: string[] = [];
    for (let presses = 0; presses < 12; presses++) {
      await editor.page.keyboard.press('Tab');
      reached.push(await page.evaluate(() => document.activeElement?.textContent ?? ''));
    }
    for (const name of ['Copy', 'Restart', 'Stop', 'Disconnect Codex', 'Switch Model']) {
      assert.ok(reached.includes(name), `${name} in ${reached.join(', ')}`);
    }
    await page.getByRole('tab', { selected: true }).focus();
    await editor.page.keyboard.press('ArrowLeft');
    await page.getByRole('tab', { name: 'Usage', selected: true }).waitFor();
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
    await open('Providers');
    await page.getByRole('heading', { name: hostile }).waitFor();
    await open('Models');
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
