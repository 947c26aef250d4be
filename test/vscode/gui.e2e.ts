import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { writeConfig } from '../support/configFile.ts';
import { at } from '../support/json.ts';
import { type RunningOcx, runOcx, startOcx } from '../support/ocx.ts';
import { Scope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { startUpstream } from '../support/upstream.ts';
import { violations } from './axe.ts';
import { launchBrowser } from './browser.ts';
import { tabTo } from './keyboard.ts';
import { readConfig } from './session.ts';
import { steps } from './steps.ts';

const ocxFile = fileURLToPath(new URL('../../dist/ocx.cjs', import.meta.url));
const pictures = fileURLToPath(new URL('screenshots', import.meta.url));
const key = 'sk-sim-of-the-browser-test';
const tabs = ['Overview', 'Providers', 'Models', 'Requests', 'Usage'];

describe('the dashboard in a browser', () => {
  const scope = new Scope();
  const step = steps();
  let home: string;
  let ocx: RunningOcx;
  let upstream: string;
  let browser: Browser;
  let page: Page;

  before(async () => {
    home = scope.directory('home');
    const { url } = await startUpstream(scope, ({ headers }, response) => {
      const known = headers.authorization === `Bearer ${key}`;
      response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' });
      response.end(JSON.stringify(known ? { data: [{ id: 'sim-1' }] } : { error: 'no' }));
    });
    upstream = `${url}/v1`;
    const sim = { adapter: 'openai-chat', baseUrl: upstream, apiKey: key, models: ['sim-1'] };
    writeConfig(home, { defaultProvider: 'sim', providers: { sim } });
    ocx = await startOcx(scope, { home, program: [process.execPath, ocxFile] });
    browser = await launchBrowser(scope);
  });
  after(() => scope.close());

  async function link(): Promise<string> {
    const args = ['gui', '--no-open', '--port', String(ocx.port)];
    const { code, stdout, stderr } = await runOcx(scope, args, {
      home,
      program: [process.execPath, ocxFile],
    });
    assert.equal(code, 0, stderr);
    return stdout.trim();
  }

  async function show(tab: string): Promise<void> {
    await page.getByRole('tab', { name: tab }).click();
    await page.getByRole('tabpanel', { name: tab }).locator(':scope > *').first().waitFor();
  }

  step('a link opens it once', async () => {
    const url = await link();
    page = await (await browser.newContext()).newPage();
    const problems: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(url);
    await page.getByText(ocx.baseUrl).waitFor();
    assert.equal(new URL(page.url()).search, '');
    assert.deepEqual(problems, []);
    assert.equal(await page.evaluate(() => document.cookie), '');

    const other = await browser.newContext();
    const late = await other.newPage();
    assert.equal((await late.goto(url))?.status(), 401);
    await late.getByText('ocx gui').waitFor();
    await other.close();
  });

  step(
    'it goes on where it is loaded again, and only in the tab that was given the link',
    async () => {
      await page.reload();
      await page.getByText(ocx.baseUrl).waitFor();
      const beside = await page.context().newPage();
      await beside.goto(`http://127.0.0.1:${ocx.port}/gui/`);
      await beside.waitForURL('**/gui/ended');
      await beside.getByText('ocx gui').waitFor();
      await beside.close();
    },
  );

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const forcedColors of ['none', 'active'] as const) {
      step(`everybody can use it: ${colorScheme}, forced colours ${forcedColors}`, async () => {
        await page.emulateMedia({ colorScheme, forcedColors });
        for (const tab of tabs) {
          await show(tab);
          assert.deepEqual(await violations(page), [], tab);
        }
        await page.screenshot({
          path: join(pictures, `browser ${colorScheme} ${forcedColors}.png`),
        });
      });
    }
  }

  step(
    'a provider is added by keyboard: a refused key, no window, and then config.json',
    async () => {
      await page.emulateMedia({ colorScheme: 'dark', forcedColors: 'none' });
      await show('Providers');
      const { keyboard } = page;
      await tabTo(keyboard, page.getByRole('searchbox'));
      await keyboard.type('custom');
      const add = page.getByRole('button', { name: /^Add Custom/ }).first();
      await tabTo(keyboard, add);
      await keyboard.press('Enter');
      const dialog = page.getByRole('dialog');
      const secret = dialog.getByLabel('API key', { exact: true });
      await dialog.waitFor();
      await keyboard.type('mine');
      await keyboard.press('Tab');
      await keyboard.type(upstream);
      await tabTo(keyboard, secret);
      await keyboard.type('a-key-that-is-wrong');
      await page.screenshot({ path: join(pictures, 'browser add provider.png') });
      assert.deepEqual(await violations(page), []);
      await keyboard.press('Enter');
      await dialog.getByRole('alert').waitFor();
      assert.equal(at(readConfig(home), 'providers', 'mine'), undefined);

      await tabTo(keyboard, secret);
      await keyboard.press('ControlOrMeta+A');
      await keyboard.type(key);
      await keyboard.press('Enter');
      await dialog.getByText('No editor window is open').waitFor();
      await tabTo(keyboard, dialog.getByRole('radio', { name: /secret store/ }));
      await keyboard.press('ArrowDown');
      await keyboard.press('Enter');
      await dialog.waitFor({ state: 'detached' });
      assert.equal(at(readConfig(home), 'providers', 'mine', 'apiKey'), key);
      await until('the focus', () => add.evaluate((button) => button === document.activeElement));
    },
  );

  step('Escape leaves everything as it was', async () => {
    await page.getByRole('searchbox').fill('');
    await page.getByRole('button', { name: /^Remove: mine/i }).click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.notEqual(at(readConfig(home), 'providers', 'mine'), undefined);
    await page.getByRole('button', { name: /^Remove: mine/i }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await until('its end', () => at(readConfig(home), 'providers', 'mine') === undefined);
  });

  step('the language is that of the browser', async () => {
    const context = await browser.newContext({ locale: 'zh-CN' });
    const chinese = await context.newPage();
    await chinese.goto(await link());
    await chinese.getByRole('tab', { name: '概览' }).waitFor();
    assert.equal(await chinese.locator('html').getAttribute('lang'), 'zh-cn');
    await chinese.screenshot({ path: join(pictures, 'browser chinese.png') });
    await context.close();
  });

  step('no key is in what the proxy wrote beside config.json', () => {
    for (const name of readdirSync(home, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(log|jsonl)$/.test(name)) continue;
      assert.ok(!readFileSync(join(home, name), 'utf8').includes(key), name);
    }
    return Promise.resolve();
  });
});
