import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { AccountProvider } from '../../src/credentials/accounts/credential.ts';
import { startIdentityProvider } from '../support/identityProvider.ts';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { until } from '../support/until.ts';
import { chatStream, eventStream, type Respond, startUpstream } from '../support/upstream.ts';
import { ask, textOf, turn } from './client.ts';

const entries = {
  xai: { adapter: 'openai-chat', baseUrl: 'https://api.x.ai/v1' },
  kimi: { adapter: 'openai-chat', baseUrl: 'https://api.kimi.com/coding/v1' },
  anthropic: { adapter: 'anthropic', baseUrl: 'https://api.anthropic.com' },
} as const;

type Refusal = readonly [status: number, body: object];

interface Setting {
  readonly provider?: AccountProvider;
  /** What is in auth.json; default: a login whose token's time is over. */
  readonly login?: 'expired' | 'fresh' | 'ended' | 'none';
  readonly entry?: object;
  /** What the API says to a turn with this token, in place of an answer. */
  readonly refuses?: (token: string) => Refusal | undefined;
}

/** A proxy with an account login, the login service and the API, each under its own name. */
async function setUp(t: TestContext, setting: Setting = {}) {
  const { provider = 'xai', login = 'expired', entry, refuses } = setting;
  const scope = testScope(t);
  const respond: Respond = (request, response) => {
    const token = (request.headers.authorization ?? '').replace('Bearer ', '');
    const refusal = request.method === 'POST' ? refuses?.(token) : undefined;
    if (refusal !== undefined) {
      response.writeHead(refusal[0], { 'content-type': 'application/json' });
      response.end(JSON.stringify(refusal[1]));
    } else if (request.method === 'GET') {
      response.end(JSON.stringify({ models: [{ id: 'live-1' }] }));
    } else {
      response.writeHead(200, eventStream).end(chatStream({ content: 'ok' }));
    }
  };
  const api = await startUpstream(scope, respond, { secure: true });
  const host = new URL(entries[provider].baseUrl).host;
  const idp = await startIdentityProvider(scope, (name) => (name === host ? api.port : undefined));
  const access = idp.tokens.secret('stored-');
  const refresh = idp.tokens.refreshToken(idp.tokens.begin());
  if (login === 'ended') idp.tokens.revoke(refresh);
  const proxy = await startProxy(
    scope,
    {
      allowAnthropicLogin: true,
      providers: { [provider]: { ...entries[provider], authMode: 'oauth', ...entry } },
    },
    {
      network: {
        proxy: idp.proxy.url,
        certificates: [readFileSync(idp.proxy.env.NODE_EXTRA_CA_CERTS, 'utf8')],
      },
    },
  );
  const logIn = (expires: number): void => {
    const stored = { access, refresh, expires, accountId: `${provider}-user` };
    writeFileSync(join(proxy.home, 'auth.json'), JSON.stringify({ [provider]: stored }), {
      mode: 0o600,
    });
  };
  if (login !== 'none') logIn(login === 'fresh' ? Date.now() + 3_600_000 : 1);
  return {
    proxy,
    idp,
    api,
    access,
    logIn,
    /** The tokens that came to the API with turns, in order. */
    tokens: () =>
      api.requests
        .filter(({ method }) => method === 'POST')
        .map(({ headers }) => headers.authorization?.replace('Bearer ', '')),
    turn: (fields: object = {}) => turn(proxy, { model: `${provider}/m`, ...fields }),
  };
}

