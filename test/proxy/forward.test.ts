import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { NetworkOptions } from '../../src/proxy/network.ts';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import {
  chatStream,
  eventStream,
  type FakeUpstream,
  type Respond,
  sayOk,
  startUpstream,
} from '../support/upstream.ts';
import { ask, chatEntry, textOf, turn } from './client.ts';

const login = {
  authorization: 'Bearer eyJhbGciOiJub25lIn0.chatgpt-login.c2ln',
  'chatgpt-account-id': 'account-of-the-user',
};
const completed =
  'event: response.completed\ndata: {"type":"response.completed","response":{"id":"r"}}\n\n';

/** The product sends logins to one host alone; here that host is the fake. */
function chatgptAt(upstream: FakeUpstream): { network: NetworkOptions; reached: string[] } {
  const reached: string[] = [];
  return {
    reached,
    network: {
      connect: (options, callback) => {
        reached.push(`${options.protocol}//${options.hostname}:${options.port}`);
        const socket = connect({ host: '127.0.0.1', port: upstream.port });
        socket.once('connect', () => callback(null, socket));
        socket.once('error', (thrown) => callback(thrown, null));
      },
    },
  };
}

async function setUp(
  t: test.TestContext,
  respond: Respond,
  providers: object = {},
  config: object = {},
) {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, respond);
  const { network, reached } = chatgptAt(upstream);
  const forward = {
    adapter: 'openai-responses',
    baseUrl: 'https://chatgpt.com/backend-api/codex',
    authMode: 'forward',
  };
  const proxy = await startProxy(
    scope,
    { defaultProvider: 'openai', providers: { openai: forward, ...providers }, ...config },
    { network },
  );
  const headers = { ...login, 'x-opencodex-token': proxy.token };
  return { scope, upstream, proxy, reached, with: { authorized: false, headers } };
}

const ok: Respond = (_request, response) => response.writeHead(200, eventStream).end(completed);

test('the login goes to ChatGPT, with what belongs to it and without our token', async (t) => {
  const { upstream, proxy, reached, with: given } = await setUp(t, ok);
  const headers = {
    ...given.headers,
    originator: 'codex_exec',
    'session-id': 's1',
    'x-codex-turn-metadata': '{"turn_id":"t"}',
    'x-codex-routing-hint': 'model=x',
    cookie: 'c=1',
    'x-forwarded-for': '1.2.3.4',
    'user-agent': 'codex_exec/0.169.0',
  };
  const answer = await turn(proxy, { model: 'gpt-9' }, { ...given, headers });
  assert.equal(answer.status, 200);
  assert.equal(answer.body, completed);
  assert.deepEqual(reached, ['https://chatgpt.com:']);
  const [request] = upstream.requests;
  assert.equal(request?.path, '/backend-api/codex/responses');
  const { host, connection, 'content-length': length, ...sent } = request.headers;
  assert.equal(host, 'chatgpt.com');
  assert.deepEqual(sent, {
    ...login,
    originator: 'codex_exec',
    'session-id': 's1',
    'x-codex-turn-metadata': '{"turn_id":"t"}',
    'user-agent': 'opencodex-vscode/0.0.0-test',
    'content-type': 'application/json',
    accept: 'text/event-stream',
    'accept-encoding': 'identity',
  });
  assert.ok(!JSON.stringify(request.headers).includes(proxy.token));
  assert.notEqual(connection, undefined);
  assert.equal(Number(length), request.body.length);
});

