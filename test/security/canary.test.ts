// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to environment variables in config.json
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Answer, ask, open, openTurn, responsesEntry, turn } from '../proxy/client.ts';
import { writeConfig } from '../support/configFile.ts';
import { startIdentityProvider } from '../support/identityProvider.ts';
import { serveIn } from '../support/listen.ts';
import { outcome, spawnOcx, startOcx } from '../support/ocx.ts';
import { type Scope, testScope } from '../support/scope.ts';
import {
  chatChunk,
  chatStream,
  eventStream,
  type Respond,
  startUpstream,
} from '../support/upstream.ts';

/** None of them looks like a key: what hides them has to know them. */
const canaries = {
  chat: 'canary.chat-env.1a2b',
  claude: 'canary.claude-file.3c4d',
  gemini: 'canary.gemini-file.5e6f',
  pass: 'canary.pass-file.7a8b',
  header: 'canary.header-env.9c0d',
  gitlab: 'canary.gitlab-pat.1e2f',
  bought: 'canary.gitlab-token.3a4b',
  chatgpt: 'canary.chatgpt-login.5c6d',
  typed: 'canary.typed-key.7e8f',
} as const;

const completed =
  'event: response.completed\ndata: {"type":"response.completed","response":{"id":"r","object":"response","status":"completed","output":[]}}\n\n';
const message = (type: string, more: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;

/** What a good answer is, by the path that was asked. */
function success(path: string): string {
  if (path.endsWith('/chat/completions')) return chatStream({ content: 'ok' });
  if (path.endsWith('/messages')) {
    const begun = { id: 'm', type: 'message', role: 'assistant', model: 'm', content: [] };
    return [
      message('message_start', { message: { ...begun, usage: { input_tokens: 1 } } }),
      message('content_block_start', { index: 0, content_block: { type: 'text', text: 'ok' } }),
      message('content_block_stop', { index: 0 }),
      message('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 } }),
      message('message_stop', {}),
    ].join('');
  }
  if (path.includes('GenerateContent')) {
    const part = { content: { role: 'model', parts: [{ text: 'ok' }] }, finishReason: 'STOP' };
    return `data: ${JSON.stringify({ candidates: [part] })}\n\n`;
  }
  return completed;
}

/** A provider that hands back all it was given, in the way that the model's name says. */
const tellTale: Respond = ({ path, headers, body }, response) => {
  const echo = `no: ${JSON.stringify(headers)} ${path}`;
  const told = JSON.stringify({ error: { message: echo, type: 'invalid_request_error' } });
  const kind = /e400|e500|html|instream|cut|slow/.exec(path + body.toString())?.[0];
  const json = { 'content-type': 'application/json' };
  if (path.endsWith('/models')) {
    response.writeHead(401, json).end(told);
    return;
  }
  switch (kind) {
    case 'e400':
      response.writeHead(400, json).end(told);
      break;
    case 'e500':
      response.writeHead(500).end(echo);
      break;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end(`<title>${echo}</title>`);
      break;
    case 'instream':
      response
        .writeHead(200, eventStream)
        .write(path.includes('/chat/') ? chatChunk('so far') : '');
      response.end(`event: error\ndata: ${told}\n\n`);
      break;
    case 'cut':
      response.destroy();
      break;
    case 'slow':
      response.writeHead(200, eventStream).flushHeaders();
      break;
    default:
      response.writeHead(200, eventStream).end(success(path));
  }
};

interface Far {
  readonly port: number;
  readonly seen: readonly { readonly host: string; readonly path: string; readonly text: string }[];
}

/** The hosts that a login or a bought token is bound to. */
async function startFar(scope: Scope): Promise<Far> {
  const seen: { host: string; path: string; text: string }[] = [];
  const tls = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));
  let refusals = 0;
  const server = createServer({ key: tls('serverKey.pem'), cert: tls('server.pem') });
  server.on('request', async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { host = '' } = request.headers;
    const path = request.url ?? '';
    const body = Buffer.concat(chunks);
    seen.push({ host, path, text: JSON.stringify(request.headers) + body.toString() });
    const first = host === 'api.kimi.com' && path.includes('completions') && refusals === 0;
    if (first) refusals += 1;
    if (host === 'gitlab.com') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ token: canaries.bought, headers: { 'x-gitlab-org': 'o' } }));
    } else if (first) {
      response.writeHead(401).end(`expired: ${request.headers.authorization}`);
    } else {
      await tellTale(
        { method: 'POST', path, headers: request.headers, body, aborted: Promise.resolve() },
        response,
      );
    }
  });
  return { port: await serveIn(scope, server), seen };
}

