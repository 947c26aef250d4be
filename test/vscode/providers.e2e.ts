import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { startConnectProxy } from '../support/connectProxy.ts';
import { at } from '../support/json.ts';
import { Scope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import {
  chatStream,
  eventStream,
  type FakeUpstream,
  type Respond,
  startUpstream,
} from '../support/upstream.ts';
import { type Editor, themeNames } from './editor.ts';
import { resized, seen } from './screens.ts';
import { ask, readConfig, type Session, startSession } from './session.ts';
import { steps } from './steps.ts';

const goodKey = 'xai-the-key-that-nobody-may-find-0123456789';
const modelPick = 'Default Model of';

/** A provider that takes one key, or none, and has one model. */
function taking(key: string | undefined): Respond {
  return ({ path, headers }, response) => {
    const known = key === undefined || headers.authorization === `Bearer ${key}`;
    if (!path.startsWith('/v1/')) {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<html>Not here</html>');
    } else if (!known) {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ code: 'invalid-argument', error: 'Incorrect API key provided' }),
      );
    } else if (path.endsWith('/chat/completions')) {
      response.writeHead(200, eventStream).end(chatStream({ content: 'Right.' }));
    } else {
      const models = [{ id: 'grok-4.7' }];
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ data: models, models }));
    }
  };
}

