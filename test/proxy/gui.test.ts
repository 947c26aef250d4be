import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptedLanguage } from '../../src/proxy/gui/guiFiles.ts';
import { guiPage } from '../../src/proxy/gui/guiPage.ts';
import { GuiSessions } from '../../src/proxy/gui/guiSessions.ts';
import { type RunningProxy, startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { type Answer, ask, open, raw } from './client.ts';

const sameOrigin = { 'sec-fetch-site': 'same-origin' };

async function newCode(proxy: RunningProxy): Promise<string> {
  const answer = await ask(proxy, { method: 'POST', path: '/api/gui/code', body: '{}' });
  assert.equal(answer.status, 200);
  return String(JSON.parse(answer.body).code);
}

/** A browser without the token. */
function browse(
  proxy: RunningProxy,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return ask(proxy, { path, headers, authorized: false });
}

/** What a browser holds once it has opened the link. */
interface Session {
  readonly cookie: string;
  readonly page: string;
}

async function enter(proxy: RunningProxy): Promise<Session> {
  const answer = await browse(proxy, `/gui/?code=${await newCode(proxy)}`, {
    'sec-fetch-site': 'none',
  });
  assert.equal(answer.status, 200);
  const [cookie = ''] = answer.headers['set-cookie'] ?? [];
  assert.match(cookie, /^opencodex-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  const [, page = ''] =
    /<meta name="opencodex-page" content="([\w-]{43})">/.exec(answer.body) ?? [];
  assert.notEqual(page, '');
  return { cookie: cookie.split(';')[0] ?? '', page };
}

/** As the page sends them. */
async function headersOf(proxy: RunningProxy) {
  const { cookie, page } = await enter(proxy);
  return { cookie, 'x-opencodex-page': page };
}

test('a code opens a session, with which the page may ask', async (t) => {
  const proxy = await startProxy(testScope(t), {});
  const session = await headersOf(proxy);
  const state = await browse(proxy, '/api/state', { ...session, ...sameOrigin });
  assert.equal(state.status, 200);
  const origin = `http://127.0.0.1:${proxy.port}`;
  const changed = await ask(proxy, {
    method: 'DELETE',
    path: '/api/requests',
    headers: { ...session, origin, ...sameOrigin },
    authorized: false,
  });
  assert.equal(changed.status, 200);
  const events = await open(proxy, {
    path: '/api/events',
    headers: { ...session, ...sameOrigin },
    authorized: false,
  });
  assert.equal(events.status, 200);
  events.close();
});

test('a code works once, and only who has the access token gets one', async (t) => {
  const proxy = await startProxy(testScope(t), {});
  const code = await newCode(proxy);
  assert.equal((await browse(proxy, `/gui/?code=${code}`)).status, 200);
  const again = await browse(proxy, `/gui/?code=${code}`);
  assert.equal(again.status, 401);
  assert.equal(again.headers['set-cookie'], undefined);
  assert.match(again.body, /ocx gui/);
  assert.equal((await browse(proxy, '/gui/?code=')).status, 401);

  const session = await headersOf(proxy);
  for (const headers of [{}, { ...session, ...sameOrigin }]) {
    const asked = { method: 'POST', path: '/api/gui/code', body: '{}', authorized: false, headers };
    assert.equal((await ask(proxy, asked)).status, 401);
  }
});

test('a session is of use to nobody but the page itself', async (t) => {
  const proxy = await startProxy(testScope(t), {});
  const [other, session] = [await headersOf(proxy), await headersOf(proxy)];
  const { cookie, 'x-opencodex-page': page } = session;
  const own = `http://127.0.0.1:${proxy.port}`;
  const refusals: readonly (readonly [number, Readonly<Record<string, string>>])[] = [
    [401, { ...sameOrigin }],
    [401, { cookie, ...sameOrigin }],
    [401, { 'x-opencodex-page': page, ...sameOrigin }],
    [401, { ...session, 'x-opencodex-page': `${page.slice(0, -2)}xx`, ...sameOrigin }],
    [401, { cookie, 'x-opencodex-page': other['x-opencodex-page'], ...sameOrigin }],
    [401, session],
    [401, { ...session, 'sec-fetch-site': 'none' }],
    [401, { ...session, cookie: `${cookie.slice(0, -2)}xx`, ...sameOrigin }],
    [401, { ...session, cookie: cookie.replace(/^opencodex-\d+/, 'opencodex-1'), ...sameOrigin }],
    [403, { ...session, 'sec-fetch-site': 'cross-site' }],
    [403, { ...session, 'sec-fetch-site': 'same-site' }],
    [403, { ...session, origin: own, 'sec-fetch-site': 'same-site' }],
    [403, { ...session, origin: 'https://evil.example', ...sameOrigin }],
    [403, { ...session, origin: 'null', ...sameOrigin }],
    [403, { ...session, origin: `http://localhost:${proxy.port}`, ...sameOrigin }],
    [403, { ...session, origin: `http://127.0.0.1:${proxy.port + 1}`, ...sameOrigin }],
    [403, { ...session, origin: `https://127.0.0.1:${proxy.port}`, ...sameOrigin }],
    [403, { ...session, host: `evil.example:${proxy.port}`, ...sameOrigin }],
    [
      403,
      {
        ...session,
        host: `evil.example:${proxy.port}`,
        origin: `http://evil.example:${proxy.port}`,
      },
    ],
  ];
  for (const [status, headers] of refusals) {
    const answer = await browse(proxy, '/api/state', headers);
    assert.equal(answer.status, status, JSON.stringify(headers));
  }
});

test('a session opens nothing but the management API', async (t) => {
  const proxy = await startProxy(testScope(t), {});
  const session = await headersOf(proxy);
  const origin = `http://127.0.0.1:${proxy.port}`;
  for (const headers of [
    { ...session, ...sameOrigin },
    { ...session, origin, ...sameOrigin },
  ]) {
    assert.equal((await browse(proxy, '/v1/models', headers)).status, 400);
    const turn = { method: 'POST', path: '/v1/responses', body: '{}', authorized: false, headers };
    assert.equal((await ask(proxy, turn)).status, 400);
  }
  const plain = await ask(proxy, {
    method: 'PUT',
    path: '/api/current-model',
    body: '{"model":"a/b"}',
    headers: { ...session, origin, ...sameOrigin, 'content-type': 'text/plain' },
    authorized: false,
  });
  assert.equal(plain.status, 415);
});

test('the page can be loaded again, and holds no secret then', async (t) => {
  const proxy = await startProxy(testScope(t), {});
  const { cookie, page } = await enter(proxy);
  const again = await browse(proxy, '/gui/', { cookie, 'sec-fetch-site': 'same-origin' });
  assert.equal(again.status, 200);
  assert.doesNotMatch(again.body, /opencodex-page/);
  assert.ok(!again.body.includes(page));
  assert.equal(again.headers['set-cookie'], undefined);
});

test('the page comes with nothing that could run or load from elsewhere', async (t) => {
  const proxy = await startProxy(testScope(t), {});
  const without = await browse(proxy, '/gui/');
  assert.equal(without.status, 401);
  const { cookie } = await enter(proxy);
  const page = await browse(proxy, '/gui/', { cookie });
  assert.equal(page.status, 200);
  const ended = await browse(proxy, '/gui/ended', { cookie });
  assert.equal(ended.status, 401);
  for (const { headers } of [without, page, ended]) {
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['referrer-policy'], 'no-referrer');
  }
  for (const path of [
    '/gui/../package.json',
    '/gui/%2e%2e/worker.cjs',
    '/gui/main.js.map',
    '/gui',
  ]) {
    const head = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\nConnection: close\r\n\r\n`;
    assert.match(await raw(proxy.port, head), /^HTTP\/1\.1 404 /, path);
  }
  assert.equal((await browse(proxy, '/gui/', { 'sec-fetch-site': 'cross-site' })).status, 403);
});

test('codes and sessions end, and only a few are kept', () => {
  let now = 1_000;
  const sessions = new GuiSessions(() => now);
  const late = sessions.createCode();
  now += 60_000;
  assert.equal(sessions.redeem(late), undefined);

  const first = sessions.createCode();
  for (let more = 0; more < 8; more++) sessions.createCode();
  assert.equal(sessions.redeem(first), undefined);

  const secrets = sessions.redeem(sessions.createCode());
  assert.ok(secrets !== undefined);
  now += 11 * 60 * 60_000;
  assert.equal(sessions.isOpen(secrets), true);
  now += 11 * 60 * 60_000;
  assert.equal(sessions.isKnown(secrets.session), true);
  assert.equal(sessions.isOpen(secrets), true, 'its use prolongs it');
  now += 11 * 60 * 60_000;
  assert.equal(sessions.isOpen({ ...secrets, page: 'x' }), false);
  now += 60 * 60_000;
  assert.equal(sessions.isOpen(secrets), false, 'a cookie alone does not');
  assert.equal(sessions.isKnown(secrets.session), false);

  const oldest = sessions.redeem(sessions.createCode());
  assert.ok(oldest !== undefined);
  for (let more = 0; more < 8; more++) sessions.redeem(sessions.createCode());
  assert.equal(sessions.isOpen(oldest), false);
});

test('the first language of the browser that there is counts', () => {
  assert.equal(acceptedLanguage('zh-CN,zh;q=0.9,en;q=0.8'), 'zh-cn');
  assert.equal(acceptedLanguage('en-US,en;q=0.9,zh-CN;q=0.8'), 'en');
  assert.equal(acceptedLanguage('de-DE, zh-Hans-CN;q=0.5, en;q=0.3'), 'zh-cn');
  assert.equal(acceptedLanguage('zh-TW,zh-HK;q=0.8'), 'en');
  assert.equal(acceptedLanguage('fr'), 'en');
  assert.equal(acceptedLanguage(''), 'en');
  assert.equal(acceptedLanguage('zh;q=0, en'), 'en');
});

test('a text cannot end the element that holds the texts', () => {
  assert.doesNotMatch(guiPage('en', '{"a":"</script><script>"}'), /<\/script><script>"/);
});