test('images and searches of Codex go to ChatGPT in the same way, and nowhere else', async (t) => {
  const image: Respond = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'c=1' });
    response.write('{"data":[{"b64_json":"');
    response.end(`${'A'.repeat(300_000)}"}]}`);
  };
  const { scope, upstream, proxy, reached, with: given } = await setUp(t, image);
  const body = '{"model":"gpt-image-2","prompt":"a cat"}';
  for (const path of ['/images/generations', '/alpha/search']) {
    const headers = { ...given.headers, 'x-codex-turn-metadata': '{}', cookie: 'c=1' };
    const answer = await ask(proxy, {
      ...given,
      method: 'POST',
      path: `/v1${path}`,
      body,
      headers,
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.body.length, 300_026);
    assert.equal(answer.headers['set-cookie'], undefined);
    const seen = upstream.requests.at(-1);
    assert.equal(seen?.path, `/backend-api/codex${path}`);
    assert.equal(seen.body.toString(), body);
    assert.equal(seen.headers.authorization, login.authorization);
    assert.equal(seen.headers['chatgpt-account-id'], login['chatgpt-account-id']);
    assert.equal(seen.headers.cookie, undefined);
    assert.ok(!JSON.stringify(seen.headers).includes(proxy.token));
  }
  assert.deepEqual([...new Set(reached)], ['https://chatgpt.com:']);

  const search = { ...given, method: 'POST', path: '/v1/alpha/search', body };
  upstream.respond = (_request, response) => response.writeHead(429).end('{"error":"limit"}');
  assert.deepEqual(
    [(await ask(proxy, search)).status, (await ask(proxy, search)).body],
    [429, '{"error":"limit"}'],
  );
  const trap = await startUpstream(scope);
  upstream.respond = (_request, response) => {
    response.writeHead(307, { location: trap.url }).end('x');
  };
  const redirected = await ask(proxy, search);
  assert.deepEqual([redirected.status, redirected.headers.location], [400, undefined]);
  assert.equal(trap.connections, 0);
  const asked = upstream.requests.length;
  const stranger = await ask(proxy, { ...search, headers: login });
  assert.equal(stranger.status, 400);
  assert.match(stranger.body, /token/);
  const nobody = await ask(proxy, { ...search, headers: { 'x-opencodex-token': proxy.token } });
  assert.equal(nobody.status, 400);
  assert.match(nobody.body, /codex login/);
  assert.equal(upstream.requests.length, asked);
});

test('images and searches need a provider that relays the login', async (t) => {
  const scope = testScope(t);
  const other = await startUpstream(scope);
  const proxy = await startProxy(scope, { providers: { keyed: chatEntry(other.url) } });
  const headers = { ...login, 'x-opencodex-token': proxy.token };
  const path = '/v1/images/generations';
  const answer = await ask(proxy, { method: 'POST', path, body: '{}', headers, authorized: false });
  assert.equal(answer.status, 400);
  assert.match(answer.body, /only for a ChatGPT login/);
  assert.equal(other.connections, 0);
});

test('status, body and allowed headers of a refusal pass unchanged', async (t) => {
  const { upstream, proxy, with: given } = await setUp(t, ok);
  for (const [status, body] of [
    [401, '{"error":{"message":"token expired"}}'],
    [403, '<html>blocked</html>'],
    [429, '{"error":{"type":"usage_limit_reached","message":"limit"}}'],
    [500, ''],
  ] as const) {
    upstream.respond = (_request, response) => {
      response.writeHead(status, {
        'content-type': 'application/json',
        'retry-after': '9',
        'x-request-id': 'r1',
        'x-codex-primary-used-percent': '100',
        'x-models-etag': 'theirs',
        'set-cookie': 'c=1',
        'openai-model': 'm',
      });
      response.end(body);
    };
    const answer = await turn(proxy, { model: 'gpt-9' }, given);
    assert.equal(answer.status, status);
    assert.equal(answer.body, body);
    assert.equal(answer.headers['content-type'], 'application/json');
    assert.equal(answer.headers['retry-after'], '9');
    assert.equal(answer.headers['x-request-id'], 'r1');
    assert.equal(answer.headers['x-codex-primary-used-percent'], '100');
    assert.equal(answer.headers['x-models-etag'], 'theirs');
    assert.equal(answer.headers['set-cookie'], undefined);
    assert.equal(answer.headers['openai-model'], undefined);
  }
  assert.equal(upstream.requests.length, 4);
});

test('what Codex tries again itself is not tried again here, but for a lost connection', async (t) => {
  const {
    upstream,
    proxy,
    with: given,
  } = await setUp(t, (_request, response) => {
    response.writeHead(529).end('{}');
  });
  assert.equal((await turn(proxy, { model: 'gpt-9' }, given)).status, 529);
  assert.equal(upstream.requests.length, 1);
  upstream.respond = (request, response) => {
    if (upstream.requests.length === 2) response.destroy();
    else ok(request, response);
  };
  assert.equal((await turn(proxy, { model: 'gpt-9' }, given)).body, completed);
  assert.equal(upstream.requests.length, 3);
});

