import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { catalogEntry } from '../support/codexCatalog.ts';
import { testScope } from '../support/scope.ts';
import { call, offered, resultOf, type Step, text } from '../support/script.ts';
import { McpRecord, model, startStack, wires } from './stack.ts';

for (const wire of wires) {
  describe(`MCP tools over ${wire.name}`, () => {
    test('are called, and the provider reads text, failures and structured results', async (t) => {
      const record = new McpRecord(testScope(t));
      const { provider, codex } = await startStack(t, wire, {
        codex: { mcp: { probe: ['--record', record.path] } },
      });
      provider.play(
        (request) => [call(offered(request, /Gives text back/), { text: 'hällo' }, 'call_echo')],
        (request) => [
          call(offered(request, /Fails always/), {}, 'call_fail'),
          call(offered(request, /Gives structured content/), { n: 2 }, 'call_sum'),
        ],
        (request) => {
          assert.match(resultOf(request, 'call_echo').text, /echo: hällo/);
          assert.match(resultOf(request, 'call_fail').text, /it did not work/);
          assert.match(resultOf(request, 'call_sum').text, /42/);
          return [text('Done.')];
        },
      );
      const run = await codex.exec('Probe');
      assert.equal(run.code, 0, String(run));
      const [echoed, ...parallel] = record.calls();
      assert.deepEqual(echoed, { tool: 'echo', arguments: { text: 'hällo' } });
      assert.deepEqual(
        parallel.toSorted((a, b) => JSON.stringify(b).localeCompare(JSON.stringify(a))),
        [
          { tool: 'structured', arguments: { n: 2 } },
          { tool: 'fail', arguments: {} },
        ],
      );
      assert.equal(run.items('mcp_tool_call').length, 3);
    });

    test('give a picture to a model that sees', async (t) => {
      const record = new McpRecord(testScope(t));
      const { provider, codex } = await startStack(t, wire, {
        codex: { mcp: { probe: ['--record', record.path] } },
      });
      provider.play(
        (request) => [call(offered(request, /Gives a picture/), {}, 'call_pic')],
        (request) => {
          assert.match(resultOf(request, 'call_pic').text, /a picture/);
          const images = request.messages.flatMap((message) => message.images);
          assert.equal(images.length, 1);
          assert.match(images[0] ?? '', /^data:image\/png;base64,/);
          return [text('Seen.')];
        },
      );
      const run = await codex.exec('Look');
      assert.equal(run.code, 0, String(run));
    });

    const seeing = [catalogEntry(model, { input_modalities: ['text', 'image'] })];
    for (const [who, catalog, words] of [
      ['Codex knows', undefined, /image content omitted/],
      ['Codex does not know', seeing, /image/],
    ] as const) {
      test(`give words in a picture's place to a model for text only, which ${who}`, async (t) => {
        const record = new McpRecord(testScope(t));
        const { provider, codex } = await startStack(t, wire, {
          entry: { noVisionModels: ['sim-1'] },
          codex: {
            mcp: { probe: ['--record', record.path] },
            ...(catalog !== undefined && { catalog }),
          },
        });
        provider.play(
          (request) => [call(offered(request, /Gives a picture/), {}, 'call_pic')],
          (request) => {
            assert.deepEqual(
              request.messages.flatMap((message) => message.images),
              [],
            );
            const told = resultOf(request, 'call_pic').text;
            assert.match(told, /a picture/);
            assert.match(told, words);
            return [text('Read.')];
          },
        );
        const run = await codex.exec('Look');
        assert.equal(run.code, 0, String(run));
        assert.deepEqual(run.messages, ['Read.']);
      });
    }

    test('have any name and any schema', async (t) => {
      const record = new McpRecord(testScope(t));
      const { provider, codex } = await startStack(t, wire, {
        entry: { quirks: { chat: { toolSchema: 'objectRoot' } } },
        codex: { mcp: { 'odd.one': ['--record', record.path, '--tools', 'odd'] } },
      });
      provider.play(
        (request) => [
          call(offered(request, /Name with dots/), {}, 'call_dots'),
          call(offered(request, /Name of 90 characters/), { a: 'x' }, 'call_long'),
          call(offered(request, /Name in mixed case/), {}, 'call_mixed'),
          call(offered(request, /Schema with a union/), { a: 'x' }, 'call_union'),
        ],
        (request) => {
          assert.match(resultOf(request, 'call_long').text, /very_long_x+ was called/);
          return [text('Done.')];
        },
      );
      const run = await codex.exec('Probe');
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(
        record
          .calls()
          .map((made) => Object(made).tool)
          .toSorted(),
        ['Mixed-Case', 'do.it/now', 'union', `very_long_${'x'.repeat(80)}`],
      );
    });

    test('of several servers keep apart, also when names collide', async (t) => {
      const servers = ['one', 'two', 'my-server', 'my_server'];
      const scope = testScope(t);
      const records = servers.map((server) => ({ server, record: new McpRecord(scope) }));
      const { provider, codex } = await startStack(t, wire, {
        codex: {
          mcp: Object.fromEntries(
            records.map(({ server, record }) => [
              server,
              ['--record', record.path, '--says', server],
            ]),
          ),
        },
      });
      provider.play(
        (request) =>
          servers.map(
            (server): Step =>
              call(
                offered(request, new RegExp(`Gives text back \\(${server}\\)`)),
                { text: `to ${server}` },
                `call_${server}`,
              ),
          ),
        (request) => {
          for (const server of servers) {
            assert.match(
              resultOf(request, `call_${server}`).text,
              new RegExp(`${server}: to ${server}`),
            );
          }
          return [text('Done.')];
        },
      );
      const run = await codex.exec('Probe');
      assert.equal(run.code, 0, String(run));
      for (const { server, record } of records) {
        assert.deepEqual(record.calls(), [{ tool: 'echo', arguments: { text: `to ${server}` } }]);
      }
    });
  });
}
