import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { writeConfig } from '../support/configFile.ts';
import { type IdentityProvider, startIdentityProvider } from '../support/identityProvider.ts';
import { at, isRecord } from '../support/json.ts';
import { Scope } from '../support/scope.ts';
import { chatStream, eventStream, type FakeUpstream, startUpstream } from '../support/upstream.ts';
import { type Editor, themeNames } from './editor.ts';
import { seen } from './screens.ts';
import { ask, readConfig, type Session, startSession } from './session.ts';
import { steps } from './steps.ts';

/** The login services are fakes, reached under their own names as behind a company's HTTP proxy. */
describe('account logins in VS Code', () => {
  const scope = new Scope();
  const step = steps();
  let session: Session;
  let editor: Editor;
  let idp: IdentityProvider;
  let grok: FakeUpstream;

  before(async () => {
    grok = await startUpstream(
      scope,
      ({ path }, response) =>
        path.endsWith('/chat/completions')
          ? response.writeHead(200, eventStream).end(chatStream({ content: 'I am Grok.' }))
          : response.end('{"models":[{"id":"grok-of-the-account"}]}'),
      { secure: true },
    );
    idp = await startIdentityProvider(scope, (host) =>
      host === 'api.x.ai' ? grok.port : undefined,
    );
    session = await startSession(scope, {
      settings: { 'http.proxy': idp.proxy.url },
      env: { NODE_EXTRA_CA_CERTS: idp.proxy.env.NODE_EXTRA_CA_CERTS },
    });
    ({ editor } = session);
    await editor.statusItem.filter({ hasText: 'sim-1' }).waitFor();
  });
  after(() => scope.close());

  const authFile = () => join(session.home, 'auth.json');
  const stored = (): unknown =>
    existsSync(authFile()) ? JSON.parse(readFileSync(authFile(), 'utf8')) : {};
  /** Nothing can be written where a folder stands. */
  function blockStore(): void {
    rmSync(authFile(), { force: true });
    mkdirSync(authFile());
  }
  const code = () => editor.notification('The code is WXYZ-1234');
  const progress = (label: string) => editor.notification(`Signing in to ${label}`);

  /** To where the browser takes over. */
  async function begin(label: string, go = 'Sign In'): Promise<void> {
    await editor.run('OpenCodex: Sign In...');
    await editor.quickPickRow(label).click();
    await editor.answer(editor.dialog(`Sign in to ${label}`), go);
  }

  /** What the user reads where the login comes to nothing. */
  async function failure(text: RegExp, result: string): Promise<void> {
    await editor.notification(text).waitFor();
    await seen(editor, 'opencodex.signIn', result);
    assert.deepEqual(stored(), {});
    await editor.clearNotifications();
  }

  step('what the terms say is shown before anything starts', async () => {
    await editor.run('OpenCodex: Sign In...');
    await editor.quickPickRow('xAI').click();
    const dialog = editor.dialog(/Grok Build/);
    await dialog.waitFor();
    await seen(editor, 'opencodex.signIn', 'what the terms say');
    assert.equal(
      await editor.opened(() =>
        dialog.getByRole('button', { name: 'Read the Terms', exact: true }).click(),
      ),
      'https://x.ai/legal/acceptable-use-policy',
    );
    await editor.answer(dialog, 'Cancel');
    assert.equal(idp.calls.length, 0);
  });

  step('xAI: the code is copied, its page opened, and the login stored', async () => {
    await begin('xAI');
    await code().waitFor();
    await progress('xAI').waitFor();
    await seen(editor, 'opencodex.signIn', 'the code');
    const page = await editor.opened(() =>
      code().getByRole('button', { name: 'Copy Code and Open' }).click(),
    );
    assert.equal(page, 'https://accounts.x.ai/oauth2/device?user_code=WXYZ-1234');
    const copied = await editor.page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied, 'WXYZ-1234');
    idp.decide('approve');
    await editor.notification('Signed in to xAI (ada@example.com).').waitFor();
    await seen(editor, 'opencodex.signIn', 'signed in');
    assert.equal(at(stored(), 'xai', 'accountId'), 'xai-user');
    assert.equal(statSync(authFile()).mode & 0o777, 0o600);
    assert.equal(at(readConfig(session.home), 'providers', 'xai', 'authMode'), 'oauth');
    await progress('xAI').waitFor({ state: 'detached' });
    assert.deepEqual(idp.faults, []);
  });

  step('a turn goes out with the token of the account', async () => {
    assert.match(await ask(session, 'xai/grok-4.7'), /I am Grok\./);
    const turn = grok.requests.find(({ path }) => path.endsWith('/chat/completions'));
    assert.equal(turn?.headers.authorization, `Bearer ${String(at(stored(), 'xai', 'access'))}`);
  });

  step('Sign Out deletes the login, and has nothing to delete after that', async () => {
    await editor.clearNotifications();
    await editor.run('OpenCodex: Sign Out...');
    await editor.quickPickRow('xAI').filter({ hasText: 'ada@example.com' }).waitFor();
    await seen(editor, 'opencodex.signOut', 'who is signed in');
    await editor.quickPickRow('xAI').click();
    await editor.notification('xAI: logged out.').waitFor();
    await seen(editor, 'opencodex.signOut', 'signed out');
    assert.deepEqual(stored(), {});
    await editor.run('OpenCodex: Sign Out...');
    await editor.notification('You are not signed in to any account.').waitFor();
    await seen(editor, 'opencodex.signOut', 'nobody is signed in');
    await editor.clearNotifications();
  });

  step('a login that is cancelled stores nothing, and asks no more', async () => {
    idp.decide('later');
    await begin('xAI');
    await progress('xAI').getByRole('button', { name: 'Cancel' }).click();
    await progress('xAI').waitFor({ state: 'detached' });
    assert.deepEqual(stored(), {});
    await editor.clearNotifications();
  });

  step('a login that is declined says so', async () => {
    idp.decide('deny');
    await begin('xAI');
    await failure(/xAI: the login was declined/, 'declined');
  });

  step('a code that has expired says so', async () => {
    idp.stage('token', { status: 400, body: { error: 'expired_token' } });
    await begin('Kimi', 'Sign In Anyway');
    await failure(/Kimi: the code has expired/, 'the code has expired');
  });

  step('a provider that is down is named', async () => {
    idp.stage('discovery', { status: 503, body: '<html>' });
    await begin('xAI');
    await failure(/xAI: .*HTTP 503/, 'the provider is down');
  });

  step('hostile addresses are told, and neither opened nor asked', async () => {
    idp.settings.discovery = { token_endpoint: 'https://evil.test/token' };
    await begin('xAI');
    await failure(/nothing was sent there/, 'a hostile address');
    idp.settings.discovery = {};
    idp.settings.device = { verification_uri: 'https://evil.test/' };
    await begin('Kimi', 'Sign In Anyway');
    await failure(/stopped before anything was opened/, 'a hostile page');
    idp.settings.device = {};
    assert.ok(!idp.proxy.asked.some((host) => host.includes('evil')));
  });

  step('a store that cannot be written is told before the login begins', async () => {
    blockStore();
    const before = idp.calls.length;
    await editor.run('OpenCodex: Sign In...');
    await editor.notification(/auth\.json is not a file/).waitFor();
    await seen(editor, 'opencodex.signIn', 'the store cannot be written');
    assert.equal(idp.calls.length, before);
    rmdirSync(authFile());
    await editor.clearNotifications();
  });

  step('a login that cannot be stored is not lost: it is stored when it can be', async () => {
    idp.decide('later');
    await begin('xAI');
    await code().waitFor();
    blockStore();
    idp.decide('approve');
    const again = editor.page.getByRole('button', { name: 'Try Again' });
    await again.waitFor();
    await seen(editor, 'opencodex.signIn', 'the login cannot be stored');
    rmdirSync(authFile());
    await again.click();
    await editor.notification('Signed in to xAI (ada@example.com).').waitFor();
    assert.equal(at(stored(), 'xai', 'accountId'), 'xai-user');
    await editor.clearNotifications();
  });

  step('a login of somebody else is replaced only with a yes', async () => {
    const other = {
      ...Object(at(stored(), 'xai')),
      accountId: 'somebody-else',
      email: 'eve@example.com',
    };
    writeFileSync(authFile(), JSON.stringify({ xai: other }), { mode: 0o600 });
    await begin('xAI');
    const question = editor.dialog(/Another xAI account is logged in/);
    await question.waitFor();
    await seen(editor, 'opencodex.signIn', 'another account is there');
    assert.deepEqual(stored(), { xai: other });
    await editor.answer(question, 'Replace');
    await editor.notification('Signed in to xAI (ada@example.com).').waitFor();
    assert.equal(at(stored(), 'xai', 'accountId'), 'xai-user');
    await editor.clearNotifications();
  });

  step('Kimi: slows down when it is asked to, and is signed in beside the other', async () => {
    idp.stage('token', { status: 400, body: { error: 'slow_down' } });
    const before = idp.count('token');
    await begin('Kimi', 'Sign In Anyway');
    await editor.notification('Signed in to Kimi').waitFor();
    const [first, second] = idp.calls.filter(({ endpoint }) => endpoint === 'token').slice(before);
    assert.ok(first && second && second.at - first.at >= 5_900);
    assert.equal(at(stored(), 'kimi', 'accountId'), 'kimi-user');
    assert.equal(at(stored(), 'xai', 'accountId'), 'xai-user');
    await editor.clearNotifications();
  });

  step('Anthropic: off, until the user has allowed it in config.json', async () => {
    const { home } = session;
    await editor.run('OpenCodex: Sign In...');
    await editor.quickPickRow('Anthropic').click();
    const refusal = editor.notification(/Anthropic: the account login is off/);
    await refusal.waitFor();
    await seen(editor, 'opencodex.signIn', 'off for Anthropic');
    await refusal.getByRole('button', { name: 'Open Config File' }).click();
    await editor.page.locator('.tab', { hasText: 'config.json' }).waitFor();
    const config = readConfig(home);
    assert.ok(isRecord(config));
    writeConfig(home, { ...config, allowAnthropicLogin: true });

    await editor.run('OpenCodex: Sign In...');
    const row = editor.quickPickRow('Anthropic');
    await row.click();
    const dialog = editor.dialog(/Sign in to Anthropic/);
    await dialog.waitFor();
    await seen(editor, 'opencodex.signIn', 'what the terms of Anthropic say');
    const page = await editor.opened(() =>
      dialog.getByRole('button', { name: 'Sign In Anyway' }).click(),
    );
    const back = await idp.visit(page);
    const box = editor.page.locator('.quick-input-box input');
    await box.fill('not a code at all');
    await box.press('Enter');
    await editor.page.locator('.quick-input-message', { hasText: 'neither a code' }).waitFor();
    await seen(editor, 'opencodex.signIn', 'a wrong code');
    await box.fill(`${back.searchParams.get('code')}#${back.searchParams.get('state')}`);
    await box.press('Enter');
    await editor.notification('Signed in to Anthropic').waitFor();
    await box.waitFor({ state: 'hidden' });
    assert.equal(at(stored(), 'anthropic', 'accountId'), 'anthropic-user');
    assert.deepEqual(idp.faults, []);
  });

  for (const theme of themeNames) {
    step(`the accounts: ${theme}`, async () => {
      await editor.theme(theme);
      await editor.run('OpenCodex: Sign In...');
      await editor.quickPickRow('xAI').filter({ hasText: 'ada@example.com' }).waitFor();
      await seen(editor, 'opencodex.signIn', 'the accounts');
      await editor.page.keyboard.press('Escape');
    });
  }

  step('no token is in a log, and none in config.json', () => {
    const said = editor.logs() + JSON.stringify(readConfig(session.home));
    assert.ok(idp.tokens.secrets.length > 4);
    for (const secret of idp.tokens.secrets) assert.ok(!said.includes(secret));
    return Promise.resolve();
  });
});
