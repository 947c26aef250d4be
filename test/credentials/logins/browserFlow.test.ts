import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { testScope } from '../../support/scope.ts';
import { until } from '../../support/until.ts';
import { reaches, setUpLogins } from './session.ts';

const inBrowser = { browser: true } as const;

describe('a login in the browser', () => {
  test('comes back to this machine by itself', async (t) => {
    const { idp, start, stored } = await setUpLogins(testScope(t));
    for (const provider of ['xai', 'anthropic'] as const) {
      const session = await start(provider, inBrowser);
      const { url } = await reaches(session, 'browser');
      const page = await fetch(await idp.visit(url ?? ''));
      assert.equal(page.status, 200);
      const end = await session.done;
      assert.equal(end.kind, 'done');
      assert.equal(end.kind === 'done' && end.account, 'ada@example.com');
      const record = stored()?.[provider];
      assert.ok(typeof record === 'object' && record !== null && 'accountId' in record);
      assert.equal(record.accountId, `${provider}-user`);
    }
    assert.deepEqual(idp.faults, []);
  });

  test('is what follows where the provider has no device codes', async (t) => {
    const { idp, start } = await setUpLogins(testScope(t));
    const refusals = [
      { status: 404, body: 'not here' },
      { status: 400, body: { error: 'unauthorized_client' } },
    ];
    for (const refusal of refusals) {
      idp.stage('device', refusal);
      const session = await start('xai');
      const { url, manualUrl } = await reaches(session, 'browser');
      assert.equal(url, manualUrl);
      session.cancel();
      assert.equal((await session.done).kind, 'cancelled');
    }
  });

  test('T16: PKCE, state and nonce are the login’s own, and new each time', async (t) => {
    const { start } = await setUpLogins(testScope(t));
    const seen = new Set<string>();
    for (let turn = 0; turn < 2; turn += 1) {
      const session = await start('xai', inBrowser);
      const { url } = await reaches(session, 'browser');
      const { searchParams } = new URL(url ?? '');
      for (const name of ['state', 'nonce', 'code_challenge']) {
        const value = searchParams.get(name) ?? '';
        assert.match(value, /^[\w-]{43}$/, name);
        seen.add(value);
      }
      session.cancel();
    }
    assert.equal(seen.size, 6);
  });

  test('T16: an answer in the name of another service is refused before the code is used', async (t) => {
    const { idp, start, stored } = await setUpLogins(testScope(t));
    for (const iss of ['https://evil.test', 'https://auth.x.ai.evil.test']) {
      const session = await start('xai', inBrowser);
      const { url } = await reaches(session, 'browser');
      const back = await idp.visit(url ?? '');
      back.searchParams.set('iss', iss);
      await fetch(back);
      const end = await session.done;
      assert.match(end.kind === 'failed' ? end.message : '', /did not come from its login service/);
    }
    assert.equal(idp.count('token'), 0);
    assert.equal(stored(), undefined);
    const session = await start('xai', inBrowser);
    const { url } = await reaches(session, 'browser');
    const back = await idp.visit(url ?? '');
    back.searchParams.set('iss', 'https://auth.x.ai');
    await fetch(back);
    assert.equal((await session.done).kind, 'done');
  });

  test('T16: a service that always names itself must do so', async (t) => {
    const { idp, start } = await setUpLogins(testScope(t));
    idp.settings.discovery = { authorization_response_iss_parameter_supported: true };
    const session = await start('xai', inBrowser);
    const { url } = await reaches(session, 'browser');
    await fetch(await idp.visit(url ?? ''));
    assert.equal((await session.done).kind, 'failed');
    assert.equal(idp.count('token'), 0);
  });

  test('T16: tokens that were made for another login are not stored', async (t) => {
    const { idp, start, stored } = await setUpLogins(testScope(t));
    const session = await start('xai', inBrowser);
    const { url } = await reaches(session, 'browser');
    const foreign = new URL(url ?? '');
    foreign.searchParams.set('nonce', 'of-another-login');
    await fetch(await idp.visit(foreign.href));
    const end = await session.done;
    assert.match(end.kind === 'failed' ? end.message : '', /belongs to another login/);
    assert.equal(stored(), undefined);
  });

  test('T16: a code that was given to somebody else’s challenge gets no tokens', async (t) => {
    const { idp, start, stored } = await setUpLogins(testScope(t));
    const session = await start('xai', inBrowser);
    const { url } = await reaches(session, 'browser');
    const attack = new URL(url ?? '');
    attack.searchParams.set('code_challenge', 'x'.repeat(43));
    await fetch(await idp.visit(attack.href));
    assert.equal((await session.done).kind, 'failed');
    assert.deepEqual(idp.faults, ['token: PKCE']);
    assert.equal(stored(), undefined);
  });

  test('ends when the user declines', async (t) => {
    const { idp, start } = await setUpLogins(testScope(t));
    const session = await start('anthropic');
    const { url } = await reaches(session, 'browser');
    await fetch(await idp.visit(url ?? '', 'deny'));
    const end = await session.done;
    assert.match(end.kind === 'failed' ? end.message : '', /^Anthropic: the login was declined/);
  });

  test('takes what the user pastes, with the redirect address that belongs to it', async (t) => {
    const { idp, start } = await setUpLogins(testScope(t));
    const pastes = [
      ['xai', 'url', (back: URL) => back.href],
      ['xai', 'url', (back: URL) => back.searchParams.get('code') ?? ''],
      ['anthropic', 'url', (back: URL) => back.href],
      ['anthropic', 'manualUrl', (back: URL) => back.href],
      [
        'anthropic',
        'manualUrl',
        ({ searchParams }: URL) => `${searchParams.get('code')}#${searchParams.get('state')}`,
      ],
      ['anthropic', 'manualUrl', (back: URL) => ` ${back.searchParams.get('code')}\n`],
    ] as const;
    for (const [provider, page, text] of pastes) {
      const session = await start(provider, inBrowser);
      const step = await reaches(session, 'browser');
      const back = await idp.visit(step[page] ?? '');
      assert.deepEqual(session.paste(text(back)), { ok: true });
      assert.equal((await session.done).kind, 'done', `${provider} ${page}`);
    }
    assert.deepEqual(idp.faults, []);
  });

  test('a paste that does not belong to it changes nothing', async (t) => {
    const { idp, start } = await setUpLogins(testScope(t));
    const session = await start('anthropic');
    const { url, manualUrl } = await reaches(session, 'browser');
    const back = await idp.visit(manualUrl);
    const code = back.searchParams.get('code');
    const strange = [
      'what is this',
      `${code}#another-state`,
      `code=${code}`,
      `https://evil.test/callback?${back.searchParams}`,
      `http://localhost:1/callback?${back.searchParams}`,
    ];
    for (const text of strange) {
      const answer = session.paste(text);
      assert.ok(!answer.ok && answer.message.length > 20, text);
    }
    assert.equal(session.state.kind, 'browser');
    assert.equal(idp.count('token'), 0);
    await fetch(await idp.visit(url ?? ''));
    assert.equal((await session.done).kind, 'done');
    assert.ok(!session.paste('late').ok);
  });

  test('far from the browser there is only the page with the code', async (t) => {
    const { idp, start } = await setUpLogins(testScope(t));
    const session = await start('anthropic', { remote: true });
    const { url, manualUrl } = await reaches(session, 'browser');
    assert.equal(url, undefined);
    session.paste((await idp.visit(manualUrl)).href);
    assert.equal((await session.done).kind, 'done');
  });

  test('the code is never sent twice', async (t) => {
    const { idp, start, stored } = await setUpLogins(testScope(t));
    const outcomes = [
      ['lose' as const, /was lost/],
      [{ status: 502, body: '<html>' }, /HTTP 502/],
      [{ status: 200, body: '<html>' }, /makes no sense/],
      [{ status: 302, body: '', headers: { location: 'https://evil.test/' } }, /HTTP 302/],
      [
        { status: 429, body: { error: 'rate_limit_error' }, headers: { 'retry-after': '600' } },
        /too many logins.*in 10 minutes/,
      ],
    ] as const;
    for (const [answer, sentence] of outcomes) {
      const before = idp.count('token');
      idp.stage('token', answer);
      const session = await start('anthropic');
      const { url } = await reaches(session, 'browser');
      await fetch(await idp.visit(url ?? ''));
      const end = await session.done;
      assert.match(end.kind === 'failed' ? end.message : '', sentence);
      assert.equal(idp.count('token'), before + 1);
    }
    assert.equal(stored(), undefined);
    assert.ok(!idp.proxy.asked.some((host) => host.includes('evil')));
  });

  test('a cancelled login leaves nothing behind, not even while the code is exchanged', async (t) => {
    const { idp, start, stored } = await setUpLogins(testScope(t));
    const waiting = await start('anthropic');
    const { url } = await reaches(waiting, 'browser');
    const back = await idp.visit(url ?? '');
    waiting.cancel();
    assert.equal((await waiting.done).kind, 'cancelled');
    await until('the end of the listener', async () => {
      return await fetch(back).then(
        () => false,
        () => true,
      );
    });

    idp.stage('token', 'hang');
    const exchanging = await start('anthropic');
    const page = await reaches(exchanging, 'browser');
    await fetch(await idp.visit(page.url ?? ''));
    await until('the exchange', () => idp.count('token') === 1);
    exchanging.cancel();
    assert.equal((await exchanging.done).kind, 'cancelled');
    assert.equal(stored(), undefined);
  });

  test('ends when nobody comes for ten minutes', async (t) => {
    const sleeps: number[] = [];
    const { start } = await setUpLogins(testScope(t), {
      clock: {
        now: () => 0,
        sleep: async (ms) => void sleeps.push(ms),
      },
    });
    const session = await start('anthropic');
    const end = await session.done;
    assert.match(end.kind === 'failed' ? end.message : '', /ten minutes/);
    assert.deepEqual(sleeps, [600_000]);
  });
});
