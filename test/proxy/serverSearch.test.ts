import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { catalogEntry } from '../../src/providers/catalog.ts';
import type { NetworkOptions } from '../../src/proxy/network.ts';
import { anthropicWire } from '../support/anthropicUpstream.ts';
import { at, listOf } from '../support/json.ts';
import { startProxy } from '../support/proxy.ts';
import { responsesWire } from '../support/responsesUpstream.ts';
import { testScope } from '../support/scope.ts';
import {
  call,
  reasoning,
  type SeenRequest,
  searched,
  stopShort,
  text,
  usage,
} from '../support/script.ts';
import { pages, startSearchEngine } from '../support/searchEngine.ts';
import { chatStream, eventStream, type Respond, startUpstream } from '../support/upstream.ts';
import type { Wire } from '../support/wire.ts';
import { chatEntry, turn } from './client.ts';

const live = { type: 'web_search', external_web_access: true };
const fields = (tool: object = {}) => ({ model: 'sim/sim-1', tools: [{ ...live, ...tool }] });
const search = () => call('web_search', { query: 'newest version' });

const resultsIn = (request: SeenRequest | undefined): string =>
  (request?.messages ?? [])
    .filter(({ role }) => role === 'tool')
    .map((message) => message.text)
    .join('\n');

function webSearchOf(id: string) {
  const webSearch = catalogEntry(id)?.quirks?.webSearch;
  assert.ok(webSearch !== undefined);
  return { webSearch };
}

/** A provider that searches itself as the vendor of that name does, and an engine behind it. */
async function setUp(t: TestContext, wire: Wire, vendor: string) {
  const scope = testScope(t);
  const provider = await wire.start(scope);
  const engine = await startSearchEngine(scope);
  const before: unknown = provider.entry['quirks'];
  const quirks = { ...Object(before), ...webSearchOf(vendor) };
  const proxy = await startProxy(scope, {
    providers: { sim: { ...provider.entry, quirks } },
    webSearchSidecar: { service: engine.service },
  });
  scope.add(() => assert.deepEqual(provider.refusals, []));
  return { scope, provider, engine, proxy };
}

test('a search that its provider pauses goes on, with all there is of it', async (t) => {
  const { provider, engine, proxy } = await setUp(t, anthropicWire, 'anthropic');
  provider.play(
    [search(), usage({ input: 10, output: 1 })],
    [
      reasoning('Two searches, then.'),
      text('One moment.'),
      searched('a', pages, { paused: true }),
      usage({ input: 20, output: 2 }),
    ],
    [searched('b', pages), text('It is 4.2.'), usage({ input: 30, output: 3 })],
    [text('So.'), usage({ input: 40, output: 4 })],
  );
  const { body } = await turn(proxy, fields());
  assert.match(body, /"So\."/);
  const [, first, second, last] = provider.requests;
  const kinds = listOf(at(second?.body, 'messages', -1, 'content')).map((block) =>
    at(block, 'type'),
  );
  assert.deepEqual(kinds, ['thinking', 'text', 'server_tool_use', 'web_search_tool_result']);
  assert.deepEqual(at(second?.body, 'tools'), at(first?.body, 'tools'));
  assert.match(
    resultsIn(last),
    /> One moment\.\s*It is 4\.2\.|> One moment\.[\s\S]*> It is 4\.2\./,
  );
  assert.deepEqual(engine.queries, []);
  assert.equal(proxy.proxy.snapshot().requests[0]?.inputTokens, 100);
  assert.equal(proxy.proxy.snapshot().requests[0]?.outputTokens, 10);
});

test('a search that is paused without end is given up', async (t) => {
  const { provider, proxy } = await setUp(t, anthropicWire, 'anthropic');
  const paused = [text('Still looking.'), searched('a', pages, { paused: true })];
  provider.play([search()], paused, paused, paused, paused, [text('So.')]);
  const { body } = await turn(proxy, fields());
  assert.match(body, /"So\."/);
  assert.equal(provider.unplayed, 0);
});

test('a search that breaks off in the middle is none', async (t) => {
  const { provider, engine, proxy } = await setUp(t, anthropicWire, 'anthropic');
  provider.play([search()], [text('Half'), stopShort], [text('So.')]);
  await turn(proxy, fields());
  assert.equal(engine.queries.length, 1);
  assert.ok(!resultsIn(provider.requests[2]).includes('Half'));
});

for (const [wire, vendor] of [
  [anthropicWire, 'anthropic'],
  [responsesWire, 'xai'],
] as const) {
  test(`a search that fails inside a good answer of ${vendor} gives way to the next`, async (t) => {
    const { provider, engine, proxy } = await setUp(t, wire, vendor);
    const failed = searched('a', [], { error: 'unavailable' });
    provider.play([search()], [failed, text('I cannot search now.')], [text('So.')]);
    await turn(proxy, fields());
    assert.deepEqual(engine.queries, ['newest version']);
    const result = resultsIn(provider.requests[2]);
    assert.match(result, /4\.2 is the newest/);
    assert.ok(!result.includes('cannot search'));
  });
}

test('a search that cannot keep to the client’s filters is not asked', async (t) => {
  const { provider, engine, proxy } = await setUp(t, anthropicWire, 'anthropic');
  provider.play([search()], [text('So.')]);
  const filters = { allowed_domains: ['example.com'], blocked_domains: ['old.example.com'] };
  await turn(proxy, fields({ filters }));
  assert.equal(engine.queries.length, 1);
  assert.equal(engine.queries[0], 'newest version site:example.com -site:old.example.com');
});

