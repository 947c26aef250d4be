import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { Page } from 'playwright-core';
import type { ApiAnswer } from '../../src/link/api.ts';
import { type PageServer, servePage } from '../dashboard/pageServer.ts';
import { darkTheme } from '../dashboard/themes.ts';
import { at, listOf } from '../support/json.ts';
import { Scope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { sideways } from './axe.ts';
import { launchBrowser } from './browser.ts';
import { steps } from './steps.ts';

const requests: ApiAnswer<'GET /api/requests'>['requests'] = Array.from(
  { length: 10_000 },
  (_, back) => ({
    id: `req_${back}`,
    startedAt: 1_800_000_000_000 - back * 1_000,
    model:
      back % 3 === 0 ? 'sim/a-model-with-a-name-that-no-column-holds-in-one-line' : 'sim/short',
    provider: 'sim',
    status: 'completed',
    ...{ firstTokenMs: 400, totalMs: 3_000, inputTokens: 10_000 + back, cachedTokens: 9_000 },
    outputTokens: back,
  }),
);

/** What comes while somebody reads. */
const fresh = ['x', 'y', 'z'].map((id) => ({
  ...{ id, startedAt: 1_800_000_001_000, model: 'sim/new', provider: 'sim', status: 'running' },
  ...{ inputTokens: 0, cachedTokens: 0, outputTokens: 0 },
}));

const models: ApiAnswer<'GET /api/models'>['models'] = Array.from(
  { length: 2_000 },
  (_, index) => ({
    id: `sim/model-${index}`,
    ...{ provider: 'sim', label: 'Simulated', model: `model-${index}`, contextWindow: index },
    ...{ enabled: true, current: false },
  }),
);

const settings: ApiAnswer<'GET /api/settings'> = {
  webSearch: {
    ...{ enabled: null, model: 'gpt-5.4-mini', reasoning: 'low', maxSearchesPerTurn: 3 },
    ...{ timeoutMs: 30_000, backends: ['provider'], service: null },
  },
  vision: { enabled: null, model: 'gpt-5.4-mini', timeoutMs: 45_000 },
};

const failedOnly: ApiAnswer<'GET /api/usage'>['rows'][number] = {
  ...{ day: '2026-11-20', provider: 'sim', model: 'sim/a', requests: 1, failures: 1 },
  ...{ inputTokens: 0, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0 },
};

const provider: ApiAnswer<'GET /api/providers'>['providers'][number] = {
  ...{ id: 'sim', label: 'Simulated', adapter: 'openai-chat', baseUrl: 'http://localhost:1/v1' },
  ...{ authMode: 'key', credential: { kind: 'none', needed: false }, models: 2, headers: [] },
  ...{ isDefault: false, enabled: true },
};

/** The page alone: lists that are longer than anybody's, and what happens while somebody types. */
describe('the page of the dashboard', () => {
  const scope = new Scope();
  const step = steps();
  let page: Page;
  let served: PageServer;
  let news: readonly object[] = [];
  let settingsAsked = 0;
  let subagents: readonly string[] = ['sim/a', 'sim/b', 'sim/c'];

  before(async () => {
    served = await servePage(
      {
        'GET /api/requests': ({ path }) => {
          const complete = !path.includes('since=1');
          const list = complete ? requests : news;
          return { status: 200, body: { cursor: '1', complete, requests: list } };
        },
        'GET /api/models': { models, lists: [] },
        'GET /api/subagent-models': () => {
          return { status: 200, body: { chosen: subagents, effective: [], most: 5 } };
        },
        'PUT /api/subagent-models': ({ body }) => {
          subagents = listOf(at(body, 'models')).map(String);
          return { status: 200, body: { ok: true } };
        },
        'GET /api/usage': { days: ['2026-11-20'], rows: [failedOnly] },
        'GET /api/settings': () => {
          settingsAsked += 1;
          return { status: 200, body: settings };
        },
        'GET /api/providers': { providers: [provider] },
        'GET /api/key-providers': { providers: [] },
      },
      darkTheme(),
    );
    scope.add(() => served.close());
    const browser = await launchBrowser(scope);
    page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
    await page.goto(served.url);
  });
  after(() => scope.close());

  for (const { tab, label, last, count } of [
    { tab: 'Requests', label: 'Requests', last: '9,999', count: requests.length },
    { tab: 'Models', label: 'List of models', last: 'sim/model-1999', count: models.length },
  ]) {
    step(`${count} rows of ${tab} are scrolled through, and few of them exist`, async (t) => {
      await page.getByRole('tab', { name: tab }).click();
      const table = page.getByRole('region', { name: label });
      await table.getByRole('row').nth(5).waitFor();
      assert.equal(await table.getByRole('table').getAttribute('aria-rowcount'), `${count + 1}`);
      const { frames, most, columns } = await table.evaluate(scrollThrough);
      frames.sort((a, b) => a - b);
      t.diagnostic(
        `${tab}: ${frames.length} frames, median ${at(0.5)} ms, 95 % ${at(0.95)} ms, longest ${at(1)} ms; ${most} rows`,
      );
      await table
        .getByRole('cell', { name: last, exact: true })
        .or(table.getByRole('rowheader', { name: last, exact: true }))
        .waitFor();
      assert.ok(most < 100, `${most} rows of ${count} were in the page`);
      assert.equal(columns, 1, 'the columns stand still');
      assert.equal(await sideways(page), 0);

      function at(share: number): number {
        return Math.round(
          frames[Math.min(frames.length - 1, Math.floor(share * frames.length))] ?? 0,
        );
      }
    });
  }

  step('who reads further down stays there when requests come', async () => {
    await page.getByRole('tab', { name: 'Requests' }).click();
    const table = page.getByRole('region', { name: 'Requests' });
    await table.evaluate((box) => {
      box.scrollTop = 3_200;
    });
    const row = table
      .getByRole('row')
      .filter({ has: page.getByRole('cell', { name: '105', exact: true }) });
    await row.waitFor();
    const before = await row.boundingBox();
    news = fresh;
    served.tell({ type: 'changed', what: 'requests' });
    await page.getByRole('button', { name: 'All 10,003' }).waitFor();
    await until('the same place', async () => (await row.boundingBox())?.y === before?.y);
    await table.evaluate((box) => {
      box.scrollTop = 0;
    });
    await table.getByRole('cell', { name: 'sim/new' }).first().waitFor();
  });

  step('sub-agents are put in order with the mouse', async () => {
    await page.getByRole('tab', { name: 'Models' }).click();
    const slot = (name: string) => page.getByRole('listitem').filter({ hasText: name });
    await slot('sim/c').dragTo(slot('sim/a'));
    await until('the new order', () => subagents.join(' ') === 'sim/c sim/a sim/b');
  });

  step('who takes one out with the keyboard goes on at the next one', async () => {
    const first = page.getByRole('listitem').filter({ hasText: 'sim/c' });
    await first.getByRole('button').first().focus();
    for (const left of ['sim/a sim/b', 'sim/b']) {
      await page.keyboard.press('Delete');
      await until('what is left', () => subagents.join(' ') === left);
    }
    const focused = page.locator('.grip:focus');
    await focused.filter({ hasText: 'sim/b' }).waitFor();
  });

  step('what is typed stays while the page is refreshed around it', async () => {
    const field = page.getByLabel('Searching model');
    await field.fill('half a na');
    const before = settingsAsked;
    served.tell({ type: 'changed', what: 'config' });
    await until('newer settings', () => settingsAsked > before);
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(drawn)));
    assert.equal(await field.inputValue(), 'half a na');
  });

  step('a day on which every request failed used no tokens', async () => {
    await page.getByRole('tab', { name: 'Usage' }).click();
    await page.getByText('the tallest day is 0').waitFor();
  });

  step('a button that could not do it says why', async () => {
    await page.getByRole('tab', { name: 'Providers' }).click();
    await page.getByRole('button', { name: 'Switch off: Simulated' }).click();
    const card = page.getByRole('listitem').filter({ hasText: 'Simulated' });
    await card.getByText('There is no such operation.').waitFor();
  });
});

/** From the first row to the last, a screen in each frame; runs in the page. */
async function scrollThrough(box: Element) {
  const frames: number[] = [];
  const widths = new Set<string>();
  let most = 0;
  let before = performance.now();
  const end = (): boolean => box.scrollTop + box.clientHeight >= box.scrollHeight - 1;
  for (let frame = 0; frame < 120 || !end(); frame++) {
    const step = Math.max(box.clientHeight, box.scrollHeight / 120);
    box.scrollTop += step;
    await new Promise((drawn) => requestAnimationFrame(drawn));
    const now = performance.now();
    frames.push(now - before);
    before = now;
    most = Math.max(most, box.querySelectorAll('tbody tr').length);
    const cells = [...box.querySelectorAll('thead th')];
    widths.add(cells.map((cell) => Math.round(cell.getBoundingClientRect().width)).join(' '));
  }
  return { frames, most, columns: widths.size };
}