describe('providers in VS Code', () => {
  const scope = new Scope();
  const step = steps();
  let session: Session;
  let editor: Editor;
  let grok: FakeUpstream;
  let local: FakeUpstream;

  before(async () => {
    grok = await startUpstream(scope, taking(goodKey), { secure: true });
    local = await startUpstream(scope, taking(undefined));
    const proxy = await startConnectProxy(scope, (host) =>
      host === 'api.x.ai' ? grok.port : undefined,
    );
    session = await startSession(scope, {
      config: (sim) => ({ providers: { sim: { ...sim, label: 'Simulated' } } }),
      settings: { 'http.proxy': proxy.url },
      env: { NODE_EXTRA_CA_CERTS: proxy.env.NODE_EXTRA_CA_CERTS },
    });
    ({ editor } = session);
    await editor.statusItem.filter({ hasText: 'sim-1' }).waitFor();
  });
  after(() => scope.close());

  const entry = (id: string) => at(readConfig(session.home), 'providers', id);
  const box = () => editor.page.locator('.quick-input-box input');
  const title = (text: string) => editor.page.locator('.quick-input-title', { hasText: text });
  const says = (text: string | RegExp) =>
    editor.page.locator('.quick-input-message', { hasText: text }).waitFor();

  /** Goes on with what is in the box. */
  async function enter(heading: string, text: string): Promise<void> {
    await editor.type(heading, text);
    await editor.page.keyboard.press('Enter');
  }

  /** Picks from a list with the keyboard alone. */
  async function choose(heading: string, text: string): Promise<void> {
    await title(heading).waitFor();
    await box().fill(text);
    await editor.quickPickRow(text).waitFor();
    await editor.page.keyboard.press('Enter');
  }

  async function back(): Promise<void> {
    await editor.page.locator('.quick-input-titlebar .codicon-quick-input-back').click();
  }

  for (const theme of themeNames.toReversed()) {
    step(`the catalog: ${theme}`, async () => {
      await editor.theme(theme);
      await editor.run('OpenCodex: Add Provider...');
      await editor.quickPickRow('xAI').waitFor();
      await seen(editor, 'opencodex.addProvider', 'the catalog');
      if (theme === 'dark') {
        for (const size of ['200 %', '600 px'] as const) {
          await resized(editor, size, (shown) =>
            seen(shown, 'opencodex.addProvider', 'the catalog'),
          );
        }
      }
      await choose('Add Provider', 'xAI');
      await choose('xAI', 'API key');
      await enter('API Key for xAI', 'sk-of-somebody-else');
      await says(/refuse/);
      await seen(editor, 'opencodex.addProvider', 'a refused key');
      await editor.page.keyboard.press('Escape');
      await box().waitFor({ state: 'hidden' });
      assert.equal(entry('xai'), undefined);
    });
  }

  step('Back leads through every step, and what was typed is still there', async () => {
    await editor.run('OpenCodex: Add Provider...');
    await choose('Add Provider', 'Custom');
    await enter('Custom', 'mine');
    await says('The address of its API');
    await enter('Custom', 'no address at all');
    await says('An address begins with https://');
    await seen(editor, 'opencodex.addProvider', 'a mistyped address');
    await enter('Custom', `${local.url}/v1`);
    await choose('Custom', 'OpenAI Chat Completions');
    await title('API Key for Custom').waitFor();
    await back();
    await editor.quickPickRow('Anthropic Messages').waitFor();
    await back();
    await says('The address of its API');
    assert.equal(await box().inputValue(), `${local.url}/v1`);
    await back();
    await says('A short name');
    assert.equal(await box().inputValue(), 'mine');
    await back();
    await editor.quickPickRow('xAI').waitFor();
    await editor.page.keyboard.press('Escape');
    await box().waitFor({ state: 'hidden' });
    assert.equal(entry('mine'), undefined);
  });

  step('a custom server is added with the keyboard alone, its address put right', async () => {
    await editor.page.keyboard.press('F1');
    await box().fill('>OpenCodex: Add Provider...');
    await editor.quickPickRow('Add Provider').waitFor();
    await editor.page.keyboard.press('Enter');
    await choose('Add Provider', 'Custom');
    await enter('Custom', 'mine');
    await says('The address of its API');
    await enter('Custom', local.url);
    await choose('Custom', 'OpenAI Chat Completions');
    await enter('API Key for Custom', '');
    const better = editor.dialog(`Use ${local.url}/v1?`);
    await better.waitFor();
    await seen(editor, 'opencodex.addProvider', 'a better address');
    await better.getByRole('button', { name: 'Use This Address' }).focus();
    await editor.page.keyboard.press('Enter');
    await choose(modelPick, 'my-model');
    await editor.notification('Custom is added.').waitFor();
    assert.equal(at(entry('mine'), 'baseUrl'), `${local.url}/v1`);
    assert.equal(at(entry('mine'), 'defaultModel'), 'my-model');
    assert.match(await ask(session, 'mine/my-model'), /Right\./);
    await editor.clearNotifications();
  });

  step(
    'a local server needs no key; one that is not there is added, and that is said',
    async () => {
      await editor.run('OpenCodex: Add Provider...');
      await choose('Add Provider', 'vLLM');
      await enter('vLLM', `${local.url}/v1`);
      await enter('API Key for vLLM', '');
      await choose(modelPick, 'Decide later');
      await editor.notification('vLLM is added.').waitFor();
      assert.equal(at(entry('vllm'), 'apiKey'), undefined);
      await editor.clearNotifications();

      await editor.run('OpenCodex: Add Provider...');
      await choose('Add Provider', 'LM Studio');
      await enter('LM Studio', 'http://127.0.0.1:9/v1');
      await enter('API Key for LM Studio', '');
      await choose(modelPick, 'Decide later');
      await editor.notification(/LM Studio is added\. .+/).waitFor();
      await seen(editor, 'opencodex.addProvider', 'added, but nobody answers there');
      await editor.clearNotifications();
    },
  );

  step('a gateway asks for what its address has blanks for', async () => {
    await editor.run('OpenCodex: Add Provider...');
    await choose('Add Provider', 'Cloudflare AI Gateway');
    await editor.page.locator('.quick-input-title', { hasText: 'Cloudflare' }).waitFor();
    await seen(editor, 'opencodex.addProvider', 'a blank of a gateway');
    await editor.page.keyboard.press('Enter');
    await says('The address needs this value.');
    await editor.page.keyboard.press('Escape');
    await box().waitFor({ state: 'hidden' });
  });

  step('a key is taken once the provider has taken it, and goes out with a turn', async () => {
    await editor.run('OpenCodex: Add Provider...');
    await choose('Add Provider', 'xAI');
    await choose('xAI', 'API key');
    await enter('API Key for xAI', goodKey);
    await title(modelPick).waitFor();
    await seen(editor, 'opencodex.addProvider', 'the default model');
    await choose(modelPick, 'grok-4.7');
    const added = editor.notification('xAI is added.');
    await added.waitFor();
    await seen(editor, 'opencodex.addProvider', 'added');
    await added.getByRole('button', { name: 'Switch to It' }).click();
    await editor.statusItem.filter({ hasText: 'grok-4.7' }).waitFor();
    assert.equal(at(entry('xai'), 'keySource'), 'vault');
    assert.match(await ask(session, 'xai/grok-4.7'), /Right\./);
  });

  step('after a reload of the window it works unasked, and the key is in no file', async () => {
    await editor.reload();
    await editor.statusItem.filter({ hasText: 'grok-4.7' }).waitFor();
    await until('the key', async () => (await ask(session, 'xai/grok-4.7')).includes('Right.'));
    assert.equal(await box().count(), 0);
    for (const folder of [session.home, session.codex.home, editor.root]) {
      for (const file of filesOf(folder)) {
        assert.ok(!readFileSync(file).includes(goodKey), file);
      }
    }
  });

  step('a key that the secret store has lost is asked for again', async () => {
    // Another browser: the store of this editor lives in the browser, and has nothing there.
    const other = await editor.another();
    await editor.page.close();
    const lost = await until('the lost key', async () => {
      const answer = await ask(session, 'xai/grok-4.7').catch(() => '');
      return answer.includes('no API key is set') ? answer : undefined;
    });
    assert.match(lost, /Set Provider Key/);
    editor = other;
    const missing = editor.statusItem.filter({ hasText: 'xAI' });
    await missing.waitFor();
    await seen(editor, 'opencodex.setProviderKey', 'the status bar asks for a lost key');
    await missing.click();
    await enter('API Key for xAI', goodKey);
    await editor.statusItem.filter({ hasText: 'grok-4.7' }).waitFor();
    await until('the key', async () => (await ask(session, 'xai/grok-4.7')).includes('Right.'));
    await seen(editor, 'opencodex.setProviderKey', 'stored');
  });

  step(
    'the models of every provider are asked for again, and who does not answer is named',
    async () => {
      await editor.run('OpenCodex: Refresh Models');
      const problem = editor.notification('LM Studio');
      await problem.waitFor();
      await seen(editor, 'opencodex.refreshModels', 'one provider does not answer');
      await editor.clearNotifications();
    },
  );

  step('a provider is removed after a question, with its key', async () => {
    await editor.run('OpenCodex: Remove Provider...');
    await choose('Remove Provider', 'LM Studio');
    const question = editor.dialog('Remove LM Studio?');
    await question.waitFor();
    await seen(editor, 'opencodex.removeProvider', 'the question');
    await editor.answer(question, 'Cancel');
    assert.notEqual(entry('lm-studio'), undefined);
    await editor.run('OpenCodex: Remove Provider...');
    await choose('Remove Provider', 'LM Studio');
    await editor.answer(editor.dialog('Remove LM Studio?'), 'Remove');
    await until('its end', () => entry('lm-studio') === undefined);
    await editor.page.getByText('LM Studio is removed').waitFor();
    await seen(editor, 'opencodex.removeProvider', 'removed');
  });

  step('where everybody answers, the number of models is said', async () => {
    await editor.run('OpenCodex: Remove Provider...');
    await choose('Remove Provider', 'Simulated');
    await editor.answer(editor.dialog('Remove Simulated?'), 'Remove');
    await until('its end', () => entry('sim') === undefined);
    await editor.run('OpenCodex: Refresh Models');
    await editor.page.locator('.statusbar-item', { hasText: /\d+ models/ }).waitFor();
    await seen(editor, 'opencodex.refreshModels', 'how many there are');
  });
});

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((found) => found.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}
