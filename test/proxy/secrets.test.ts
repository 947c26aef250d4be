import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProxy } from '../support/proxy.ts';
import { testScope } from '../support/scope.ts';
import { chatChunk, eventStream, type Respond, sayOk, startUpstream } from '../support/upstream.ts';
import { ask, chatEntry, responsesEntry, turn } from './client.ts';

const canary = 'canary-0f1e2d3c4b5a6978';

/** Providers that hand the credential back, each in its own way. */
const tellTales: Readonly<Record<string, Respond>> = {
  success: sayOk,
  refusal: (request, response) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: `Bad ${request.headers.authorization}` } }));
  },
  'server error': (request, response) => {
    response.writeHead(500).end(`crashed: ${JSON.stringify(request.headers)}`);
  },
  'error in a stream': (request, response) => {
    response.writeHead(200, eventStream).write(chatChunk('so far'));
    response.end(
      `data: ${JSON.stringify({ error: { message: `no: ${request.headers.authorization}` } })}\n\n`,
    );
  },
  'error alone in a stream': (request, response) => {
    response.writeHead(200, eventStream);
    response.end(
      `data: ${JSON.stringify({ error: { message: `no: ${request.headers.authorization}` } })}\n\n`,
    );
  },
  'web page': (request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(`<title>${request.headers.authorization}</title>`);
  },
  cut: (_request, response) => response.destroy(),
};

for (const [what, respond] of Object.entries(tellTales)) {
  for (const entry of [chatEntry, responsesEntry]) {
    test(`no key comes out of a ${what} (${entry.name})`, async (t) => {
      const scope = testScope(t);
      const upstream = await startUpstream(scope, respond);
      const proxy = await startProxy(
        scope,
        { providers: { sim: entry(upstream.url, { apiKey: '$CANARY' }) } },
        { env: { CANARY: canary } },
      );
      const answers = [await turn(proxy), await turn(proxy, { stream: false })];
      assert.equal(upstream.requests[0]?.headers.authorization, `Bearer ${canary}`);
      const health = await ask(proxy, { path: '/api/health' });
      // What passes through passes unaltered; all else is ours.
      const passed = entry === responsesEntry && what.includes('stream');
      const heard = passed ? [] : answers;
      const out = JSON.stringify([heard, health, proxy.log, proxy.proxy.snapshot()]);
      for (const secret of [canary, proxy.token]) assert.ok(!out.includes(secret), out);
    });
  }
}

test('an error that nobody caught is logged without secrets', async (t) => {
  const proxy = await startProxy(testScope(t), {});
  proxy.proxy.report(new Error(`lost ${proxy.token} and Bearer abcdefghijkl`));
  const line = proxy.log.at(-1);
  assert.equal(line?.level, 'error');
  assert.match(line.text, /lost \[redacted\] and Bearer \[redacted\]/);
});
