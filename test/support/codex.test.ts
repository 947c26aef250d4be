import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { CodexHome } from './codex.ts';
import { at } from './json.ts';
import { serveIn } from './listen.ts';
import { type Scope, testScope } from './scope.ts';

/** The least that Codex takes for an answer, so that these tests need no proxy. */
async function responses(scope: Scope, answers: readonly object[][]): Promise<string> {
  const left = [...answers];
  const server = createServer((request, response) => {
    request.resume();
    if (request.method !== 'POST') {
      response.writeHead(404).end();
      return;
    }
    const events = [
      ...(left.shift() ?? []),
      { type: 'response.completed', response: { id: 'resp_1' } },
    ];
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
  });
  return `http://127.0.0.1:${await serveIn(scope, server)}/v1`;
}

const done = (item: object) => ({ type: 'response.output_item.done', item });
const says = (text: string) =>
  done({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] });

test('the driver runs codex exec and reads its events', async (t) => {
  const scope = testScope(t);
  const baseUrl = await responses(scope, [
    [
      done({
        type: 'function_call',
        name: 'exec_command',
        call_id: 'call_1',
        arguments: JSON.stringify({ cmd: 'echo $HOME > here.txt' }),
      }),
    ],
    [says('Written.')],
  ]);
  const codex = new CodexHome(scope, { baseUrl, token: 'x', model: 'm' });
  const run = await codex.exec('Go');
  assert.equal(run.code, 0, String(run));
  assert.deepEqual(run.messages, ['Written.']);
  assert.equal(codex.read('here.txt').trim(), codex.home);
});

test('the driver runs an app-server thread', async (t) => {
  const scope = testScope(t);
  const baseUrl = await responses(scope, [[says('Hello.')]]);
  const codex = new CodexHome(scope, { baseUrl, token: 'x', model: 'm' });
  const server = await codex.appServer();
  const turn = await server.startTurn(await server.startThread(), 'Go');
  assert.equal(at(await turn.completed(), 'status'), 'completed');
  assert.equal(at(turn.items('agentMessage'), 0, 'text'), 'Hello.');
});
