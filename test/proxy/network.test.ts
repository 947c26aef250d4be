import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type LookupFunction } from 'node:net';
import { test } from 'node:test';
import { guardedLookup } from '../../src/proxy/network.ts';
import { ForbiddenAddress, networkError } from '../../src/proxy/networkError.ts';
import type { ProxyOptions } from '../../src/proxy/proxyOptions.ts';
import { serveIn } from '../support/listen.ts';
import { startProxy } from '../support/proxy.ts';
import { type Scope, testScope } from '../support/scope.ts';
import { chatStream, eventStream, sayOk, startUpstream } from '../support/upstream.ts';
import { chatEntry, textOf, turn } from './client.ts';

const certificate = readFileSync(new URL('./fixtures/tlsCertificate.pem', import.meta.url), 'utf8');
const key = readFileSync(new URL('./fixtures/tlsKey.pem', import.meta.url), 'utf8');

/** A company's HTTP proxy: every name leads to the one upstream. */
async function companyProxy(scope: Scope, upstreamPort: number) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(200, eventStream).end(chatStream({ content: 'through the proxy' }));
  });
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    const onward = connect({ host: '127.0.0.1', port: upstreamPort }, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) end.on('error', () => {});
    socket.on('close', () => onward.destroy());
    scope.add(() => socket.destroy());
  });
  return { url: `http://127.0.0.1:${await serveIn(scope, server)}`, asked };
}

async function setUp(t: test.TestContext, options: (url: string) => Partial<ProxyOptions>) {
  const scope = testScope(t);
  const upstream = await startUpstream(scope, sayOk);
  const company = await companyProxy(scope, upstream.port);
  const proxy = await startProxy(
    scope,
    {
      providers: {
        far: chatEntry('http://provider.invalid'),
        secure: chatEntry('https://provider.invalid'),
        near: chatEntry(upstream.url),
        spared: chatEntry('http://spared.invalid'),
      },
    },
    options(company.url),
  );
  return { upstream, company, proxy };
}

for (const [what, options] of [
  ['the editor’s setting', (proxy: string) => ({ network: { proxy, noProxy: 'spared.invalid' } })],
  ['HTTP_PROXY', (url: string) => ({ env: { HTTP_PROXY: url, NO_PROXY: 'spared.invalid' } })],
  ['http_proxy', (url: string) => ({ env: { http_proxy: url, no_proxy: 'spared.invalid' } })],
] as const) {
  test(`an HTTP proxy of ${what} is used, but not for this machine`, async (t) => {
    const { company, proxy } = await setUp(t, options);
    assert.equal(textOf((await turn(proxy, { model: 'far/m' })).body), 'through the proxy');
    assert.match((await turn(proxy, { model: 'secure/m' })).body, /does not speak TLS/);
    const asked = [
      'POST http://provider.invalid/v1/chat/completions',
      'CONNECT provider.invalid:443',
    ];
    assert.deepEqual(company.asked, asked);
    assert.equal(textOf((await turn(proxy, { model: 'near/m' })).body), 'ok');
    assert.match((await turn(proxy, { model: 'spared/m' })).body, /spared\.invalid\) cannot be/);
    assert.deepEqual(company.asked, asked);
  });
}

test('the environment of the process is not read where another was given', async (t) => {
  const before = process.env['HTTP_PROXY'];
  t.after(() => {
    if (before === undefined) delete process.env['HTTP_PROXY'];
    else process.env['HTTP_PROXY'] = before;
  });
  const { company, proxy } = await setUp(t, (url) => {
    process.env['HTTP_PROXY'] = url;
    return { env: {} };
  });
  assert.match((await turn(proxy, { model: 'far/m' })).body, /cannot be reached/);
  assert.deepEqual(company.asked, []);
});

test('a certificate that nobody vouches for is refused, with what to do', async (t) => {
  const scope = testScope(t);
  const server = createTlsServer({ key, cert: certificate }, sayOk);
  const port = await serveIn(scope, server);
  const config = { providers: { sim: chatEntry(`https://localhost:${port}`) } };
  const strict = await startProxy(scope, config);
  assert.match((await turn(strict)).body, /not trusted.*NODE_EXTRA_CA_CERTS/);
  const trusting = await startProxy(scope, config, { network: { certificates: [certificate] } });
  assert.equal(textOf((await turn(trusting)).body), 'ok');
});

test('a plain server behind https is named as such', async (t) => {
  const scope = testScope(t);
  const upstream = await startUpstream(scope);
  const secure = upstream.url.replace('http:', 'https:');
  const proxy = await startProxy(scope, { providers: { sim: chatEntry(secure) } });
  assert.match((await turn(proxy)).body, /does not speak TLS/);
});

test('a name that leads to a metadata address is not connected to', async () => {
  const look = (host: string, options: Parameters<LookupFunction>[1]) =>
    new Promise((resolve) => guardedLookup(host, options, (error) => resolve(error)));
  assert.ok((await look('169.254.169.254', {})) instanceof ForbiddenAddress);
  assert.ok((await look('169.254.169.254', { all: true })) instanceof ForbiddenAddress);
  assert.equal(await look('127.0.0.1', { all: true }), null);
  const error = networkError('Sim', 'http://x.test/v1', new ForbiddenAddress('x.test'), false);
  assert.match(error.message, /metadata address/);
});
