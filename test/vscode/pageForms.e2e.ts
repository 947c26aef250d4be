import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import type { ApiAnswer, ApiCall, ApiReply } from '../../src/link/api.ts';
import { type PageServer, servePage } from '../dashboard/pageServer.ts';
import { at, isRecord } from '../support/json.ts';
import { Scope } from '../support/scope.ts';
import { gate, until } from '../support/until.ts';
import { launchBrowser } from './browser.ts';
import { steps } from './steps.ts';

type Settings = ApiAnswer<'GET /api/settings'>;
type Login = ApiAnswer<'GET /api/oauth/status'>;

const grok: ApiAnswer<'GET /api/providers'>['providers'][number] = {
  ...{ id: 'grok', label: 'Grok', adapter: 'openai-chat', baseUrl: 'https://api.x.ai/v1' },
  ...{ authMode: 'oauth', credential: { kind: 'login', set: false }, models: 1, headers: [] },
  ...{ isDefault: true, enabled: true },
};

const acme: typeof grok = {
  ...{ id: 'acme', label: 'Acme', adapter: 'openai-chat', baseUrl: 'https://acme.test/v1' },
  ...{ authMode: 'key', credential: { kind: 'none', needed: true }, models: 1, headers: [] },
  ...{ isDefault: false, enabled: true },
};

const local: ApiAnswer<'GET /api/key-providers'>['providers'][number] = {
  ...{ id: 'vllm', label: 'vLLM', kind: 'local', aliases: [], adapter: 'openai-chat' },
  ...{ baseUrl: 'http://localhost:8000/v1', otherBaseUrls: [], asks: [], auth: ['key'] },
  ...{ keyOptional: true, keyPrefixes: [], keyCheck: true, models: [], configuredAs: [] },
};

const account: ApiAnswer<'GET /api/oauth/providers'>['providers'][number] = {
  ...{ id: 'grok', label: 'Grok', flows: ['browser'], loggedIn: false, needsLogin: false },
  notice: {
    version: 1,
    text: 'The terms.',
    link: 'https://x.ai',
    everyTime: true,
    keyFirst: false,
  },
};

const login = (status: Login['status'], more: Partial<Login> = {}): Login => {
  return { provider: 'grok', status, canPaste: false, ...more };
};
const done = login('done', { account: 'ada@example.com' });

const said = (body: unknown): ApiReply => ({ status: 200, body });
const refused = (message: string): ApiReply => ({ status: 400, body: { error: { message } } });

