// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how references are written
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveReferences } from '../../src/credentials/envReference.ts';
import { isForbiddenHost, mayForwardTo } from '../../src/credentials/pinnedHosts.ts';
import { upstreamHeaders } from '../../src/credentials/upstreamHeaders.ts';
import type { Auth, Provider } from '../../src/providers/provider.ts';
import { plainProvider } from '../support/plainProvider.ts';

const token = 'our-own-local-token-0123456789abcdef';
const login = 'chatgpt-login-token';

const sources = {
  env: { KEY: 'k-from-env', EMPTY: '', BROKEN: 'line\nbreak' },
  vault: new Map([['inVault', 'k-from-vault']]),
  token,
  version: '1.2.3',
};

function provider(auth: Auth, more: Partial<Provider> = {}): Provider {
  return { ...plainProvider, auth, ...more };
}

function key(apiKey: string | undefined, more: Partial<Extract<Auth, { mode: 'key' }>> = {}): Auth {
  return { mode: 'key', header: 'bearer', apiKey, source: 'config', ...more };
}

const chatgpt = { baseUrl: 'https://chatgpt.com/backend-api/codex', id: 'openai', label: 'OpenAI' };

/** What Codex sends with a ChatGPT login, and what must never go on. */
const inbound = {
  authorization: `Bearer ${login}`,
  'chatgpt-account-id': 'account-1',
  originator: 'codex_exec',
  'session-id': 's1',
  'thread-id': 't1',
  'x-client-request-id': 'r1',
  'x-codex-beta-features': 'b',
  'x-codex-turn-metadata': '{}',
  'x-codex-turn-state': 'state',
  'x-codex-window-id': 'w:0',
  'x-openai-subagent': 'review',
  'x-openai-internal-codex-responses-lite': 'true',
  'openai-beta': 'x=1',
  'user-agent': 'codex_exec/0.169.0',
  'x-opencodex-token': token,
  'x-codex-routing-hint': 'model=x',
  cookie: 'c=1',
  host: '127.0.0.1:10100',
  'x-forwarded-for': '10.0.0.1',
  forwarded: 'for=10.0.0.1',
  'content-length': '2',
  version: '0.169.0',
};

function headersOf(given: Provider, request: Readonly<Record<string, string>> = inbound) {
  const result = upstreamHeaders(given, request, sources);
  assert.ok(result.ok, result.ok ? '' : result.error.message);
  return result.headers;
}

function refusalOf(given: Provider, request: Readonly<Record<string, string>> = inbound) {
  const result = upstreamHeaders(given, request, sources);
  assert.ok(!result.ok, 'it was not refused');
  return result.error;
}

test('forward mode relays the login and what belongs to it, and nothing else', () => {
  const relayed: Record<string, string> = { ...inbound };
  for (const name of [
    'x-opencodex-token',
    'x-codex-routing-hint',
    'cookie',
    'host',
    'x-forwarded-for',
    'forwarded',
    'content-length',
    'version',
  ]) {
    delete relayed[name];
  }
  assert.deepEqual(headersOf(provider({ mode: 'forward' }, chatgpt)), {
    ...relayed,
    'user-agent': 'opencodex-vscode/1.2.3',
  });
});

test('a ChatGPT login reaches no provider with a key', () => {
  assert.deepEqual(headersOf(provider(key('k1'))), {
    'user-agent': 'opencodex-vscode/1.2.3',
    authorization: 'Bearer k1',
  });
});

test('our own token is never taken for a login', () => {
  const request = { ...inbound, authorization: `Bearer ${token}` };
  const error = refusalOf(provider({ mode: 'forward' }, chatgpt), request);
  assert.equal(error.kind, 'auth');
  assert.match(error.message, /codex login/);
});

for (const baseUrl of [
  'http://chatgpt.com/backend-api/codex',
  'https://chatgpt.com:8443/backend-api/codex',
  'https://chatgpt.com/backend-api/other',
  'https://chatgpt.com/backend-api/codex/../x',
  'https://chatgpt.com.evil.test/backend-api/codex',
  'https://chatgpt.com@evil.test/backend-api/codex',
  'https://user@chatgpt.com/backend-api/codex',
  'https://api.openai.com/v1',
  'http://127.0.0.1:9/backend-api/codex',
]) {
  test(`a forwarded login is not sent to ${baseUrl}`, () => {
    assert.equal(mayForwardTo(baseUrl), false);
    const error = refusalOf(provider({ mode: 'forward' }, { ...chatgpt, baseUrl }));
    assert.equal(error.kind, 'rejected');
    assert.match(error.message, /only ever sent to https:\/\/chatgpt\.com/);
  });
}

for (const [header, name, value] of [
  ['bearer', 'authorization', 'Bearer k1'],
  ['x-api-key', 'x-api-key', 'k1'],
  ['api-key', 'api-key', 'k1'],
  ['x-goog-api-key', 'x-goog-api-key', 'k1'],
] as const) {
  test(`a key travels in ${name} where the provider wants it there`, () => {
    assert.equal(headersOf(provider(key('k1', { header })))[name], value);
  });
}