describe('a turn with an account login', () => {
  test('whose time is over is renewed once, however many turns come at a time', async (t) => {
    const { idp, access, tokens, ...world } = await setUp(t);
    const answers = await Promise.all([world.turn(), world.turn(), world.turn()]);
    assert.deepEqual(
      answers.map(({ body }) => textOf(body)),
      ['ok', 'ok', 'ok'],
    );
    assert.equal(idp.count('token'), 1);
    assert.equal(new Set(tokens()).size, 1);
    assert.notEqual(tokens()[0], access);
    await world.turn();
    assert.equal(idp.count('token'), 1);
    assert.deepEqual(idp.faults, []);
    const [sent] = world.api.requests;
    assert.match(sent?.headers['user-agent'] ?? '', /^opencodex-vscode\//);
  });

  const refusals: readonly (readonly [string, AccountProvider, Refusal])[] = [
    ['401', 'xai', [401, { error: 'expired' }]],
    ['401', 'kimi', [401, { error: { message: 'expired' } }]],
    ['its own 403', 'xai', [403, { code: 'unauthenticated:bad-credentials', error: 'no' }]],
  ];
  for (const [how, provider, refusal] of refusals) {
    test(`that ${provider} refuses with ${how} is renewed, and the client does not notice`, async (t) => {
      const world = await setUp(t, {
        provider,
        login: 'fresh',
        refuses: (token) => (token.startsWith('stored-') ? refusal : undefined),
      });
      assert.equal(textOf((await world.turn()).body), 'ok');
      assert.equal(world.tokens().length, 2);
      assert.equal(world.tokens()[0], world.access);
      assert.equal(world.idp.count('token'), 1);
      assert.deepEqual(world.idp.faults, []);
    });
  }

  test('that is refused again after it was renewed is not renewed for ever', async (t) => {
    const refusal = [401, { error: 'never' }] as const;
    const world = await setUp(t, { login: 'fresh', refuses: () => refusal });
    for (let i = 0; i < 3; i += 1) assert.equal((await world.turn()).status, 400);
    assert.equal(world.idp.count('token'), 1);
    assert.match((await world.turn()).body, /^xAI: .*ocx login xai/);
  });

  test('of which nothing is left says so before it asks anybody', async (t) => {
    const none = await setUp(t, { login: 'none' });
    const missing = await none.turn();
    assert.equal(missing.status, 400);
    assert.match(missing.body, /^xAI: you are not logged in.*ocx login xai.*API key/);

    const world = await setUp(t, { login: 'ended' });
    for (let i = 0; i < 2; i += 1) {
      const ended = await world.turn();
      assert.equal(ended.status, 400);
      assert.match(ended.body, /^xAI: the account login has ended.*ocx login xai.*API key/);
    }
    assert.equal(world.idp.count('token'), 1);
    assert.deepEqual(world.tokens(), []);
  });

  test('works with the next request after the user has logged in', async (t) => {
    const world = await setUp(t, { login: 'none' });
    assert.equal((await world.turn()).status, 400);
    world.logIn(1);
    assert.equal(textOf((await world.turn()).body), 'ok');
  });

  test('goes to no other host than the pinned one', async (t) => {
    const world = await setUp(t, { login: 'fresh', entry: { baseUrl: 'https://evil.test/v1' } });
    const answer = await world.turn();
    assert.equal(answer.status, 400);
    assert.match(answer.body, /only ever sent to api\.x\.ai/);
    assert.ok(!world.idp.proxy.asked.some((host) => host.includes('evil')));
  });

  test('tells no secret when the login service answers with nonsense', async (t) => {
    const world = await setUp(t);
    const canary = 'canary_canary_canary_canary_canary';
    world.idp.stage('token', {
      status: 500,
      // Longer than anybody waits: the turn does not try again by itself.
      headers: { 'retry-after': '60' },
      body: { error: canary, refresh_token: canary },
    });
    const { body } = await world.turn();
    assert.match(body, /xAI: the account login could not be renewed/);
    const said = body + JSON.stringify(world.proxy.log);
    assert.ok(![canary, ...world.idp.tokens.secrets].some((secret) => said.includes(secret)), said);
  });
});

describe('an Anthropic account', () => {
  const provider = 'anthropic';

  test('sends its token without a key, and its beta beside those of the request', async (t) => {
    const world = await setUp(t, {
      provider,
      login: 'fresh',
      entry: { apiKey: 'sk-ant-api03-of-the-user', headers: { 'anthropic-beta': 'of-the-user' } },
      refuses: () => [529, { type: 'error', error: { type: 'overloaded_error', message: 'No' } }],
    });
    await world.turn({ reasoning: { effort: 'high' }, model: 'anthropic/claude-sonnet-4-5' });
    const [sent] = world.api.requests;
    assert.equal(sent?.headers.authorization, `Bearer ${world.access}`);
    assert.equal(sent?.headers['x-api-key'], undefined);
    const betas = String(sent?.headers['anthropic-beta']).split(',');
    assert.ok(betas.includes('oauth-2025-04-20'), betas.join());
    assert.ok(betas.length > 1, betas.join());
    assert.doesNotMatch(String(sent?.body), /Claude Code/i);
  });

  test('that is refused for this program points to the API key, and is not tried again', async (t) => {
    const refusal = {
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: 'This credential is only authorized for use with another program.',
      },
    };
    const world = await setUp(t, { provider, login: 'fresh', refuses: () => [400, refusal] });
    const answer = await world.turn();
    assert.equal(answer.status, 400);
    assert.match(answer.body, /^Anthropic: .*Use an API key/);
    assert.equal(world.tokens().length, 1);
    assert.equal(world.idp.count('token'), 0);
  });
});

test('the list of models is that of the account, and asked for again after a login', async (t) => {
  const world = await setUp(t, { login: 'none' });
  const list = async (): Promise<readonly string[]> =>
    JSON.parse((await ask(world.proxy)).body).data.map(({ id }: { id: string }) => id);
  assert.ok(!(await list()).includes('xai/live-1'));
  world.logIn(1);
  await until('the list', async () => (await list()).includes('xai/live-1'));
});