function config(url: string): object {
  return {
    defaultProvider: 'chat',
    providers: {
      chat: {
        adapter: 'openai-chat',
        baseUrl: `${url}/v1`,
        apiKey: '${CANARY_CHAT}',
        headers: { 'x-team': '${CANARY_HEADER}' },
      },
      claude: { adapter: 'anthropic', baseUrl: url, apiKey: canaries.claude },
      gemini: { adapter: 'google', baseUrl: `${url}/v1beta`, apiKey: canaries.gemini },
      pass: responsesEntry(url, { apiKey: canaries.pass }),
      openai: {
        adapter: 'openai-responses',
        baseUrl: 'https://chatgpt.com/backend-api/codex',
        authMode: 'forward',
      },
      'gitlab-duo': {
        adapter: 'openai-responses',
        baseUrl: 'https://cloud.gitlab.com/ai/v1/proxy/openai/v1',
        apiKey: canaries.gitlab,
      },
    },
  };
}

/** Every file of a folder but the named ones, as text. */
function filesOf(folder: string, but: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => !but.includes(name) && statSync(join(folder, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
}

const kinds = ['m', 'e400', 'e500', 'm2', 'html', 'instream', 'm3', 'cut'] as const;
const reading = ['state', 'health', 'providers', 'key-providers', 'oauth/providers', 'models'];

test('T20: no secret comes out of any flow but where it belongs', async (t) => {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, tellTale);
  const far = await startFar(scope);
  const hosts = ['chatgpt.com', 'gitlab.com', 'cloud.gitlab.com', 'api.kimi.com'];
  const idp = await startIdentityProvider(scope, (host) =>
    hosts.includes(host) ? far.port : undefined,
  );
  const home = scope.directory('home');
  writeConfig(home, config(upstream.url));
  const env = {
    ...idp.proxy.env,
    CANARY_CHAT: canaries.chat,
    CANARY_HEADER: canaries.header,
  };
  const printed: string[] = [];
  const run = async (...args: string[]): Promise<void> => {
    const { stdout, stderr } = await outcome(spawnOcx(scope, args, { home, env }));
    printed.push(stdout, stderr);
  };

  // A login whose first attempt is refused with an echo.
  idp.decide('approve');
  idp.stage('device', { status: 500, body: { error: 'no', error_description: canaries.typed } });
  await run('login', 'kimi', '--yes');
  await run('login', 'kimi', '--yes');
  assert.ok(printed.join().includes('Logged in'), printed.join());

  const ocx = await startOcx(scope, { home, env });
  ocx.child.stderr?.on('data', (text) => void printed.push(String(text)));
  const token = readFileSync(join(home, 'token'), 'utf8').trim();
  const proxy = { port: ocx.port, token };
  const events = await open(proxy, { path: '/api/events' });

  const heard: Answer[] = [];
  await Promise.all(
    ['chat', 'claude', 'gemini', 'pass', 'kimi', 'gitlab-duo'].map(async (provider) => {
      for (const kind of kinds) {
        for (const stream of /^e|cut/.test(kind) ? [true] : [true, false]) {
          const answer = await turn(proxy, { model: `${provider}/${kind}`, stream });
          // What passes through passes unaltered; all else is ours.
          if (!(provider === 'pass' && kind === 'instream')) heard.push(answer);
        }
      }
      if (upstream.requests.length === 0) return;
      const slow = await openTurn(proxy, { model: `${provider}/slow` });
      slow.close();
      await slow.ended;
    }),
  );
  // The login is Codex's own: it may read what its backend says of it.
  const login = {
    authorization: `Bearer ${canaries.chatgpt}`,
    'chatgpt-account-id': 'account',
    'x-opencodex-token': token,
  };
  for (const kind of kinds) {
    await turn(proxy, { model: `openai/${kind}` }, { authorized: false, headers: login });
  }
  // Key checks and model lists.
  for (const id of ['chat', 'claude', 'gemini', 'pass', 'kimi', 'gitlab-duo']) {
    heard.push(await ask(proxy, { method: 'POST', path: `/api/providers/${id}/test`, body: '{}' }));
  }
  const body = JSON.stringify({
    id: 'typed',
    entry: { adapter: 'openai-chat', baseUrl: `${upstream.url}/v1` },
    key: canaries.typed,
  });
  heard.push(await ask(proxy, { method: 'POST', path: '/api/providers/check', body }));
  heard.push(await ask(proxy), await ask(proxy, { path: '/v1/codex/models' }));
  for (const path of [...reading, 'requests', 'usage', 'subagent-models']) {
    heard.push(await ask(proxy, { path: `/api/${path}` }));
  }
  const ids: readonly { readonly id: string }[] = JSON.parse(
    heard.find(({ body: text }) => text.includes('"cursor"'))?.body ?? '{}',
  ).requests;
  assert.ok(ids.length > 50, `${ids.length} requests`);
  for (const { id } of ids) {
    heard.push(await ask(proxy, { path: `/api/requests/${encodeURIComponent(id)}` }));
  }
  await run('provider', 'test', 'chat');
  await run('provider', 'test', 'claude');
  await run('provider', 'list');
  await run('models');
  await run('status');
  await run('logout', 'kimi');
  events.close();
  await ocx.end('SIGTERM');
  printed.push(...ocx.lines);

  // Everything was really used …
  const sent = upstream.requests.map(({ headers }) => JSON.stringify(headers)).join();
  const farSent = far.seen.map(({ text }) => text).join();
  for (const name of ['chat', 'claude', 'gemini', 'pass', 'header', 'typed'] as const) {
    assert.ok(sent.includes(canaries[name]), `${name} was never sent`);
  }
  for (const name of ['gitlab', 'bought', 'chatgpt'] as const) {
    assert.ok(farSent.includes(canaries[name]), `${name} was never sent`);
  }
  assert.equal(idp.count('token') >= 2, true, 'the login was renewed');
  assert.deepEqual(idp.faults, []);

  // … and is nowhere else.
  const secrets = [...Object.values(canaries), ...idp.tokens.secrets, token];
  const sinks: [string, string][] = [
    ['what ocx prints', printed.join('\n')],
    ['answers', JSON.stringify(heard)],
    ['events', events.text()],
    ['addresses', [...upstream.requests, ...far.seen].map(({ path }) => path).join('\n')],
    ['hosts', idp.proxy.asked.join('\n')],
    ...filesOf(home, ['config.json', 'auth.json', 'token']),
  ];
  assert.ok(
    sinks.some(([name]) => name.startsWith('logs')),
    'there is no request log',
  );
  for (const [sink, text] of sinks) {
    for (const secret of secrets) {
      const at = text.indexOf(secret);
      const around = text.slice(Math.max(0, at - 200), at + 200);
      assert.equal(at, -1, `${sink} holds ${secret.slice(0, 24)}…: ${around}`);
    }
  }
  const file = readFileSync(join(home, 'config.json'), 'utf8');
  for (const secret of [canaries.chat, canaries.header, canaries.typed, canaries.chatgpt, token]) {
    assert.ok(!file.includes(secret), 'config.json holds what is kept elsewhere');
  }
  // Each credential goes to its own provider alone (T24).
  const foreign = (headers: IncomingHttpHeaders | string, own: readonly string[]) =>
    secrets.filter((s) => !own.includes(s) && JSON.stringify(headers).includes(s));
  for (const { headers } of upstream.requests) {
    const one = Object.values(canaries).filter((s) => JSON.stringify(headers).includes(s));
    assert.ok(one.length <= (headers['x-team'] === undefined ? 1 : 2), one.join());
    assert.deepEqual(foreign(headers, Object.values(canaries)), []);
  }
  for (const { host, text } of far.seen) {
    const own: Readonly<Record<string, readonly string[]>> = {
      'chatgpt.com': [canaries.chatgpt],
      'gitlab.com': [canaries.gitlab],
      'cloud.gitlab.com': [canaries.bought],
      'api.kimi.com': idp.tokens.secrets,
    };
    assert.deepEqual(foreign(text, own[host] ?? []), [], host);
  }
});
