import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { catalogEntry } from '../support/codexCatalog.ts';
import { testScope } from '../support/scope.ts';
import { call, freeform, offered, resultOf, text } from '../support/script.ts';
import { McpRecord, model, startStack, wires } from './stack.ts';

const patch = '*** Begin Patch\n*** Add File: made.txt\n+made\n*** End Patch';

for (const wire of wires) {
  describe(`tools that Codex hands over in other ways, over ${wire.name}`, () => {
    test('lite: tools stand in the input, and more come when a thread is resumed', async (t) => {
      const record = new McpRecord(testScope(t));
      const catalog = [catalogEntry(model, { use_responses_lite: true })];
      const { provider, codex, codexOptions } = await startStack(t, wire, { codex: { catalog } });
      provider.play(
        [call('exec_command', { cmd: 'echo lite > lite.txt' }, 'call_shell')],
        (request) => [freeform(request, 'apply_patch', patch, 'call_patch')],
        [text('First turn done.')],
      );
      const first = await codex.exec('Go');
      assert.equal(first.code, 0, String(first));
      assert.equal(codex.read('lite.txt'), 'lite\n');
      assert.equal(codex.read('made.txt'), 'made\n');

      codex.configure({ ...codexOptions, mcp: { probe: ['--record', record.path] } });
      provider.play(
        (request) => [
          call(offered(request, /Gives text back/), { text: 'more' }, 'call_echo'),
          call('exec_command', { cmd: 'echo again > again.txt' }, 'call_again'),
        ],
        (request) => {
          assert.match(resultOf(request, 'call_echo').text, /echo: more/);
          // The first turn is still told.
          assert.match(resultOf(request, 'call_shell').text, /exited with code 0/);
          return [text('Second turn done.')];
        },
      );
      const second = await codex.exec('Go on', ['resume', '--last']);
      assert.equal(second.code, 0, String(second));
      assert.deepEqual(second.messages, ['Second turn done.']);
      assert.deepEqual(record.calls(), [{ tool: 'echo', arguments: { text: 'more' } }]);
      assert.equal(codex.read('again.txt'), 'again\n');
    });

    test('tool search: what was found can be called', async (t) => {
      const record = new McpRecord(testScope(t));
      const { provider, codex } = await startStack(t, wire, {
        codex: {
          catalog: [catalogEntry(model, { supports_search_tool: true })],
          mcp: { probe: ['--record', record.path] },
        },
      });
      provider.play(
        (request) => {
          const names = request.tools.map((tool) => tool.name);
          assert.ok(names.includes('tool_search'), names.join());
          assert.ok(!names.some((name) => /echo/.test(name)), names.join());
          return [call('tool_search', { query: 'gives text back', limit: 2 }, 'call_search')];
        },
        (request) => {
          assert.match(resultOf(request, 'call_search').text, /echo/);
          return [call(offered(request, /Gives text back/), { text: 'found' }, 'call_echo')];
        },
        (request) => {
          assert.match(resultOf(request, 'call_echo').text, /echo: found/);
          return [text('Found and called.')];
        },
      );
      const run = await codex.exec('Find it');
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(record.calls(), [{ tool: 'echo', arguments: { text: 'found' } }]);
    });

    test('tool search: a deferred tool can be called without a search', async (t) => {
      const record = new McpRecord(testScope(t));
      const { provider, codex } = await startStack(t, wire, {
        codex: {
          catalog: [catalogEntry(model, { supports_search_tool: true })],
          mcp: { probe: ['--record', record.path] },
        },
      });
      provider.play([call('mcp__probe__echo', { text: 'blind' }, 'call_echo')], (request) => {
        assert.match(resultOf(request, 'call_echo').text, /echo: blind/);
        return [text('Called.')];
      });
      const run = await codex.exec('Call it');
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(record.calls(), [{ tool: 'echo', arguments: { text: 'blind' } }]);
    });
  });
}
