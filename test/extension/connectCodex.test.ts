import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { proxiesLoopback } from '../../src/codex/loopbackProxy.ts';
import { freePort } from '../support/freePort.ts';
import { testScope } from '../support/scope.ts';
import { editor } from '../support/vscode.ts';
import { flowParts } from './flow.ts';

const { connectCodex, disconnectCodex } = await import('../../src/vscode/connectCodex.ts');
const { codexLink, leaveCodex } = await import('../../src/vscode/codexLink.ts');
const { TabInputTextDiff } = await import('../support/vscodeModule.ts');

const own = 'model = "gpt-6.1-sol"\n';

test('the lines are shown before the question, without the token, and then written', async (t) => {
  const parts = await flowParts(testScope(t));
  const file = join(parts.codexFolder, 'config.toml');
  writeFileSync(file, own);
  let shown = '';
  editor.press = ({ buttons }) => {
    if (!buttons.includes('Connect')) return undefined;
    assert.equal(readFileSync(file, 'utf8'), own, 'written before the answer');
    const [tab] = editor.tabs;
    assert.ok(tab?.input instanceof TabInputTextDiff);
    assert.equal(editor.readText(tab.input.original), own);
    shown = editor.readText(tab.input.modified) ?? '';
    return 'Connect';
  };
  await connectCodex(parts);
  assert.match(shown, /base_url = "http:\/\/127\.0\.0\.1:10100\/v1"/);
  assert.ok(!shown.includes(parts.token), 'the token is on the screen');
  const written = readFileSync(file, 'utf8');
  assert.ok(written.includes(parts.token));
  assert.equal(written.replaceAll(parts.token, '(local access token)'), shown);
  assert.equal(editor.tabs.length, 0, 'the comparison stays open');
  assert.match(editor.messages.at(-1)?.text ?? '', /^Codex is connected\. Restart Codex/);

  assert.equal(await codexLink(parts, 10_100), 'connected');
  assert.equal(await codexLink(parts, undefined), 'connected');
  assert.equal(await codexLink(parts, 10_101), 'outdated');
  editor.press = () => 'Cancel';
  await disconnectCodex(parts);
  assert.equal(readFileSync(file, 'utf8'), written);
  editor.press = () => 'Disconnect, Keep Threads';
  await disconnectCodex(parts);
  assert.match(
    readFileSync(file, 'utf8'),
    /^model = "gpt-6\.1-sol"\n\n(#.*\n)+\[model_providers\.opencodex\]$/m,
  );
  assert.equal(await codexLink(parts, 10_100), 'disconnected');
  editor.press = () => 'Disconnect';
  await disconnectCodex(parts);
  assert.equal(readFileSync(file, 'utf8'), own);
  assert.equal(await codexLink(parts, 10_100), 'disconnected');
});

test('who wants it so gets Codex back while no window serves, and our lines at the next start', async (t) => {
  const scope = testScope(t);
  const parts = await flowParts(scope);
  const file = join(parts.codexFolder, 'config.toml');
  writeFileSync(file, own);
  editor.press = ({ text, buttons }) => {
    if (buttons.includes('Connect')) assert.match(text, /waits for the network and goes on/);
    return buttons.find((button) => button === 'Connect, Disconnect on Exit');
  };
  await connectCodex(parts);
  assert.equal(await codexLink(parts, 10_100), 'connected');
  assert.match(readFileSync(join(parts.home, 'config.json'), 'utf8'), /"disconnectOnExit": *true/);

  const port = await freePort();
  await leaveCodex(parts, port);
  assert.equal(readFileSync(file, 'utf8'), own);
  assert.equal(await codexLink(parts, undefined), 'disconnected', 'nobody serves yet');
  assert.equal(await codexLink(parts, 10_100), 'connected');

  editor.press = ({ text, buttons }) => {
    if (buttons.includes('Disconnect')) return 'Disconnect';
    if (buttons.includes('Connect')) assert.match(text, /the last window closes/);
    return 'Connect and Stay Connected';
  };
  await disconnectCodex(parts);
  assert.equal(await codexLink(parts, 10_100), 'disconnected', 'the user has disconnected it');
  await connectCodex(parts);
  await leaveCodex(parts, port);
  assert.equal(await codexLink(parts, 10_100), 'connected');
});

test('a new login of Codex is taken up, but another port is not ours to change', async (t) => {
  const parts = await flowParts(testScope(t));
  const file = join(parts.codexFolder, 'config.toml');
  editor.press = ({ buttons }) => buttons.find((button) => button === 'Connect');
  await connectCodex(parts);
  assert.match(readFileSync(file, 'utf8'), /experimental_bearer_token/);
  const login = { auth_mode: 'chatgpt', tokens: { access_token: 'jwt' } };
  writeFileSync(join(parts.codexFolder, 'auth.json'), JSON.stringify(login));
  assert.equal(await codexLink(parts, 10_101), 'outdated');
  assert.match(readFileSync(file, 'utf8'), /experimental_bearer_token/);
  assert.equal(await codexLink(parts, 10_100), 'connected');
  assert.match(readFileSync(file, 'utf8'), /requires_openai_auth = true/);
});

test('whoever does not say yes keeps the file as it is', async (t) => {
  const parts = await flowParts(testScope(t));
  for (const answer of ['Cancel', undefined]) {
    editor.press = () => answer;
    await connectCodex(parts);
    assert.equal(existsSync(join(parts.codexFolder, 'config.toml')), false);
    assert.equal(editor.tabs.length, 0);
  }
});

test('a file that cannot be understood is left alone, and its place is named', async (t) => {
  const parts = await flowParts(testScope(t));
  writeFileSync(join(parts.codexFolder, 'config.toml'), 'model = "gpt\n');
  await assert.rejects(connectCodex(parts), /config\.toml, line 1/);
  assert.equal(editor.tabs.length, 0);
  assert.equal(await codexLink(parts, 10_100), 'unknown');
});

test('without a proxy Codex is not connected to nowhere', async (t) => {
  const parts = await flowParts(testScope(t), { state: { proxy: { status: 'starting' } } });
  editor.press = () => 'Start Proxy';
  await connectCodex(parts);
  assert.equal(parts.proxy.starts, 1);
  assert.equal(existsSync(join(parts.codexFolder, 'config.toml')), false);
});

test('a proxy of the environment that would get the local requests is noticed', () => {
  assert.equal(proxiesLoopback({}), false);
  assert.equal(proxiesLoopback({ HTTPS_PROXY: 'http://proxy:3128' }), false);
  assert.equal(proxiesLoopback({ HTTP_PROXY: 'http://proxy:3128' }), true);
  assert.equal(proxiesLoopback({ http_proxy: 'http://proxy:3128', no_proxy: 'intra' }), true);
  assert.equal(
    proxiesLoopback({ http_proxy: 'http://proxy:3128', NO_PROXY: 'a, 127.0.0.1' }),
    false,
  );
  assert.equal(proxiesLoopback({ http_proxy: 'http://proxy:3128', NO_PROXY: '*' }), false);
});