test('where another wire of the same address searches, it is asked with the same key', async (t) => {
  const scope = testScope(t);
  const answers = await responsesWire.start(scope);
  answers.play([searched('a', pages), text('It is 4.2.')]);
  // Chat Completions is here, and the Responses API behind it.
  const chat: Respond = async ({ path, body, headers }, response) => {
    if (path === '/v1/responses') {
      const beside = await fetch(`${answers.entry['baseUrl']}/responses`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: String(headers.authorization),
        },
        body: body.toString(),
      });
      response.writeHead(beside.status, eventStream).end(await beside.text());
      return;
    }
    if (!path.endsWith('/chat/completions')) {
      response.writeHead(404).end();
      return;
    }
    const asked: unknown = JSON.parse(body.toString());
    const again = JSON.stringify(at(asked, 'messages')).includes('It is 4.2.');
    const named = { name: 'web_search', arguments: '{"query":"newest"}' };
    const delta = again
      ? { content: 'So.' }
      : { tool_calls: [{ index: 0, id: 'call_x', function: named }] };
    response.writeHead(200, eventStream).end(chatStream(delta));
  };
  const upstream = await startUpstream(scope, chat);
  const proxy = await startProxy(scope, {
    providers: {
      sim: {
        ...chatEntry(upstream.url, { quirks: webSearchOf('xai') }),
        models: ['sim-1'],
        apiKey: answers.apiKey,
      },
    },
  });
  const { body } = await turn(
    proxy,
    fields({ user_location: { type: 'approximate', city: 'Bonn', country: 'DE' } }),
  );
  assert.match(body, /"So\."/);
  assert.deepEqual(answers.refusals, []);
  const [asked] = answers.requests;
  assert.deepEqual(asked?.serverSearch, { type: 'web_search' });
  // It takes no place: the model is told.
  assert.equal(asked?.messages.at(-1)?.text, 'newest\n\nThe user is near: DE, Bonn');
});

/** Every host of the internet is this one. */
const alwaysTo = (port: () => number): NetworkOptions => ({
  connect: ({ hostname, port: given }, callback) => {
    const own = hostname === '127.0.0.1' || hostname === 'localhost';
    const socket = connect({ host: '127.0.0.1', port: own ? Number(given) : port() });
    socket.once('connect', () => callback(null, socket));
    socket.once('error', (thrown) => callback(thrown, null));
  },
});

const indexed = { external_web_access: false };

test('in an index only those search who have one', async (t) => {
  const scope = testScope(t);
  const provider = await anthropicWire.start(scope);
  const service = await startUpstream(scope, (_request, response) => {
    const result = { url: 'https://example.com/', title: 'T', description: 'From the index.' };
    response.end(JSON.stringify({ web: { results: [result] } }));
  });
  const started = (name: string) =>
    startProxy(
      scope,
      {
        providers: {
          sim: {
            ...provider.entry,
            quirks: { ...Object(provider.entry['quirks']), ...webSearchOf('anthropic') },
          },
        },
        webSearchSidecar: { service: { name, apiKey: 'a-service-key' } },
      },
      { network: alwaysTo(() => service.port) },
    );
  provider.play([search()], [text('So.')]);
  await turn(await started('brave'), fields(indexed));
  assert.match(resultsIn(provider.requests[1]), /From the index/);
  const [asked] = service.requests;
  assert.equal(asked?.headers.host, 'api.search.brave.com');
  assert.equal(asked.headers['x-subscription-token'], 'a-service-key');

  provider.play([text('I cannot.')]);
  await turn(await started('tavily'), fields(indexed));
  assert.deepEqual(provider.requests[2]?.tools, []);
  assert.equal(service.requests.length, 1);
});

test('whoever searches sees its own credential and no other', async (t) => {
  const scope = testScope(t);
  const provider = await anthropicWire.start(scope);
  const elsewhere = await startUpstream(scope, ({ headers }, response) => {
    if (headers.host === 'chatgpt.com') response.writeHead(500).end('{"detail":"broken"}');
    else response.end(JSON.stringify({ results: [{ url: 'https://a.test', title: 'A' }] }));
  });
  const serviceKey = 'tvly-0123456789';
  const proxy = await startProxy(
    scope,
    {
      providers: {
        sim: {
          ...provider.entry,
          quirks: { ...Object(provider.entry['quirks']), ...webSearchOf('anthropic') },
        },
        openai: {
          adapter: 'openai-responses',
          baseUrl: 'https://chatgpt.com/backend-api/codex',
          authMode: 'forward',
        },
      },
      webSearchSidecar: { service: { name: 'tavily', apiKey: serviceKey } },
    },
    { network: alwaysTo(() => elsewhere.port) },
  );
  const failed = searched('a', [], { error: 'unavailable' });
  provider.play([search()], [failed, text('No.')], [text('So.')]);
  const login = 'the-login-of-the-user';
  const { body } = await turn(proxy, fields(), {
    authorized: false,
    headers: { 'x-opencodex-token': proxy.token, authorization: `Bearer ${login}` },
  });
  assert.match(body, /"So\."/);
  const seen = {
    provider: JSON.stringify(provider.requests.map(({ headers, body: sent }) => [headers, sent])),
    chatgpt: '',
    service: '',
  };
  for (const { headers, body: sent } of elsewhere.requests) {
    const whole = JSON.stringify(headers) + sent.toString();
    if (headers.host === 'chatgpt.com') seen.chatgpt += whole;
    else seen.service += whole;
  }
  const secrets = { provider: provider.apiKey, chatgpt: login, service: serviceKey };
  for (const [who, sent] of Object.entries(seen)) {
    for (const [whose, secret] of Object.entries(secrets)) {
      assert.equal(sent.includes(secret), who === whose, `${whose}’s at ${who}`);
    }
    assert.ok(!sent.includes(proxy.token), who);
  }
});