test('where another model stands in, a used-up limit is not relayed, and the rest is', async (t) => {
  let refusal: readonly [number, string] = [
    429,
    '{"error":{"type":"usage_limit_reached","message":"Used up."}}',
  ];
  const respond: Respond = (request, response) => {
    if (request.path.endsWith('/chat/completions')) {
      response.writeHead(200, eventStream).end(chatStream({ content: 'from the spare' }));
    } else {
      response.writeHead(refusal[0]).end(refusal[1]);
    }
  };
  const spare = { spare: chatEntry('http://spare.test') };
  const fallbacks = { 'openai/gpt-9': ['spare/m'] };
  const { upstream, proxy, with: given } = await setUp(t, respond, spare, { fallbacks });
  assert.equal(textOf((await turn(proxy, { model: 'gpt-9' }, given)).body), 'from the spare');
  assert.deepEqual(
    upstream.requests.map(({ headers }) => headers.authorization),
    [login.authorization, 'Bearer sim-key-0123456789'],
  );
  for (const lasting of [
    [401, '{"detail":"expired"}'],
    [400, '{"detail":"bad"}'],
  ] as const) {
    refusal = lasting;
    const refused = await turn(proxy, { model: 'gpt-9' }, given);
    assert.deepEqual([refused.status, refused.body], lasting);
  }
});

test('a redirect is the one answer that does not pass: it would take the login along', async (t) => {
  const { scope, upstream, proxy, with: given } = await setUp(t, ok);
  const trap = await startUpstream(scope);
  upstream.respond = (_request, response) => {
    response.writeHead(307, { location: trap.url }).end();
  };
  const answer = await turn(proxy, { model: 'gpt-9' }, given);
  assert.equal(answer.status, 400);
  assert.equal(answer.headers.location, undefined);
  assert.equal(trap.connections, 0);
});

test('a login never reaches another provider', async (t) => {
  const scope = testScope(t);
  const other = await startUpstream(scope, sayOk);
  const { network } = chatgptAt(other);
  const proxy = await startProxy(
    scope,
    {
      providers: {
        keyed: chatEntry(other.url),
        open: chatEntry(other.url, { apiKey: '' }),
        piped: {
          adapter: 'openai-responses',
          baseUrl: other.url,
          apiKey: 'sim-key-0123456789',
          passthrough: true,
        },
      },
    },
    { network },
  );
  const headers = { ...login, 'x-opencodex-token': proxy.token };
  for (const provider of ['keyed', 'open', 'piped']) {
    await turn(proxy, { model: `${provider}/m` }, { authorized: false, headers });
  }
  assert.equal(other.requests.length, 3);
  for (const request of other.requests) {
    const sent = JSON.stringify([request.headers, request.body.toString()]);
    for (const secret of [...Object.values(login), 'chatgpt-login', proxy.token]) {
      assert.ok(!sent.includes(secret), sent);
    }
  }
});

test('a base URL in the settings cannot take the login away', async (t) => {
  const scope = testScope(t);
  const trap = await startUpstream(scope);
  const { network, reached } = chatgptAt(trap);
  const addresses = [
    trap.url,
    'http://chatgpt.com/backend-api/codex',
    'https://chatgpt.com:8443/backend-api/codex',
    'https://chatgpt.com.evil.test/backend-api/codex',
    'https://chatgpt.com/elsewhere',
  ];
  const providers = Object.fromEntries(
    addresses.map((baseUrl, i) => [
      `p${i}`,
      { adapter: 'openai-responses', baseUrl, authMode: 'forward', passthrough: true },
    ]),
  );
  const proxy = await startProxy(scope, { providers }, { network });
  const headers = { ...login, 'x-opencodex-token': proxy.token };
  for (const id of Object.keys(providers)) {
    const answer = await turn(proxy, { model: `${id}/m` }, { authorized: false, headers });
    assert.equal(answer.status, 400);
    assert.match(answer.headers['content-type'] ?? '', /^text\/plain/);
  }
  assert.deepEqual(reached, []);
  assert.equal(trap.connections, 0);
});

test('a request without a login says what to do', async (t) => {
  const { proxy, upstream } = await setUp(t, ok);
  const answer = await turn(proxy, { model: 'gpt-9' });
  assert.equal(answer.status, 400);
  assert.match(answer.body, /codex login/);
  assert.equal(upstream.requests.length, 0);
});
