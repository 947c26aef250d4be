import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import type { ProxyOptions } from '../../src/proxy/proxyOptions.ts';
import { startConnectProxy } from '../support/connectProxy.ts';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { chatStream, eventStream, sayOk, startUpstream } from '../support/upstream.ts';
import { responsesEntry, textOf, turn } from './client.ts';

/** GitLab, which sells tokens for a key at one name and takes them at another. */
async function setUp(t: TestContext) {
  const scope = testScope(t);
  const state = { revoked: new Set<string>(), sold: 0 };
  const gitlab = await startUpstream(
    scope,
    (request, response) => {
      const { authorization = '' } = request.headers;
      if (request.path.endsWith('/direct_access')) {
        state.sold += 1;
        const headers = { 'X-Gitlab-Instance-Id': 'instance-7' };
        response.end(JSON.stringify({ token: `short-lived-token-${state.sold}`, headers }));
      } else if (state.revoked.has(authorization)) {
        response.writeHead(401).end('{"error":{"message":"Token has expired"}}');
      } else {
        response.writeHead(200, eventStream).end(chatStream({ content: 'ok' }));
      }
    },
    { secure: true },
  );
  const outside = await startConnectProxy(scope, (host) =>
    host.endsWith('gitlab.com') ? gitlab.port : undefined,
  );
  const proxy = await startProxy(
    scope,
    {
      providers: {
        'gitlab-duo': {
          adapter: 'openai-chat',
          baseUrl: 'https://cloud.gitlab.com/ai/v1/proxy/openai/v1',
          apiKey: 'long-lived-key-of-the-user',
        },
      },
    },
    {
      network: {
        proxy: outside.url,
        certificates: [readFileSync(outside.env.NODE_EXTRA_CA_CERTS, 'utf8')],
      },
    },
  );
  return {
    state,
    turn: () => turn(proxy, { model: 'gitlab-duo/m' }),
    /** What came with turns. */
    sent: () =>
      gitlab.requests
        .filter(({ path }) => !path.endsWith('/direct_access'))
        .map(({ headers }) => headers),
  };
}

describe('a provider whose key only buys a token', () => {
  test('is asked for one, however many turns come at a time', async (t) => {
    const { state, sent, ...world } = await setUp(t);
    const answers = await Promise.all([world.turn(), world.turn(), world.turn()]);
    assert.deepEqual(
      answers.map(({ body }) => textOf(body)),
      ['ok', 'ok', 'ok'],
    );
    assert.equal(state.sold, 1);
    for (const headers of sent()) {
      assert.equal(headers.authorization, 'Bearer short-lived-token-1');
      assert.equal(headers['x-gitlab-instance-id'], 'instance-7');
    }
  });

  test('is asked for another one when it refuses it, once', async (t) => {
    const { state, sent, ...world } = await setUp(t);
    await world.turn();
    state.revoked.add('Bearer short-lived-token-1');
    assert.equal(textOf((await world.turn()).body), 'ok');
    assert.equal(state.sold, 2);
    assert.equal(sent().length, 3);
    state.revoked.add('Bearer short-lived-token-2').add('Bearer short-lived-token-3');
    const refused = await world.turn();
    assert.equal(refused.status, 400);
    assert.match(refused.body, /GitLab Duo/);
    assert.equal(state.sold, 3);
    assert.doesNotMatch(refused.body, /short-lived|long-lived/);
  });
});

describe('a token that is good at an address of its own', () => {
  const credential = (baseUrl: string, renewed?: string) => ({
    ok: true as const,
    headers: { authorization: `Bearer token-for-${new URL(baseUrl).port}` },
    secrets: [],
    authenticated: true,
    baseUrl,
    ...(renewed !== undefined && { renew: async () => credential(renewed) }),
  });

  async function twoAddresses(t: TestContext, entry: object) {
    const scope = testScope(t);
    const first = await startUpstream(scope, (_request, response) => {
      response.writeHead(401).end('{"error":{"message":"Token has expired"}}');
    });
    const second = await startUpstream(scope, sayOk);
    const fetchCredentials: NonNullable<ProxyOptions['fetchCredentials']> = async () =>
      credential(first.url, second.url);
    const proxy = await startProxy(
      scope,
      { providers: { 'github-copilot': entry } },
      { fetchCredentials },
    );
    return { proxy, first, second };
  }

  test('goes there, and after it was renewed to the new one', async (t) => {
    const entry = { adapter: 'openai-chat', baseUrl: 'https://api.githubcopilot.com', apiKey: 'k' };
    const { proxy, first, second } = await twoAddresses(t, entry);
    const answer = await turn(proxy, { model: 'github-copilot/m' });
    assert.equal(textOf(answer.body), 'ok');
    assert.equal(first.requests.length, 1);
    assert.equal(second.requests.length, 1);
    assert.equal(second.requests[0]?.headers.authorization, `Bearer token-for-${second.port}`);
    assert.deepEqual(first.requests[0]?.body, second.requests[0]?.body);
  });

  test('also where the request is passed through as it is', async (t) => {
    const { proxy, first } = await twoAddresses(t, responsesEntry('https://api.githubcopilot.com'));
    await turn(proxy, { model: 'github-copilot/m' });
    assert.equal(first.requests[0]?.path, '/v1/responses');
  });
});
