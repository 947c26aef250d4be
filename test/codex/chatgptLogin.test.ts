import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connectCodex } from '../../src/codex/connect.ts';
import type { NetworkOptions } from '../../src/proxy/network.ts';
import { chatWire } from '../support/chatUpstream.ts';
import { CodexHome } from '../support/codex.ts';
import { writeLogin } from '../support/codexLogin.ts';
import { at, listOf } from '../support/json.ts';
import { listen } from '../support/listen.ts';
import { startProxy } from '../support/proxy.ts';
import { type Scope, testScope } from '../support/scope.ts';
import { text } from '../support/script.ts';
import { until } from '../support/until.ts';
import { eventStream, startUpstream } from '../support/upstream.ts';

const codexBin = dirname(fileURLToPath(new URL('../../node_modules/.bin/codex', import.meta.url)));
const forward = {
  adapter: 'openai-responses',
  baseUrl: 'https://chatgpt.com/backend-api/codex',
  authMode: 'forward',
};

/** An answer as OpenAI's own backend gives it. */
const answer = (words: string): string =>
  [
    { type: 'response.created', response: { id: 'resp_1' } },
    {
      type: 'response.output_item.done',
      output_index: 0,
      item: {
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        content: [{ type: 'output_text', text: words }],
      },
    },
    { type: 'response.completed', response: { id: 'resp_1' } },
  ]
    .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    .join('');

/** ChatGPT is a fake of its own; every other host is what its name says. */
async function chatgpt(scope: Scope) {
  const upstream = await startUpstream(scope, (_request, response) => {
    response.writeHead(200, eventStream).end(answer('From ChatGPT.'));
  });
  const network: NetworkOptions = {
    connect: ({ hostname, port }, callback) => {
      const toChatgpt = hostname === 'chatgpt.com';
      const socket = connect({ host: '127.0.0.1', port: toChatgpt ? upstream.port : Number(port) });
      socket.once('connect', () => callback(null, socket));
      socket.once('error', (thrown) => callback(thrown, null));
    },
  };
  return { upstream, network };
}

async function startSignedIn(t: TestContext) {
  const scope = testScope(t);
  const { upstream, network } = await chatgpt(scope);
  const provider = await chatWire.start(scope);
  const proxy = await startProxy(
    scope,
    { defaultProvider: 'sim', providers: { openai: forward, sim: provider.entry } },
    // Here the proxy finds the installed Codex and learns from it.
    { network, env: { PATH: `${codexBin}:${process.env['PATH']}` } },
  );
  await until('the models of the installed Codex', async () => {
    const catalog = await fetch(`${proxy.baseUrl}/codex/models`, {
      headers: { 'x-opencodex-token': proxy.token },
    });
    return (await catalog.text()).includes('"openai/gpt-5.5"');
  });
  const codex = new CodexHome(scope);
  const login = writeLogin(codex.home);
  const folders = { codexHome: codex.home, home: proxy.home };
  const connected = await connectCodex({ ...folders, port: proxy.port, token: proxy.token });
  assert.ok(connected.ok);
  return { scope, upstream, provider, proxy, codex, login };
}

/** Codex's own plugins and apps wait for hosts that are not in reach. */
const quiet = ['--disable', 'apps', '--disable', 'plugins'];

