import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isPinned } from '../../../src/credentials/logins/hostPin.ts';
import { localToken } from '../../../src/credentials/token.ts';
import { testScope } from '../../support/scope.ts';
import { until } from '../../support/until.ts';
import { type LoginSetUp, reaches, setUpLogins } from './session.ts';

const config = ({ home }: LoginSetUp) =>
  JSON.parse(readFileSync(join(home, 'config.json'), 'utf8'));

async function logIn(setUp: LoginSetUp, provider: 'xai' | 'kimi' = 'xai') {
  setUp.idp.decide('approve');
  const session = await setUp.start(provider);
  return await session.done;
}

describe('account logins', () => {
  test('make the provider usable, and leave a key in use', async (t) => {
    const key = { adapter: 'openai-chat', baseUrl: 'https://api.kimi.com/coding/v1', apiKey: 'k' };
    const setUp = await setUpLogins(testScope(t), { config: { providers: { kimi: key } } });
    const added = await logIn(setUp);
    assert.ok(added.kind === 'done' && added.note === undefined);
    const kept = await logIn(setUp, 'kimi');
    assert.match(kept.kind === 'done' ? (kept.note ?? '') : '', /goes on using its API key/);
    assert.deepEqual(config(setUp).providers, {
      kimi: key,
      xai: { adapter: 'openai-chat', baseUrl: 'https://api.x.ai/v1', authMode: 'oauth' },
    });
  });

  test('a provider without a key is switched to the login', async (t) => {
    const entry = { adapter: 'openai-chat', baseUrl: 'https://api.x.ai/v1', models: ['grok'] };
    const setUp = await setUpLogins(testScope(t), { config: { providers: { xai: entry } } });
    await logIn(setUp);
    assert.deepEqual(config(setUp).providers.xai, { ...entry, authMode: 'oauth' });
  });

  test('need the agreement to the notice as it is now', async (t) => {
    const { logins, idp } = await setUpLogins(testScope(t));
    for (const acceptedNotice of [undefined, 0]) {
      const started = await logins.start('xai', { remote: false, acceptedNotice });
      assert.ok(!started.ok && started.notice !== undefined);
      assert.match(started.notice.text, /Grok Build/);
    }
    assert.equal(idp.calls.length, 0);
  });

  test('Anthropic’s is off until config.json says otherwise, and then only named, not disguised', async (t) => {
    const scope = testScope(t);
    const off = await setUpLogins(scope, { config: {} });
    await assert.rejects(off.start('anthropic'), /allowAnthropicLogin.*config\.json/);
    const on = await setUpLogins(scope);
    const session = await on.start('anthropic', { remote: true });
    const { manualUrl } = await reaches(session, 'browser');
    session.paste((await on.idp.visit(manualUrl)).href);
    await session.done;
    const [request] = on.idp.calls;
    assert.equal(request?.headers['user-agent'], 'opencodex-vscode/1.2.3');
    assert.deepEqual(on.idp.faults, []);
  });

  test('the second start of a login gives the first', async (t) => {
    const { start, logins } = await setUpLogins(testScope(t));
    const [first, second] = await Promise.all([start('xai'), start('xai')]);
    assert.equal(first, second);
    assert.notEqual(await start('kimi'), first);
    assert.equal(logins.running('xai'), first);
    first.cancel();
    await first.done;
    await until('its end', () => logins.running('xai') === undefined);
    assert.notEqual(await start('xai'), first);
  });

  test('a login that was faster elsewhere ends the one here', async (t) => {
    const { start, accounts } = await setUpLogins(testScope(t));
    const session = await start('xai');
    await reaches(session, 'device');
    await accounts.save('xai', {
      access: 'a',
      refresh: 'r',
      expires: Date.now() + 3_600_000,
      email: 'bob@example.com',
      accountId: 'bob',
    });
    const end = await session.done;
    assert.equal(end.kind === 'done' && end.account, 'bob@example.com');
  });

  test('fail before anything is asked where nothing can be stored', async (t) => {
    const { home, start, idp } = await setUpLogins(testScope(t));
    mkdirSync(join(home, 'auth.json'));
    const end = await (await start('xai')).done;
    assert.match(end.kind === 'failed' ? end.message : '', /auth\.json/);
    assert.equal(idp.calls.length, 0);
  });

  test('what cannot be stored at the end is kept until it can', async (t) => {
    const { home, start, idp, stored } = await setUpLogins(testScope(t));
    const session = await start('xai');
    await reaches(session, 'device');
    mkdirSync(join(home, 'auth.json'));
    idp.decide('approve');
    const { message, consent } = await reaches(session, 'unsaved');
    assert.match(message, /auth\.json/);
    assert.equal(consent, undefined);
    for (const secret of idp.tokens.secrets) assert.ok(!message.includes(secret));
    rmdirSync(join(home, 'auth.json'));
    await session.save();
    assert.equal((await session.done).kind, 'done');
    assert.deepEqual(Object.keys(stored() ?? {}), ['xai']);
  });

  test('a damaged file is replaced only when the user agrees', async (t) => {
    const { home, start, idp } = await setUpLogins(testScope(t));
    const damaged = '{"xai":{…},';
    writeFileSync(join(home, 'auth.json'), damaged, { mode: 0o600 });
    idp.decide('approve');
    const session = await start('xai');
    const { consent } = await reaches(session, 'unsaved');
    assert.equal(readFileSync(join(home, 'auth.json'), 'utf8'), damaged);
    await session.save(consent);
    assert.equal((await session.done).kind, 'done');
  });

  test('another account replaces the stored one only when the user agrees', async (t) => {
    const { start, accounts, idp, stored } = await setUpLogins(testScope(t));
    const other = { access: 'a', refresh: 'r', expires: 1, accountId: 'somebody-else' };
    await accounts.save('xai', other);
    idp.decide('approve');
    const session = await start('xai');
    const { consent } = await reaches(session, 'unsaved');
    assert.ok(consent);
    assert.deepEqual(stored()?.['xai'], other);
    await session.save(consent);
    assert.equal((await session.done).kind, 'done');
    assert.equal(JSON.stringify(stored()).includes('somebody-else'), false);

    await accounts.save('xai', other, { replaceAccount: true });
    const declined = await start('xai');
    await reaches(declined, 'unsaved');
    declined.cancel();
    assert.equal((await declined.done).kind, 'cancelled');
    assert.deepEqual(stored()?.['xai'], other);
  });

  test('T19: a service that names addresses elsewhere gets nothing, and neither do they', async (t) => {
    const { start, idp } = await setUpLogins(testScope(t));
    const hostile = [
      { token_endpoint: 'https://evil.test/oauth2/token' },
      { token_endpoint: 'https://auth.x.ai.evil.test/oauth2/token' },
      { token_endpoint: 'https://auth.x.ai@evil.test/oauth2/token' },
      { token_endpoint: 'https://auth.x.ai:8443/oauth2/token' },
      { token_endpoint: 'http://auth.x.ai/oauth2/token' },
      { device_authorization_endpoint: 'https://evil.test/device' },
      { authorization_endpoint: 'https://evil.test/authorize' },
      { revocation_endpoint: 'https://evil.test/revoke' },
      { issuer: 'https://evil.test' },
    ];
    for (const discovery of hostile) {
      idp.settings.discovery = discovery;
      const end = await (await start('xai')).done;
      assert.match(
        end.kind === 'failed' ? end.message : '',
        /does not know|makes no sense/,
        JSON.stringify(discovery),
      );
    }
    assert.equal(idp.count('device') + idp.count('token'), 0);
    assert.deepEqual([...new Set(idp.proxy.asked)], ['auth.x.ai:443']);
  });

  test('a redirect is never followed', async (t) => {
    const { start, idp } = await setUpLogins(testScope(t));
    const away = { status: 307, body: '', headers: { location: 'https://evil.test/' } };
    idp.stage('discovery', away);
    assert.equal((await (await start('xai')).done).kind, 'failed');
    idp.stage('device', away);
    assert.equal((await (await start('xai')).done).kind, 'failed');
    assert.deepEqual([...new Set(idp.proxy.asked)], ['auth.x.ai:443']);
  });

  test('T20: nothing that is shown holds what a service keeps secret', async (t) => {
    const { start, idp } = await setUpLogins(testScope(t));
    const shown: unknown[] = [];
    const watch = async (provider: 'xai' | 'kimi' | 'anthropic') => {
      const session = await start(provider, { browser: provider === 'anthropic' });
      shown.push(session.state);
      session.onChange((state) => void shown.push(state));
      if (provider === 'anthropic') {
        const { url } = await reaches(session, 'browser');
        await fetch(await idp.visit(url ?? ''));
      }
      shown.push(await session.done);
    };
    idp.decide('approve');
    const canary = 'canary_token_canary';
    const echoes = [
      { error: canary.repeat(3), error_description: canary },
      { error: `invalid_grant ${canary}`, error_uri: `https://x.ai/?${canary}` },
      { error: { message: canary } },
      canary,
    ];
    for (const status of [400, 403, 500]) {
      for (const body of echoes) {
        // Twice, because an answer that nobody understands is asked for once more.
        idp.stage('token', { status, body }, { status: 400, body }, { status: 400, body });
        await watch('anthropic');
        idp.stage('device', { status, body });
        await watch('kimi');
      }
    }
    idp.stage('token', 'lose');
    await watch('anthropic');
    await watch('xai');
    const text = JSON.stringify(shown);
    assert.ok(!text.includes('canary'), text);
    for (const secret of idp.tokens.secrets) assert.ok(!text.includes(secret), text);
  });

  test('T21: our own token is in no address that is opened and in no request', async (t) => {
    const setUp = await setUpLogins(testScope(t));
    const { idp, start, home } = setUp;
    const token = await localToken(home);
    const device = await start('xai');
    const shown: unknown[] = [await reaches(device, 'device')];
    device.cancel();
    const browser = await start('anthropic');
    const step = await reaches(browser, 'browser');
    shown.push(step);
    await fetch(await idp.visit(step.url ?? ''));
    assert.equal((await browser.done).kind, 'done');
    assert.ok(JSON.stringify(shown).includes('https://'));
    assert.ok(!JSON.stringify([shown, idp.calls]).includes(token));
  });

  test('log out deletes the login and withdraws it where the provider can', async (t) => {
    const setUp = await setUpLogins(testScope(t));
    const { idp, logins, stored } = setUp;
    await logIn(setUp);
    await logIn(setUp, 'kimi');
    const refresh = idp.tokens.secrets.filter((secret) => secret.startsWith('refresh-'))[0] ?? '';
    idp.settings.withRevocation = true;
    const left = await logins.logout('xai');
    assert.match(left.message, /has withdrawn/);
    assert.ok(idp.tokens.isRevoked(refresh));
    assert.deepEqual(Object.keys(stored() ?? {}), ['kimi']);
    assert.match((await logins.logout('kimi')).message, /no way to withdraw/);
    assert.match((await logins.logout('kimi')).message, /nobody was logged in/);
    assert.deepEqual(idp.faults, []);
  });

  test('a provider that is down does not keep anybody logged in', async (t) => {
    const setUp = await setUpLogins(testScope(t));
    await logIn(setUp);
    setUp.idp.stage('discovery', { status: 500, body: '' });
    const left = await setUp.logins.logout('xai');
    assert.ok(left.ok);
    assert.match(left.message, /could not be asked/);
    assert.deepEqual(Object.keys(setUp.stored() ?? {}), []);
  });

  test('Kimi is told who asks, by one name for each installation', async (t) => {
    const setUp = await setUpLogins(testScope(t));
    await logIn(setUp, 'kimi');
    await setUp.logins.logout('kimi');
    await logIn(setUp, 'kimi');
    const ids = new Set(setUp.idp.calls.map(({ headers }) => headers['x-msh-device-id']));
    assert.equal(ids.size, 1);
    assert.deepEqual(setUp.idp.faults, []);
  });
});

test('a host is one only by its whole name', () => {
  const pin = { hosts: ['auth.x.ai'], domains: ['kimi.com'] };
  for (const good of ['https://auth.x.ai/a?b', 'https://kimi.com', 'https://www.kimi.com/x']) {
    assert.ok(isPinned(good, pin), good);
  }
  const bad = [
    'http://auth.x.ai/',
    'https://auth.x.ai:8443/',
    'https://user@auth.x.ai/',
    'https://auth.x.ai.evil.test/',
    'https://evil.test/auth.x.ai',
    'https://sub.auth.x.ai/',
    'https://notkimi.com/',
    'https://auth.x.ai@evil.test/',
    'auth.x.ai',
  ];
  for (const address of bad) assert.ok(!isPinned(address, pin), address);
});