test('keys and headers may refer to environment variables', () => {
  const given = provider(key('${KEY}'), { headers: { 'X-Team': 'team ${KEY}', 'X-Plain': 'a$b' } });
  assert.deepEqual(headersOf(given), {
    'user-agent': 'opencodex-vscode/1.2.3',
    authorization: 'Bearer k-from-env',
    'x-team': 'team k-from-env',
    'x-plain': 'a$b',
  });
  assert.equal(headersOf(provider(key('$KEY')))['authorization'], 'Bearer k-from-env');
});

for (const given of [
  provider(key('${MISSING}')),
  provider(key('$MISSING')),
  provider(key('k1'), { headers: { 'x-team': '${MISSING}' } }),
]) {
  test(`an unset variable is named: ${JSON.stringify([given.auth, given.headers])}`, () => {
    const error = refusalOf(given);
    assert.equal(error.kind, 'auth');
    assert.match(error.message, /Acme.*MISSING.*"acme"/);
  });
}

test('an empty variable counts as unset', () => {
  assert.match(refusalOf(provider(key('$EMPTY'))).message, /EMPTY/);
});

test('a key of the vault is used, and asked for where it is missing', () => {
  const vault = key(undefined, { source: 'vault' });
  assert.equal(
    headersOf(provider(vault, { id: 'inVault' }))['authorization'],
    'Bearer k-from-vault',
  );
  const error = refusalOf(provider(vault));
  assert.equal(error.kind, 'auth');
  assert.match(error.message, /Acme.*Set Provider Key.*provider "acme"/);
});

test('a key of the vault is held to what a header may have, as any other', () => {
  const vault = key(undefined, { source: 'vault' });
  const given = (value: string) =>
    upstreamHeaders(provider(vault), {}, { ...sources, vault: new Map([['acme', value]]) });
  const pasted = given('k-from-vault\n');
  assert.ok(pasted.ok && pasted.headers['authorization'] === 'Bearer k-from-vault');
  const broken = given('line\nbreak');
  assert.ok(!broken.ok);
  assert.match(broken.error.message, /characters that no key has/);
  const blank = given(' ');
  assert.ok(!blank.ok);
  assert.match(blank.error.message, /Set Provider Key/);
});

test('a credential that is written into a header is a secret as well', () => {
  const headers = { Authorization: 'Bearer written-down-123', 'x-title': 'my program' };
  const result = upstreamHeaders(provider(key(undefined), { headers }), {}, sources);
  assert.ok(result.ok);
  assert.deepEqual(result.secrets, ['written-down-123']);
});

test('a server without a key gets no credential, and that is known', () => {
  const result = upstreamHeaders(provider(key(undefined)), inbound, sources);
  assert.ok(result.ok);
  assert.equal(result.authenticated, false);
  assert.deepEqual(result.headers, { 'user-agent': 'opencodex-vscode/1.2.3' });
});

test('what cannot stand in a header is refused before it is sent', () => {
  assert.match(refusalOf(provider(key('$BROKEN'))).message, /characters that no key has/);
  const given = provider(key('k1'), { headers: { 'x-a': '${BROKEN}' } });
  assert.match(refusalOf(given).message, /line break/);
  assert.ok(!refusalOf(given).message.includes('line\nbreak'));
});

test('a setting cannot change how a request travels', () => {
  const given = provider(key('k1'), {
    headers: {
      Host: 'x',
      'Content-Length': '1',
      'Transfer-Encoding': 'chunked',
      Expect: '100-continue',
      'Keep-Alive': 'timeout=5',
    },
  });
  assert.deepEqual(Object.keys(headersOf(given)), ['user-agent', 'authorization']);
});

for (const host of [
  '169.254.169.254',
  '169.254.0.1',
  '[fe80::1]',
  '[fd00:ec2::254]',
  '[::ffff:169.254.169.254]',
  '100.100.100.200',
  'metadata.google.internal',
  'METADATA.google.internal.',
  '2852039166',
  '0xa9fea9fe',
]) {
  test(`nothing is sent to ${host}`, () => {
    const error = refusalOf(provider(key('k1'), { baseUrl: `http://${host}/v1` }));
    assert.equal(error.kind, 'rejected');
    assert.match(error.message, /metadata/);
  });
}

test('loopback and private hosts are a matter of the user', () => {
  for (const host of ['127.0.0.1', 'localhost', '192.168.1.5', '10.0.0.2', '::1', 'fd12::1']) {
    assert.equal(isForbiddenHost(host), false, host);
  }
});

test('references are resolved in whole or in part, the rest is literal', () => {
  const env = { A: '1', B_2: '2' };
  assert.deepEqual(resolveReferences('$A', env), { ok: true, value: '1' });
  assert.deepEqual(resolveReferences('x${A}-${B_2}', env), { ok: true, value: 'x1-2' });
  assert.deepEqual(resolveReferences('sk-$A', env), { ok: true, value: 'sk-$A' });
  assert.deepEqual(resolveReferences('$', env), { ok: true, value: '$' });
  assert.deepEqual(resolveReferences('${C}', env), { ok: false, variable: 'C' });
});