/** The page alone, in a browser: what it asks the user for, and what becomes of it. */
describe('the forms of the dashboard', () => {
  const scope = new Scope();
  const step = steps();
  let page: Page;
  let served: PageServer;
  let service: Settings['webSearch']['service'] = null;
  let started: () => Login | Promise<Login>;
  let status: () => Promise<Login>;
  let verdict: ApiAnswer<'POST /api/providers/check'>;
  let saved: readonly Login[] = [];

  before(async () => {
    served = await servePage({
      'GET /api/models': { models: [], lists: [] },
      'GET /api/subagent-models': { effective: [], most: 5 },
      'GET /api/settings': () => said(settingsWith(service)),
      'PUT /api/settings': (call) => takeSettings(call),
      'GET /api/providers': { providers: [grok, acme] },
      'GET /api/key-providers': { providers: [local] },
      'POST /api/providers/check': () => said(verdict),
      'POST /api/providers': { id: 'vllm' },
      'PUT /api/providers/:id/key': { ok: true },
      'GET /api/oauth/providers': { providers: [account] },
      'POST /api/oauth/login': async () => said(await started()),
      'GET /api/oauth/status': async () => said(await status()),
      'POST /api/oauth/paste': () => said(done),
      'POST /api/oauth/save': () => {
        const [first = done, ...rest] = saved;
        saved = rest;
        return said(first);
      },
      'POST /api/oauth/cancel': () => said(login('cancelled')),
    });
    scope.add(() => served.close());
    const browser = await launchBrowser(scope);
    page = await browser.newPage();
    await page.goto(served.url);
  });
  after(() => scope.close());

  function takeSettings({ body }: ApiCall): ApiReply {
    const change = at(body, 'webSearch', 'service');
    if (change === null) {
      service = null;
    } else if (isRecord(change)) {
      const { name, baseUrl, key } = change;
      const known = services.find((one) => one === name);
      if (known === undefined || known === 'exa') return refused('Exa is not allowed here.');
      const kept = service?.name === known ? service.key : 'none';
      service = {
        name: known,
        ...(typeof baseUrl === 'string' && { baseUrl }),
        key: key === undefined ? kept : 'vault',
      };
    }
    return said({ ok: true });
  }

  /** What the page has last asked of an operation. */
  function newest(method: string, path: string): unknown {
    return served.changes.findLast((call) => call.method === method && call.path === path)?.body;
  }

  async function openSignIn(): Promise<Locator> {
    await page.getByRole('tab', { name: 'Providers' }).click();
    await page.getByRole('button', { name: 'Sign in: Grok' }).click();
    const dialog = page.getByRole('dialog', { name: 'Sign in to Grok' });
    await dialog.getByText('The terms.').waitFor();
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    return dialog;
  }

  step('a search service is chosen, and its key goes where a window keeps it', async () => {
    await page.getByRole('tab', { name: 'Models' }).click();
    await page.getByLabel('Search service').selectOption('Brave Search');
    await page.getByText('It has no key').waitFor();
    assert.deepEqual(newest('PUT', '/api/settings'), { webSearch: { service: { name: 'brave' } } });
    await page.getByRole('button', { name: 'Set key' }).click();
    const dialog = page.getByRole('dialog', { name: 'API Key for Brave Search' });
    await dialog.getByLabel('API key').fill('  sk-brave ');
    await dialog.getByRole('button', { name: 'Set key' }).click();
    await dialog.waitFor({ state: 'hidden' });
    const change = { webSearch: { service: { name: 'brave', key: 'sk-brave' } } };
    assert.deepEqual(newest('PUT', '/api/settings'), change);
    served.tell({ type: 'changed', what: 'config' });
    await page.getByText('It has a key').waitFor();
  });

  step('a service of one’s own has an address', async () => {
    await page.getByLabel('Search service').selectOption('SearXNG');
    const field = page.getByLabel('Its address');
    await field.fill('http://localhost:8888');
    await field.press('Enter');
    const change = { name: 'searxng', baseUrl: 'http://localhost:8888' };
    await until('the address', () => service?.baseUrl === change.baseUrl);
    assert.deepEqual(newest('PUT', '/api/settings'), { webSearch: { service: change } });
  });

  step('a choice that is refused says why, in its own language, and is taken back', async () => {
    const choice = page.getByLabel('Search service');
    await choice.selectOption('Exa');
    const reason = page.getByText('Exa is not allowed here.');
    await reason.waitFor();
    assert.equal(await reason.getAttribute('lang'), 'en');
    assert.equal(await choice.inputValue(), 'searxng');
    await choice.selectOption('none');
    await page.getByLabel('Its address').waitFor({ state: 'detached' });
    assert.deepEqual(newest('PUT', '/api/settings'), { webSearch: { service: null } });
  });

  step('a login that would end another one waits for a yes', async () => {
    const message = 'Another program is signed in as bob. Replace that login?';
    started = () => login('unsaved', { message, replaces: true });
    const dialog = await openSignIn();
    await dialog.getByRole('alert').filter({ hasText: message }).waitFor();
    await dialog.getByRole('button', { name: 'Replace' }).click();
    await dialog.getByText('Signed in to Grok (ada@example.com).').waitFor();
    assert.deepEqual(newest('POST', '/api/oauth/save'), { provider: 'grok', replace: true });
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'hidden' });
    assert.equal(newest('POST', '/api/oauth/cancel'), undefined);
  });

  step('one that cannot be stored is tried again until it can, or given up', async () => {
    started = () => login('unsaved', { message: 'The disk is full.' });
    saved = [login('unsaved', { message: 'The disk is still full.' }), done];
    const dialog = await openSignIn();
    await dialog.getByText('The disk is full.').waitFor();
    await dialog.getByRole('button', { name: 'Try Again' }).click();
    await dialog.getByText('The disk is still full.').waitFor();
    await dialog.getByRole('button', { name: 'Try Again' }).click();
    await dialog.getByText('Signed in to Grok').waitFor();
    assert.deepEqual(newest('POST', '/api/oauth/save'), { provider: 'grok', replace: false });
    await dialog.getByRole('button', { name: 'Close' }).click();

    const second = await openSignIn();
    await second.getByText('The disk is full.').waitFor();
    await second.getByRole('button', { name: 'Cancel' }).click();
    await until('the end', () => newest('POST', '/api/oauth/cancel') !== undefined);
  });

  step('what was asked before a code was pasted does not count after it', async () => {
    const late = gate();
    const asked = gate();
    const waiting = login('waiting', { url: 'https://x.ai/login', canPaste: true });
    started = () => waiting;
    status = async () => {
      asked.open();
      await late.opened;
      return waiting;
    };
    const dialog = await openSignIn();
    await asked.opened;
    await dialog.getByLabel('The code or the address').fill('code-1');
    await dialog.getByRole('button', { name: 'Go on' }).click();
    const signedIn = dialog.getByText('Signed in to Grok (ada@example.com).');
    await signedIn.waitFor();
    const answered = page.waitForResponse((answer) => answer.url().includes('/api/oauth/status'));
    late.open();
    await (await answered).finished();
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(drawn)));
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(drawn)));
    assert.ok(await signedIn.isVisible());
    await dialog.getByRole('button', { name: 'Close' }).click();
  });

  step(
    'a login that is given up before it has begun does not go on without its owner',
    async () => {
      const late = gate();
      started = async () => {
        await late.opened;
        return login('waiting');
      };
      const cancels = () =>
        served.changes.filter(({ path }) => path === '/api/oauth/cancel').length;
      const before = cancels();
      const dialog = await openSignIn();
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await dialog.waitFor({ state: 'hidden' });
      late.open();
      await until('the end', () => cancels() > before);
    },
  );

  step('a key that could not be checked is stored by a second click', async () => {
    const message = 'Acme does not answer.';
    verdict = { result: 'unknown', message };
    const stored = () => served.changes.filter(({ path }) => path === '/api/providers/acme/key');
    await page.getByRole('button', { name: 'Set key' }).click();
    const dialog = page.getByRole('dialog', { name: 'API Key for acme' });
    await dialog.getByLabel('API key').fill('key-0123456789');
    const set = dialog.getByRole('button', { name: 'Set key' });
    await set.click();
    await dialog.getByRole('alert').filter({ hasText: message }).waitFor();
    assert.equal(stored().length, 0);
    await set.click();
    await dialog.waitFor({ state: 'hidden' });
    assert.equal(stored().length, 1);
  });

  step(
    'a server that could not be checked is added by a second click, and by no first one',
    async () => {
      const message = 'Nobody answers at http://localhost:8000/v1.';
      verdict = { result: 'unknown', message };
      const added = () => served.changes.filter(({ path }) => path === '/api/providers').length;
      await page.getByRole('button', { name: 'Add vLLM' }).click();
      const dialog = page.getByRole('dialog', { name: 'Add vLLM' });
      const add = dialog.getByRole('button', { name: 'Add', exact: true });
      await add.click();
      await dialog.getByRole('alert').filter({ hasText: message }).waitFor();
      await dialog.getByLabel('The address of its API').fill('http://localhost:9000/v1');
      await add.click();
      await until('a check of the new address', () => checked() === 2);
      await dialog.getByRole('alert').filter({ hasText: message }).waitFor();
      assert.equal(added(), 0);
      await add.click();
      await dialog.waitFor({ state: 'hidden' });
      assert.equal(added(), 1);
      assert.equal(checked(), 2);

      function checked(): number {
        const checks = served.changes.filter(({ path }) => path === '/api/providers/check');
        return checks.filter(({ body }) => at(body, 'id') === 'vllm').length;
      }
    },
  );
});

const services = ['brave', 'tavily', 'exa', 'searxng'] as const;

function settingsWith(service: Settings['webSearch']['service']): Settings {
  return {
    webSearch: {
      ...{ enabled: null, model: 'gpt-5.4-mini', reasoning: 'low', maxSearchesPerTurn: 3 },
      ...{ timeoutMs: 30_000, backends: ['provider'], service },
    },
    vision: { enabled: null, model: 'gpt-5.4-mini', timeoutMs: 45_000 },
  };
}
