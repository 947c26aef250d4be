import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountHeaders } from '../../../src/credentials/accounts/accountHeaders.ts';
import { joinedHeaders } from '../../../src/credentials/joinedHeaders.ts';
import type { UpstreamHeaders } from '../../../src/credentials/upstreamHeaders.ts';
import type { Provider } from '../../../src/providers/provider.ts';
import { turnError } from '../../../src/turn/error.ts';
import { plainProvider } from '../../support/plainProvider.ts';
import { everyLogin } from '../../support/tokenEndpoint.ts';
import { AccountsFolder } from './accountsFolder.ts';

const homes = {
  xai: 'https://api.x.ai/v1',
  kimi: 'https://api.kimi.com/coding/v1',
  anthropic: 'https://api.anthropic.com',
} as const;

function provider(id: string, baseUrl: string, more: Partial<Provider> = {}): Provider {
  const label = id.toUpperCase();
  return { ...plainProvider, id, label, baseUrl, auth: { mode: 'oauth' }, ...more };
}

function ask(folder: AccountsFolder, given: Provider): Promise<UpstreamHeaders> {
  const sources = {
    home: folder.home,
    env: {},
    vault: new Map<string, string>(),
    token: 'our-own-token',
    version: '1.2.3',
  };
  const asked = accountHeaders(given, folder.accounts, sources);
  assert.ok(asked !== undefined);
  return asked;
}

async function headersOf(folder: AccountsFolder, given: Provider) {
  const answer = await ask(folder, given);
  assert.ok(answer.ok, answer.ok ? '' : answer.error.message);
  return answer;
}

test('an account’s token goes to its provider, with our own name', async (t) => {
  const folder = new AccountsFolder(t);
  const file = everyLogin(folder.endpoint);
  folder.write(file);
  folder.clock.ms = 0;
  for (const [id, baseUrl] of Object.entries(homes)) {
    const { headers, secrets, authenticated } = await headersOf(folder, provider(id, baseUrl));
    assert.equal(headers['authorization'], `Bearer ${file[id]?.access}`);
    assert.equal(headers['user-agent'], 'opencodex-vscode/1.2.3');
    assert.equal(headers['x-api-key'], undefined);
    assert.ok(secrets.includes(file[id]?.access ?? '-'));
    assert.equal(authenticated, true);
  }
  assert.deepEqual(folder.endpoint.hits, []);
});

for (const [id, baseUrl] of [
  ['xai', 'http://127.0.0.1:9/v1'],
  ['xai', 'http://api.x.ai/v1'],
  ['xai', 'https://api.x.ai:8443/v1'],
  ['xai', 'https://api.x.ai.evil.test/v1'],
  ['xai', 'https://api.x.ai@evil.test/v1'],
  ['xai', 'https://user@api.x.ai/v1'],
  ['xai', 'https://evil.test/api.x.ai/v1'],
  ['xai', 'https://x.ai/v1'],
  ['xai', 'https://api.kimi.com/coding/v1'],
  ['kimi', 'https://kimi.com/v1'],
  ['kimi', 'https://api.x.ai/v1'],
  ['anthropic', 'https://claude.ai'],
  ['anthropic', 'https://api.anthropic.com.evil.test'],
  ['mine', 'https://evil.test/v1'],
] as const) {
  test(`T4: the login of ${id} is not sent to ${baseUrl}`, async (t) => {
    const folder = new AccountsFolder(t);
    folder.write(everyLogin(folder.endpoint));
    const answer = await ask(folder, provider(id, baseUrl));
    assert.ok(!answer.ok);
    assert.match(answer.error.message, /only ever sent to|knows no account login/);
    assert.deepEqual(folder.endpoint.hits, [], 'and nothing was renewed for it');
  });
}

