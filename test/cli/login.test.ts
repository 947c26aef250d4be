import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { writeConfig } from '../support/configFile.ts';
import { startConnectProxy } from '../support/connectProxy.ts';
import { type IdentityProvider, startIdentityProvider } from '../support/identityProvider.ts';
import { type OcxRun, outcome, spawnOcx } from '../support/ocx.ts';
import { type Scope, testScope } from '../support/scope.ts';
import { type RunningCommand, startCommand } from '../support/terminal.ts';
import { until } from '../support/until.ts';
import { startUpstream } from '../support/upstream.ts';

interface SetUp {
  readonly scope: Scope;
  readonly idp: IdentityProvider;
  readonly home: string;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): RunningCommand;
}

async function setUp(t: TestContext): Promise<SetUp> {
  const scope = testScope(t);
  const idp = await startIdentityProvider(scope);
  const home = scope.directory('home');
  return {
    scope,
    idp,
    home,
    run: (args, env = {}) =>
      startCommand(scope, args, { home, env: { ...idp.proxy.env, ...env }, typing: true }),
  };
}

/** A process of its own, which learns of the proxy and the certificate as a user's does. */
function spawned({ scope, idp, home }: SetUp, args: readonly string[]) {
  const child = spawnOcx(scope, args, { home, env: idp.proxy.env, typing: true });
  let printed = '';
  child.stdout?.on('data', (text) => {
    printed += String(text);
  });
  return {
    child,
    ended: outcome(child),
    prints: (pattern: RegExp) => until(String(pattern), () => pattern.test(printed)),
    type: (line: string) => void child.stdin?.write(`${line}\n`),
  };
}

const writeAuth = (home: string, file: object) =>
  writeFileSync(join(home, 'auth.json'), JSON.stringify(file), { mode: 0o600 });
const stored = (home: string) => JSON.parse(readFileSync(join(home, 'auth.json'), 'utf8'));
const waiting = /Waiting/;
const nothingStored = 'ocx: the login was cancelled. Nothing was stored.\n';

