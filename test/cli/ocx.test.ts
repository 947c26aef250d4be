import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { identify } from '../../src/proxy/identity.ts';
import { writeConfig } from '../support/configFile.ts';
import { serveIn } from '../support/listen.ts';
import { outcome, runOcx, spawnOcx, startOcx } from '../support/ocx.ts';
import { type Scope, testScope } from '../support/scope.ts';

/** Another program on a port, and what it got to see. */
async function stranger(scope: Scope): Promise<{ readonly port: number; readonly seen: string[] }> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
    response.end('{"product":"opencodex","version":"9.9.9","pid":1,"proof":"00"}');
  });
  return { port: await serveIn(scope, server), seen };
}

describe('ocx', () => {
  test('shows its commands, with and without being asked', async (t) => {
    const scope = testScope(t);
    const home = scope.directory('home');
    for (const args of [[], ['help'], ['--help'], ['start', '--help']]) {
      const { code, stdout } = await runOcx(scope, args, { home });
      assert.equal(code, 0);
      for (const command of ['start [--port N]', 'stop', 'status', 'token']) {
        assert.ok(stdout.includes(command), stdout);
      }
    }
  });

  test('answers what it does not know with one sentence', async (t) => {
    const scope = testScope(t);
    const home = scope.directory('home');
    const misuses = [
      ['strat'],
      ['start', '--prt', '1'],
      ['start', '--port', 'x'],
      ['token', 'now'],
      ['sync', '--port', '0'],
    ];
    for (const args of misuses) {
      const { code, stdout, stderr } = await runOcx(scope, args, { home });
      assert.equal(code, 1);
      assert.equal(stdout, '');
      assert.match(stderr, /^ocx: .+\n$/);
      assert.doesNotMatch(stderr, /\n\s+at /);
    }
  });

  test('keeps one token, for its user only', async (t) => {
    const scope = testScope(t);
    const home = scope.directory('home');
    const [first, second] = [
      await runOcx(scope, ['token'], { home }),
      await runOcx(scope, ['token'], { home }),
    ];
    assert.match(first.stdout, /^[\w-]{32,}\n$/);
    assert.equal(first.stdout, second.stdout);
    assert.equal(statSync(join(home, 'token')).mode & 0o777, 0o600);
  });

  test('starts, says so in one line, and ends cleanly on SIGINT and SIGTERM', async (t) => {
    const scope = testScope(t);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const home = scope.directory('home');
      const ocx = await startOcx(scope, { home });
      const answer = await fetch(`${ocx.baseUrl}/models`);
      assert.ok(answer.status >= 400, 'without a token nothing is told');
      assert.equal(await ocx.end(signal), 0);
      assert.deepEqual(ocx.lines, [`OpenCodex proxy listening on http://127.0.0.1:${ocx.port}/v1`]);
      await assert.rejects(fetch(`${ocx.baseUrl}/models`));
    }
  });

  test('logs to stderr when asked', async (t) => {
    const scope = testScope(t);
    const home = scope.directory('home');
    const quiet = spawnOcx(scope, ['start', '--port', '0'], { home });
    const verbose = spawnOcx(scope, ['start', '--port', '0', '--verbose'], { home });
    for (const child of [quiet, verbose]) {
      child.stdout?.once('data', () => child.kill('SIGTERM'));
    }
    const [silent, chatty] = await Promise.all([outcome(quiet), outcome(verbose)]);
    assert.deepEqual([silent.code, silent.stderr], [0, '']);
    assert.equal(chatty.code, 0);
    assert.ok(chatty.stderr.includes(home), chatty.stderr);
  });

  test('tells the state of the proxy and stops it', async (t) => {
    const scope = testScope(t);
    const home = scope.directory('home');
    writeConfig(home, {
      defaultProvider: 'deepseek',
      providers: {
        deepseek: {
          adapter: 'openai-chat',
          baseUrl: 'https://api.deepseek.com',
          apiKey: '$DEEPSEEK_API_KEY',
        },
        local: {
          adapter: 'openai-chat',
          baseUrl: 'http://127.0.0.1:11434/v1',
          apiKey: 'sk-secret',
        },
      },
    });
    const ocx = await startOcx(scope, { home });
    const port = ['--port', String(ocx.port)];
    const ended = once(ocx.child, 'exit');

    const { code, stdout: running } = await runOcx(scope, ['status', ...port], { home });
    assert.equal(code, 0);
    assert.match(running, new RegExp(`http://127\\.0\\.0\\.1:${ocx.port}/v1`));
    assert.match(running, new RegExp(`process ${ocx.child.pid}`));
    assert.match(running, /Codex .*not connected/);
    assert.match(running, /deepseek, the default/);
    assert.match(running, /DEEPSEEK_API_KEY is not set/);
    assert.doesNotMatch(running, /sk-secret/);

    const stopped = await runOcx(scope, ['stop', ...port], { home });
    assert.deepEqual([stopped.code, stopped.stderr], [0, '']);
    assert.deepEqual(await ended, [0, null]);

    const { stdout: gone } = await runOcx(scope, ['status', ...port], { home });
    assert.match(gone, /does not run/);
    const again = await runOcx(scope, ['stop', ...port], { home });
    assert.equal(again.code, 0);
    assert.match(again.stdout, /No proxy runs/);
  });

  test('names what is wrong in config.json, and leaves the file alone', async (t) => {
    const scope = testScope(t);
    const home = scope.directory('home');
    writeConfig(home, {
      providers: { x: { adapter: 'openai-chatt', baseUrl: 'https://x.example' } },
    });
    const path = join(home, 'config.json');
    const before = readFileSync(path, 'utf8');
    const { code, stdout, stderr } = await runOcx(scope, ['start', '--port', '0'], { home });
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /config\.json.*adapter/);
    assert.equal(readFileSync(path, 'utf8'), before);
  });

  test('does not start on a port of another program, nor tell it the token', async (t) => {
    const scope = testScope(t);
    const home = scope.directory('home');
    const { port, seen } = await stranger(scope);
    const token = (await runOcx(scope, ['token'], { home })).stdout.trim();
    for (const command of ['start', 'stop', 'status']) {
      const { code, stderr, stdout } = await runOcx(scope, [command, '--port', String(port)], {
        home,
      });
      assert.equal(code, command === 'status' ? 0 : 1);
      assert.match(stderr + stdout, new RegExp(`${port}`));
    }
    assert.ok(seen.length > 0);
    assert.ok(!seen.join('\n').includes(token), seen.join('\n'));
  });

  test('stops a proxy on the connection on which that has shown who it is', async (t) => {
    const scope = testScope(t);
    const home = scope.directory('home');
    const token = (await runOcx(scope, ['token'], { home })).stdout.trim();
    const proven = new WeakSet<Socket>();
    const shown: boolean[] = [];
    const server = createServer(({ url = '', socket }, response) => {
      const { pathname, searchParams } = new URL(url, 'http://x');
      if (pathname === '/api/identity') {
        proven.add(socket);
        const who = { token, port: socket.localPort ?? 0, version: '1.0.0' };
        response.end(JSON.stringify(identify(searchParams.get('nonce'), who)));
      } else {
        shown.push(proven.has(socket));
        response.end('{"stopping":true}');
        server.close();
        server.closeIdleConnections();
      }
    });
    const port = await serveIn(scope, server);
    const { code, stderr } = await runOcx(scope, ['stop', '--port', String(port)], { home });
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(shown, [true]);
  });

  test('says that a proxy runs already', async (t) => {
    const scope = testScope(t);
    const home = scope.directory('home');
    const ocx = await startOcx(scope, { home });
    const second = await runOcx(scope, ['start', '--port', String(ocx.port)], { home });
    assert.equal(second.code, 1);
    assert.match(second.stderr, /^ocx: An OpenCodex proxy already serves port/);
    assert.equal(await ocx.end('SIGTERM'), 0);
  });
});
