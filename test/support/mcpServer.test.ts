import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { at, listOf } from './json.ts';
import { JsonRpc } from './jsonRpc.ts';
import { testScope } from './scope.ts';

const program = fileURLToPath(new URL('mcpServer.ts', import.meta.url));

test('the MCP server of the tests lists its tools, answers calls and keeps a record', async (t) => {
  const scope = testScope(t);
  const record = join(scope.directory('mcp'), 'calls.jsonl');
  const server = spawn(process.execPath, [program, '--record', record, '--tools', 'plain,odd']);
  scope.add(() => server.kill());
  const rpc = new JsonRpc(server.stdout, server.stdin, { jsonrpc: '2.0' });

  const hello = await rpc.request('initialize', { protocolVersion: '2025-06-18' });
  assert.equal(at(hello, 'protocolVersion'), '2025-06-18');
  const { tools } = Object(await rpc.request('tools/list'));
  assert.ok(listOf(tools).some((tool) => at(tool, 'name') === 'do.it/now'));

  const echo = await rpc.request('tools/call', { name: 'echo', arguments: { text: 'hi' } });
  assert.equal(at(echo, 'content', 0, 'text'), 'echo: hi');
  const failure = await rpc.request('tools/call', { name: 'fail' });
  assert.equal(at(failure, 'isError'), true);
  assert.deepEqual(
    readFileSync(record, 'utf8')
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line)),
    [
      { tool: 'echo', arguments: { text: 'hi' } },
      { tool: 'fail', arguments: {} },
    ],
  );

  server.stdin.end();
  const [code] = await once(server, 'exit');
  assert.equal(code, 0);
});