test('every one of a provider’s own addresses is good, also under another name', async (t) => {
  const folder = new AccountsFolder(t);
  folder.write(everyLogin(folder.endpoint));
  folder.clock.ms = 0;
  await headersOf(folder, provider('kimi', 'https://api.kimi.ai/coding/v1'));
  await headersOf(folder, provider('grok', 'https://api.x.ai/v1'));
  const { headers } = await headersOf(
    folder,
    provider('xai', 'https://cli-chat-proxy.grok.com/v1'),
  );
  assert.equal(headers['x-xai-token-auth'], 'xai-grok-cli');
  assert.equal(headers['x-grok-client-identifier'], 'opencodex-vscode');
});

test('what the user added goes along, but no other credential', async (t) => {
  const folder = new AccountsFolder(t);
  folder.write(everyLogin(folder.endpoint));
  folder.clock.ms = 0;
  const added = { 'X-Team': 'research', 'X-Api-Key': 'sk-1', Authorization: 'Bearer other' };
  const { headers } = await headersOf(
    folder,
    provider('anthropic', homes.anthropic, { headers: added }),
  );
  assert.equal(headers['x-team'], 'research');
  assert.equal(headers['x-api-key'], undefined);
  assert.match(headers['authorization'] ?? '', /^Bearer access-/);
});

test('Anthropic’s beta of the login joins those of the request', async (t) => {
  const folder = new AccountsFolder(t);
  folder.write(everyLogin(folder.endpoint));
  folder.clock.ms = 0;
  const { headers } = await headersOf(folder, provider('anthropic', homes.anthropic));
  const request = { 'anthropic-beta': 'one-2026, two-2026', accept: 'x' };
  const joined = joinedHeaders(request, headers);
  assert.equal(joined['anthropic-beta'], 'one-2026,two-2026,oauth-2025-04-20');
  assert.equal(joined['accept'], 'x');
  assert.equal(joinedHeaders({}, headers)['anthropic-beta'], 'oauth-2025-04-20');
  assert.equal(joinedHeaders(request, undefined)['anthropic-beta'], 'one-2026, two-2026');
});

test('a refused token is renewed, once', async (t) => {
  const folder = new AccountsFolder(t);
  folder.write(everyLogin(folder.endpoint));
  const first = await headersOf(folder, provider('xai', homes.xai));
  const second = await first.renew?.();
  assert.ok(second?.ok);
  assert.notEqual(second.headers['authorization'], first.headers['authorization']);
  assert.equal(second.renew, undefined);
  assert.equal(folder.endpoint.hits.length, 2);

  // The second one was refused as well, which the next request finds out.
  const third = await headersOf(folder, provider('xai', homes.xai));
  assert.equal(third.headers['authorization'], second.headers['authorization']);
  const ended = await third.renew?.();
  assert.match(ended?.ok === false ? ended.error.message : '', /has ended/);
  assert.equal(folder.endpoint.hits.length, 2);
});

test('who is not logged in is told what to do', async (t) => {
  const folder = new AccountsFolder(t);
  const answer = await ask(folder, provider('kimi', homes.kimi));
  assert.equal(answer.ok ? '' : answer.error.kind, 'auth');
  assert.match(answer.ok ? '' : answer.error.message, /not logged in.*ocx login kimi/);
});

test('what an answer says about the login counts more than its status', async (t) => {
  const folder = new AccountsFolder(t);
  folder.write(everyLogin(folder.endpoint));
  folder.clock.ms = 0;
  const given = turnError('rejected', 'It was refused.');
  const explain = async (id: keyof typeof homes, status: number, body: object) => {
    const headers = await headersOf(folder, provider(id, homes[id]));
    return headers.explain?.(given, status, JSON.stringify(body));
  };
  const expired = { code: 'unauthenticated:bad-credentials' };
  assert.equal((await explain('xai', 403, expired))?.kind, 'auth');
  assert.equal((await explain('xai', 401, {}))?.kind, 'auth');
  const spent = { code: 'personal-team-blocked:spending-limit' };
  assert.deepEqual(await explain('xai', 403, spent), given);
  const closed = await explain('kimi', 403, { error: { type: 'access_terminated_error' } });
  assert.equal(closed?.kind, 'permission');
  assert.match(closed?.message ?? '', /Use an API key/);
});
