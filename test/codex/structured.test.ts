import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { CodexHome } from '../support/codex.ts';
import { at } from '../support/json.ts';
import { call, resultOf, text } from '../support/script.ts';
import { startStack, wires } from './stack.ts';

const files = { type: 'array', items: { type: 'string' } };
const closed = {
  type: 'object',
  properties: { files },
  required: ['files'],
  additionalProperties: false,
};
/** It refers to itself: most hosts cannot be held to that, so that they are asked in words. */
const recursive = {
  type: 'object',
  properties: { files, folders: { type: 'array', items: { $ref: '#' } } },
  required: ['files'],
  additionalProperties: false,
};

const exec = (codex: CodexHome, schema: object) => {
  const path = codex.path('schema.json');
  writeFileSync(path, JSON.stringify(schema));
  return codex.exec('List the files', ['--output-schema', path]);
};

/** A Chat Completions host that lacks `response_format`. */
const withoutFormats = { quirks: { chat: { responseFormat: 'none' } } };

for (const wire of wires) {
  describe(`an answer in a form that Codex asks for, over ${wire.name}`, { concurrency: 3 }, () => {
    test('comes together with tools', async (t) => {
      const { provider, codex } = await startStack(t, wire);
      provider.play(
        [text('I look first.'), call('exec_command', { cmd: 'echo a.txt' }, 'call_ls')],
        (request) => {
          assert.match(resultOf(request, 'call_ls').text, /a\.txt/);
          assert.ok(request.tools.length > 3, 'tools are still offered');
          return [text('{"files":["a.txt"]}')];
        },
      );
      const run = await exec(codex, closed);
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(run.messages, ['I look first.', '{"files":["a.txt"]}']);
      assert.equal(run.items('command_execution').length, 1);
      // However the host was asked, it knows the form.
      for (const { body } of provider.requests) assert.match(JSON.stringify(body), /files/);
    });

    test('is taken out of the fence and the words around it', async (t) => {
      const { provider, codex } = await startStack(t, wire, { entry: withoutFormats });
      provider.play(
        [text('I run `{"cmd":"ls"}` first.'), call('exec_command', { cmd: 'echo a.txt' })],
        (request) => {
          const asked = JSON.stringify(request.body);
          if (wire.name !== 'openai-responses') assert.match(asked, /JSON Schema/);
          assert.doesNotMatch(asked, /"response_format"/);
          return [text('Here you are:\n\n```json\n{"files": ["a.txt"]}\n```\nAnything else?')];
        },
      );
      const run = await exec(codex, recursive);
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(run.messages, ['I run `{"cmd":"ls"}` first.', '{"files": ["a.txt"]}']);
      assert.deepEqual(run.warnings, []);
    });

    test('is asked for again when the model gave prose', async (t) => {
      const { provider, codex } = await startStack(t, wire);
      provider.play([text('There is one file, a.txt.')], [text('{"files":["a.txt"]}')]);
      const run = await exec(codex, closed);
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(run.messages, ['{"files":["a.txt"]}']);
      assert.equal(provider.posts, 2);
    });

    test('ends the turn with a reason when the model never gives it', async (t) => {
      const { provider, codex } = await startStack(t, wire, { faulty: true });
      provider.playAlways([text('There is one file, a.txt.')]);
      const run = await exec(codex, closed);
      assert.equal(run.code, 1, String(run));
      assert.match(run.failure ?? '', /sim.*JSON object with "files".*structured output/i);
      assert.deepEqual(run.messages, []);
      assert.ok(provider.posts <= 4, `${provider.posts} requests`);
    });

    for (const outcome of ['allow', 'deny']) {
      test(`is the judgement of Codex’s reviewer: ${outcome}`, async (t) => {
        const { provider, codex } = await startStack(t, wire, {
          entry: withoutFormats,
          codex: { config: { approvals_reviewer: 'auto_review' } },
        });
        const server = await codex.appServer();
        const started = await server.rpc.request('thread/start', {
          cwd: codex.work,
          approvalPolicy: 'on-request',
          approvalsReviewer: 'auto_review',
          sandbox: 'read-only',
        });
        const verdict = { risk_level: 'low', user_authorization: 'high', outcome, rationale: 'r' };
        const write = {
          cmd: 'echo made > made.txt',
          sandbox_permissions: 'require_escalated',
          justification: 'May I write the file?',
        };
        provider.play(
          [call('exec_command', write, 'call_write')],
          (request) => {
            assert.match(JSON.stringify(request.body), /user_authorization/);
            return [text(`My judgement:\n\`\`\`json\n${JSON.stringify(verdict)}\n\`\`\``)];
          },
          [text('Done.')],
        );
        const turn = await server.startTurn(String(at(started, 'thread', 'id')), 'Write');
        assert.equal(at(await turn.completed(), 'status'), 'completed');
        assert.equal(existsSync(codex.path('made.txt')), outcome === 'allow');
        assert.equal(provider.posts, 3);
      });
    }
  });
}