test('Codex’s ChatGPT login goes to ChatGPT alone, and its own models lead the list for sub-agents', async (t) => {
  const { upstream, provider, proxy, codex, login } = await startSignedIn(t);
  const native = await codex.exec('Hello', ['-m', 'openai/gpt-6.1-sol', ...quiet]);
  assert.deepEqual(native.messages, ['From ChatGPT.'], String(native));
  const sent = upstream.requests.at(-1);
  assert.equal(sent?.path, '/backend-api/codex/responses');
  assert.equal(sent.headers.authorization, `Bearer ${login.accessToken}`);
  assert.equal(sent.headers['chatgpt-account-id'], login.accountId);
  assert.ok(!JSON.stringify(sent.headers).includes(proxy.token));
  const body: unknown = JSON.parse(sent.body.toString());
  assert.equal(at(body, 'model'), 'gpt-6.1-sol');

  const asked = upstream.requests.length;
  provider.play([text('From another.')]);
  const routed = await codex.exec('Hello', ['-m', 'sim/sim-1', ...quiet]);
  assert.deepEqual(routed.messages, ['From another.'], String(routed));
  assert.equal(upstream.requests.length, asked);
  const seen = JSON.stringify(provider.requests);
  assert.ok(!seen.includes(login.accessToken) && !seen.includes(login.accountId));

  const bundled: unknown = JSON.parse((await codex.run(['debug', 'models', '--bundled'])).stdout);
  const own = listOf(at(bundled, 'models'))
    .filter((model) => at(model, 'visibility') === 'list')
    .toSorted((a, b) => Number(at(a, 'priority')) - Number(at(b, 'priority')))
    .map((model) => `openai/${at(model, 'slug')}`);
  const spawn = provider.requests[0]?.tools.find((tool) => /spawn_agent$/.test(tool.name));
  const advertised = [...(spawn?.description ?? '').matchAll(/^- `([^`]+)`/gm)];
  assert.deepEqual(
    advertised.map(([, id]) => id),
    own.slice(0, 5),
    spawn?.description,
  );

  // The routed model reads the prompt of the installed Codex, as nobody in particular.
  const [prompt] = provider.requests[0]?.messages ?? [];
  assert.match(prompt?.text ?? '', /^You are Codex, a coding agent\. You and the user share/);
});

test('a Codex that takes us for OpenAI packs its requests and asks for a WebSocket, and works', async (t) => {
  const { upstream, provider, proxy, codex, login } = await startSignedIn(t);
  const path = join(codex.home, 'config.toml');
  const config = readFileSync(path, 'utf8');
  const asOpenAi = config
    .replace(/^name = .*$/m, 'name = "OpenAI"')
    .replace(/^supports_websockets = .*\n/m, '')
    .replace(/^requires_openai_auth = .*$/m, '$&\nsupports_websockets = true');
  assert.notEqual(asOpenAi, config);
  writeFileSync(path, asOpenAi);
  const heard: string[] = [];
  const front = await relay(t, proxy.port, heard);
  writeFileSync(path, asOpenAi.replaceAll(`127.0.0.1:${proxy.port}`, `127.0.0.1:${front}`));

  const native = await codex.exec('Hello', ['-m', 'openai/gpt-6.1-sol', ...quiet]);
  assert.deepEqual(native.messages, ['From ChatGPT.'], String(native));
  provider.play([text('From another.')]);
  const routed = await codex.exec('Hello', ['-m', 'sim/sim-1', ...quiet]);
  assert.deepEqual(routed.messages, ['From another.'], String(routed));

  const talk = heard.join('');
  assert.match(talk, /^upgrade: websocket/im);
  assert.match(talk, /^HTTP\/1\.1 426 /m);
  assert.match(talk, /^content-encoding: zstd/im);
  const sent = upstream.requests.at(-1);
  assert.equal(at(JSON.parse(sent?.body.toString() ?? ''), 'model'), 'gpt-6.1-sol');
  const seen = JSON.stringify(provider.requests);
  assert.ok(!seen.includes(login.accessToken) && !seen.includes(login.accountId));
});

/** Stands before a port and writes down what goes through. */
async function relay(t: TestContext, port: number, heard: string[]): Promise<number> {
  const server = createServer((client) => {
    const target = connect({ host: '127.0.0.1', port });
    // The proxy answers to its own address alone.
    const [ours, theirs] = [`host: 127.0.0.1:${client.localPort}`, `host: 127.0.0.1:${port}`];
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      from.setEncoding('latin1');
      from.on('data', (text: string) => {
        heard.push(text);
        to.write(text.replace(ours, theirs), 'latin1');
      });
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
    t.after(() => client.destroy());
  });
  t.after(() => server.close());
  return await listen(server);
}
