import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { describe, test } from 'node:test';
import type { WebCall } from '../../src/providers/webCall.ts';
import { createDispatcher } from '../../src/proxy/network.ts';
import { webCall } from '../../src/proxy/webCall.ts';
import { freePort } from '../support/freePort.ts';
import { serveIn } from '../support/listen.ts';
import { type Scope, testScope } from '../support/scope.ts';

function caller(scope: Scope): WebCall {
  const dispatcher = createDispatcher({}, {});
  scope.add(() => dispatcher.destroy());
  return webCall(dispatcher);
}

async function answering(scope: Scope, listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await serveIn(scope, createServer(listener))}`;
}

describe('a small request', () => {
  test('is sent as it is given, and its answer is text with lower-case header names', async (t) => {
    const scope = testScope(t);
    const seen: unknown[] = [];
    const url = await answering(scope, async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { method, url: path, headers } = request;
      seen.push([
        method,
        path,
        headers['x-api-key'],
        headers['accept-encoding'],
        `${Buffer.concat(chunks)}`,
      ]);
      response.writeHead(201, { 'X-Twice': ['first', 'second'] }).end('{"ö":1}');
    });
    const answer = await caller(scope)({
      method: 'POST',
      url: `${url}/a/b?c=d`,
      headers: { 'x-api-key': 'k' },
      body: '{"q":"ü"}',
    });
    assert.ok(answer.ok);
    assert.equal(answer.status, 201);
    assert.equal(answer.body, '{"ö":1}');
    assert.equal(answer.headers['x-twice'], 'first');
    assert.deepEqual(seen, [['POST', '/a/b?c=d', 'k', 'identity', '{"q":"ü"}']]);
  });

  test('a redirect is an answer like any other: nobody else gets the credential', async (t) => {
    const scope = testScope(t);
    let visitors = 0;
    const elsewhere = await answering(scope, (_request, response) => {
      visitors += 1;
      response.end();
    });
    for (const status of [301, 302, 303, 307, 308]) {
      const url = await answering(scope, (_request, response) => {
        response.writeHead(status, { location: elsewhere }).end();
      });
      const answer = await caller(scope)({ method: 'GET', url, headers: { authorization: 'x' } });
      assert.ok(answer.ok);
      assert.deepEqual([answer.status, answer.headers['location']], [status, elsewhere]);
    }
    assert.equal(visitors, 0);
  });

  test('an answer that does not come, or does not end, is given up in time', async (t) => {
    const scope = testScope(t);
    const call = caller(scope);
    const mute = await answering(scope, () => undefined);
    const endless = await answering(scope, (_request, response) => void response.write('a'));
    for (const url of [mute, endless]) {
      const answer = await call({ method: 'GET', url, timeoutMs: 50 });
      assert.ok(!answer.ok);
      assert.deepEqual([answer.kind, answer.sent], ['timeout', true]);
    }
  });

  test('an answer that is too large is not read to its end', async (t) => {
    const scope = testScope(t);
    let closed: Promise<unknown> | undefined;
    const url = await answering(scope, (_request, response) => {
      closed = once(response, 'close');
      const more = (): void => void (response.destroyed || response.write('x'.repeat(9_000), more));
      more();
    });
    const answer = await caller(scope)({ method: 'GET', url, maxBytes: 10_000 });
    assert.ok(!answer.ok);
    assert.equal(answer.kind, 'too_large');
    await closed;
    const exact = await answering(
      scope,
      (_request, response) => void response.end('x'.repeat(10_000)),
    );
    assert.ok((await caller(scope)({ method: 'GET', url: exact, maxBytes: 10_000 })).ok);
  });

  test('who asked may give it up, before it is sent and while the answer comes', async (t) => {
    const scope = testScope(t);
    const call = caller(scope);
    const controller = new AbortController();
    const url = await answering(scope, (_request, response) => {
      response.write('a');
      controller.abort();
    });
    for (const signal of [controller.signal, AbortSignal.abort()]) {
      const answer = await call({ method: 'GET', url, signal });
      assert.ok(!answer.ok);
      assert.equal(answer.kind, 'aborted');
    }
  });

  test('a closed port is unreachable: nothing was sent', async (t) => {
    const scope = testScope(t);
    const url = `http://127.0.0.1:${await freePort()}/`;
    const answer = await caller(scope)({ method: 'GET', url });
    assert.ok(!answer.ok);
    assert.deepEqual([answer.kind, answer.sent], ['unreachable', false]);
    assert.match(answer.message, /^nothing listens there\./);
  });

  test('a connection that dies while it is used has perhaps sent the request', async (t) => {
    const scope = testScope(t);
    for (const code of ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETDOWN']) {
      const seen = new EventEmitter();
      const url = await answering(scope, () => seen.emit('request'));
      const dispatcher = createDispatcher(
        {},
        {
          connect: ({ port }, callback) => {
            const socket = connect({ host: '127.0.0.1', port: Number(port) });
            const died = Object.assign(new Error(`read ${code}`), { code, syscall: 'read' });
            socket.once('connect', () => callback(null, socket));
            seen.once('request', () => socket.destroy(died));
          },
        },
      );
      scope.add(() => dispatcher.destroy());
      const answer = await webCall(dispatcher)({ method: 'POST', url, body: '{}' });
      assert.ok(!answer.ok);
      assert.deepEqual([answer.kind, answer.sent], ['lost', true], code);
    }
  });

  test('TLS where there is none is unreachable; a connection that breaks off is lost', async (t) => {
    const scope = testScope(t);
    const call = caller(scope);
    const plain = await answering(scope, (_request, response) => void response.end());
    const secure = await call({ method: 'GET', url: plain.replace('http:', 'https:') });
    assert.ok(!secure.ok);
    assert.deepEqual([secure.kind, secure.sent], ['unreachable', false]);
    for (const before of ['', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab']) {
      const server = createTcpServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.end(before));
      });
      const url = `http://127.0.0.1:${await serveIn(scope, server)}/`;
      const answer = await call({ method: 'GET', url });
      assert.ok(!answer.ok);
      assert.deepEqual([answer.kind, answer.sent], ['lost', true]);
    }
  });
});