describe('ocx login', () => {
  test('shows the notice, then the code, and stores the login for its user alone', async (t) => {
    const world = await setUp(t);
    const { idp, home } = world;
    const login = spawned(world, ['login', 'xai']);
    await login.prints(/Grok Build[\s\S]*terms: https:\/\/\S+[\s\S]*Type y/);
    assert.equal(idp.calls.length, 0);
    login.type('y');
    await login.prints(/Open https:\/\/accounts\.x\.ai\/\S+\n.*the code WXYZ-1234/);
    idp.decide('approve');
    const { code, stdout, stderr } = await login.ended;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Logged in to xAI as ada@example\.com\.\n$/);
    assert.equal(stored(home).xai.accountId, 'xai-user');
    assert.equal(statSync(join(home, 'auth.json')).mode & 0o777, 0o600);
    const config = JSON.parse(readFileSync(join(home, 'config.json'), 'utf8'));
    assert.equal(config.providers.xai.authMode, 'oauth');

    const left = await spawned(world, ['logout', 'xai']).ended;
    assert.equal(left.code, 0, left.stderr);
    assert.match(left.stdout, /^xAI: logged out\./);
    assert.deepEqual(stored(home), {});
    assert.deepEqual(idp.faults, []);
  });

  test('of Kimi', async (t) => {
    const { idp, home, run } = await setUp(t);
    idp.decide('approve');
    const { code, stdout, stderr } = await run(['login', 'kimi', '--yes']).ended;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /asks that these use an API key/);
    assert.equal(stored(home).kimi.accountId, 'kimi-user');
    assert.equal(statSync(join(home, 'kimi-device-id')).mode & 0o777, 0o600);
    assert.deepEqual(idp.faults, []);
  });

  test('of Anthropic, only where config.json allows it', async (t) => {
    const { idp, home, run } = await setUp(t);
    const refused = await run(['login', 'anthropic', '--yes']).ended;
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /Use an API key\..*"allowAnthropicLogin"/);
    assert.equal(idp.calls.length, 0);

    writeConfig(home, { allowAnthropicLogin: true });
    const local = run(['login', 'anthropic', '--yes']);
    const page = await local.prints(/^Open (https:\/\/claude\.ai\/\S+)/m);
    await fetch(await idp.visit(page));
    assert.equal((await local.ended).code, 0);

    const remote = run(['login', 'anthropic', '--yes'], {
      SSH_CONNECTION: '192.0.2.1 1 192.0.2.2 22',
    });
    const manual = await remote.prints(/^Open (https:\/\/claude\.ai\/\S+)/m);
    assert.match(manual, /platform\.claude\.com/);
    remote.type('not a code at all');
    const back = await idp.visit(manual);
    remote.type(`${back.searchParams.get('code')}#${back.searchParams.get('state')}`);
    const { code, stderr } = await remote.ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /neither a code/);
    assert.deepEqual(idp.faults, []);
  });

  test('in the browser, where the provider has no device codes', async (t) => {
    const { idp, home, run } = await setUp(t);
    idp.stage('device', { status: 404, body: '' });
    const login = run(['login', 'xai', '--yes']);
    const page = await login.prints(/^Open (\S+)/m);
    await fetch(await idp.visit(page));
    assert.equal((await login.ended).code, 0);
    assert.equal(stored(home).xai.accountId, 'xai-user');
  });

  test('is cancelled by not agreeing, and by Ctrl+C', async (t) => {
    const world = await setUp(t);
    const { idp, home, run } = world;
    const declined = run(['login', 'xai']);
    declined.type('n');
    assert.deepEqual((await declined.ended).stderr, nothingStored);
    assert.equal(idp.calls.length, 0);

    const polling = spawned(world, ['login', 'xai', '--yes']);
    await polling.prints(waiting);
    await until('a poll', () => idp.count('token') > 0);
    polling.child.kill('SIGINT');
    const { code, stderr } = await polling.ended;
    assert.equal(code, 1);
    assert.equal(stderr, nothingStored);
    assert.ok(!readdirSync(home).includes('auth.json'));
  });

  test('says that it was declined', async (t) => {
    const { idp, run } = await setUp(t);
    idp.decide('deny');
    const { code, stderr } = await run(['login', 'xai', '--yes']).ended;
    assert.equal(code, 1);
    assert.match(stderr, /^ocx: xAI: the login was declined\./);
  });

  test('says that the code has expired', async (t) => {
    const { idp, run } = await setUp(t);
    idp.stage('token', { status: 400, body: { error: 'expired_token' } });
    assert.match(
      (await run(['login', 'kimi', '--yes']).ended).stderr,
      /Kimi: the code has expired/,
    );
    idp.settings.deviceLifetimeS = 2;
    assert.match(
      (await run(['login', 'kimi', '--yes']).ended).stderr,
      /Kimi: the code has expired/,
    );
  });

  // Here a second takes ten milliseconds.
  test('slows down when it is asked to', async (t) => {
    const { idp, run } = await setUp(t);
    idp.decide('approve');
    idp.stage('token', { status: 400, body: { error: 'slow_down' } });
    assert.equal((await run(['login', 'kimi', '--yes']).ended).code, 0);
    const [first, second] = idp.calls.filter(({ endpoint }) => endpoint === 'token');
    assert.ok(first && second && second.at - first.at >= 59);
  });

  test('says that the provider is down or cannot be reached', async (t) => {
    const { scope, idp, run } = await setUp(t);
    idp.stage('discovery', { status: 503, body: '<html>' });
    assert.match((await run(['login', 'xai', '--yes']).ended).stderr, /xAI: .*HTTP 503.*later/);
    const nowhere = await startConnectProxy(scope, () => undefined);
    const { code, stderr } = await run(['login', 'xai', '--yes'], nowhere.env).ended;
    assert.equal(code, 1);
    assert.match(stderr, /^ocx: xAI: its login service: .+\.\n$/);
  });

  test('trusts no certificate that nobody vouches for', async (t) => {
    const { idp, run } = await setUp(t);
    const { stderr } = await run(['login', 'xai', '--yes'], { NODE_EXTRA_CA_CERTS: '' }).ended;
    assert.match(stderr, /certificate is not trusted/);
    assert.equal(idp.calls.length, 0);
  });

  test('T18, T19, T27: stops at hostile addresses, opens none, and runs no program', async (t) => {
    const { idp, home, run } = await setUp(t);
    idp.settings.discovery = { token_endpoint: 'https://evil.test/token' };
    const discovery = await run(['login', 'xai', '--yes']).ended;
    assert.match(discovery.stderr, /nothing was sent there/);
    const mark = join(home, 'touched');
    idp.settings.device = { verification_uri: `https://evil.test/";touch ${mark};"` };
    const { code, stdout, stderr } = await run(['login', 'kimi', '--yes']).ended;
    assert.equal(code, 1);
    assert.match(stderr, /stopped before anything was opened/);
    assert.doesNotMatch(stdout, /evil/);
    idp.settings.device = {
      verification_uri_complete: `https://www.kimi.com/device?code=";touch ${mark};$(touch ${mark})`,
    };
    idp.decide('approve');
    assert.equal((await run(['login', 'kimi', '--yes']).ended).code, 0);
    assert.ok(!readdirSync(home).includes('touched'));
    assert.ok(!idp.proxy.asked.some((host) => host.includes('evil')));
  });

  test('says before it begins that nothing can be stored, and after it what to do', async (t) => {
    const { idp, home, run } = await setUp(t);
    const path = join(home, 'auth.json');
    mkdirSync(path);
    const early = await run(['login', 'xai', '--yes']).ended;
    assert.equal(early.code, 1);
    assert.match(early.stderr, /auth\.json/);
    assert.equal(idp.calls.length, 0);

    rmdirSync(path);
    const late = run(['login', 'xai', '--yes']);
    await late.prints(waiting);
    mkdirSync(path);
    idp.decide('approve');
    await late.prints(/Press Enter to try again/);
    rmdirSync(path);
    late.type('');
    assert.equal((await late.ended).code, 0);
    assert.equal(stored(home).xai.accountId, 'xai-user');
  });

  test('replaces another account only with consent', async (t) => {
    const { idp, home, run } = await setUp(t);
    idp.decide('approve');
    assert.equal((await run(['login', 'xai', '--yes']).ended).code, 0);
    const file = stored(home);
    const somebody = { ...file, xai: { ...file.xai, accountId: 'somebody-else' } };
    writeAuth(home, somebody);
    const declined = run(['login', 'xai', '--yes']);
    await declined.prints(/Type y and press Enter to agree/);
    declined.type('n');
    assert.equal((await declined.ended).code, 1);
    assert.deepEqual(stored(home), somebody);
    assert.equal((await run(['login', 'xai', '--yes', '--force']).ended).code, 0);
    assert.equal(stored(home).xai.accountId, 'xai-user');
  });

  test('T20: prints no secret, whatever the service answers', async (t) => {
    const { idp, home, run } = await setUp(t);
    const runs: OcxRun[] = [];
    const canary = 'canary_canary_canary_canary_canary_canary';
    idp.decide('approve');
    runs.push(await run(['login', 'kimi', '--yes']).ended);
    idp.stage('device', { status: 500, body: { error: canary, error_description: canary } });
    runs.push(await run(['login', 'kimi', '--yes']).ended);
    idp.stage('token', { status: 400, body: { error: 'invalid_request', device_code: canary } });
    runs.push(await run(['login', 'kimi', '--yes']).ended);
    runs.push(await run(['logout', 'kimi']).ended);
    const text = JSON.stringify(runs) + readFileSync(join(home, 'config.json'), 'utf8');
    assert.ok(!text.includes('canary'), text);
    for (const secret of idp.tokens.secrets) assert.ok(!text.includes(secret), text);
  });

  test('makes "ocx models" show what the account offers', async (t) => {
    const scope = testScope(t);
    const api = await startUpstream(
      scope,
      (_request, response) => response.end('{"models":[{"id":"grok-of-the-account"}]}'),
      { secure: true },
    );
    const idp = await startIdentityProvider(scope, (host) =>
      host === 'api.x.ai' ? api.port : undefined,
    );
    idp.decide('approve');
    const options = { home: scope.directory('home'), env: idp.proxy.env };
    const before = await startCommand(scope, ['models', 'xai'], options).ended;
    assert.match(before.stderr, /no provider "xai"/);
    const login = await startCommand(scope, ['login', 'xai', '--yes'], { ...options, typing: true })
      .ended;
    assert.equal(login.code, 0, login.stderr);
    const listed = await startCommand(scope, ['models', 'xai'], options).ended;
    assert.match(listed.stdout, /^xai\/grok-of-the-account$/m, listed.stderr);
    assert.equal(listed.stderr, '');
    const [asked] = api.requests;
    assert.equal(asked?.headers.authorization, `Bearer ${stored(options.home).xai.access}`);
    assert.equal((await startCommand(scope, ['logout', 'xai'], options).ended).code, 0);
    const after = await startCommand(scope, ['models', 'xai'], options).ended;
    assert.match(after.stderr, /xAI: you are not logged in/);
  });

  test('knows its providers, and no other', async (t) => {
    const { run } = await setUp(t);
    for (const args of [['login'], ['login', 'xai', 'kimi'], ['logout'], ['login', '--where']]) {
      assert.match((await run(args).ended).stderr, /^ocx: that is not how to use log(in|out)\./);
    }
    assert.match((await run(['login', 'openai']).ended).stderr, /xai, kimi, anthropic/);
  });
});
