import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, type TestContext, test } from 'node:test';
import { at } from '../support/json.ts';
import { testScope } from '../support/scope.ts';
import { call, offered, resultOf, type SeenRequest, text, usage } from '../support/script.ts';
import { found, pages, startSearchEngine } from '../support/searchEngine.ts';
import type { Wire } from '../support/wire.ts';
import { startStack, wires } from './stack.ts';

async function searching(
  t: TestContext,
  wire: Wire,
  settings: object = {},
  answer: (response: ServerResponse) => unknown = found(pages),
) {
  const engine = await startSearchEngine(testScope(t), answer);
  const stack = await startStack(t, wire, {
    config: { webSearchSidecar: { service: engine.service, ...settings } },
  });
  return { engine, ...stack };
}

const search = (query: string) => call('web_search', { query });

const results = ({ messages }: SeenRequest): readonly string[] =>
  messages.filter(({ role }) => role === 'tool').map((message) => message.text);

const names = ({ tools }: SeenRequest): readonly string[] => tools.map(({ name }) => name);

for (const wire of wires) {
  describe(`web search over ${wire.name}`, { concurrency: 3 }, () => {
    test('the model searches, and answers with what was found', async (t) => {
      const { provider, codex, engine, proxy } = await searching(t, wire);
      provider.play(
        [text('I look it up.'), search('newest version'), usage({ input: 100, output: 10 })],
        [text('It is 4.2.'), usage({ input: 150, output: 5 })],
      );
      const run = await codex.exec('Which version is the newest?');
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(run.messages, ['I look it up.', 'It is 4.2.']);
      assert.deepEqual(run.warnings, []);
      assert.deepEqual(engine.queries, ['newest version']);
      const [shown, ...others] = run.items('web_search');
      assert.equal(at(shown, 'query'), 'newest version', String(run));
      assert.deepEqual(others, []);
      assert.equal(at(run.usage, 'input_tokens'), 250);
      assert.equal(at(run.usage, 'output_tokens'), 15);

      const [first, second] = provider.requests;
      assert.ok(first !== undefined && second !== undefined);
      assert.match(results(second).join(), /data from the web[\s\S]*4\.2 is the newest/);
      const [asked] = second.messages.flatMap(({ calls }) => calls);
      assert.deepEqual(JSON.parse(asked?.arguments ?? ''), { query: 'newest version' });
      const [record] = proxy.proxy.snapshot().requests;
      assert.equal(record?.inputTokens, 250);
    });

    test('a shell call after the search still knows what was found', async (t) => {
      const { provider, codex, engine } = await searching(t, wire);
      provider.play(
        [search('newest version')],
        (request) => [call(offered(request, /exec_command/), { cmd: 'echo done' }, 'shell')],
        [text('Done.')],
      );
      const run = await codex.exec('Look it up, then run it.');
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(run.messages, ['Done.']);
      assert.equal(engine.queries.length, 1);
      const third = provider.requests[2];
      assert.ok(third !== undefined);
      assert.match(resultOf(third, 'shell').text, /done/);
      assert.match(results(third).join(), /4\.2 is the newest/);
    });

    test('a shell call beside a search reaches Codex, and both results come back', async (t) => {
      const { provider, codex, engine } = await searching(t, wire);
      provider.play(
        (request) => [
          search('newest version'),
          call(offered(request, /exec_command/), { cmd: 'echo beside' }, 'shell'),
        ],
        [text('Both.')],
      );
      const run = await codex.exec('Do both.');
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(run.messages, ['Both.']);
      assert.equal(engine.queries.length, 1);
      const second = provider.requests[1];
      assert.ok(second !== undefined);
      assert.match(resultOf(second, 'shell').text, /beside/);
      assert.match(results(second).join(), /4\.2 is the newest/);
    });

    test('who searches more often than allowed has to answer', async (t) => {
      const { provider, codex, engine } = await searching(t, wire, { maxSearchesPerTurn: 2 });
      provider.play([search('one')], [search('two'), search('three')], [text('That is all.')]);
      const run = await codex.exec('Find out everything.');
      assert.deepEqual(run.messages, ['That is all.'], String(run));
      assert.deepEqual(engine.queries, ['one', 'two']);
      const [first, , third] = provider.requests;
      assert.ok(first !== undefined && third !== undefined);
      assert.ok(names(first).includes('web_search'));
      assert.ok(!names(third).includes('web_search'));
      assert.match(results(third).at(-1) ?? '', /used up/);
    });

    for (const [fault, answer] of [
      ['is down', (response: ServerResponse) => response.destroy()],
      ['refuses', (response: ServerResponse) => response.writeHead(403).end('no')],
      ['talks nonsense', (response: ServerResponse) => response.writeHead(200).end('<html>')],
      ['is too slow', () => {}],
    ] as const) {
      test(`the turn is answered although the search engine ${fault}`, async (t) => {
        const settings = fault === 'is too slow' ? { timeoutMs: 300 } : {};
        const { provider, codex, engine } = await searching(t, wire, settings, answer);
        provider.play([search('x')], [text('I could not look it up.')]);
        const run = await codex.exec('Look it up.');
        assert.equal(run.code, 0, String(run));
        assert.deepEqual(run.messages, ['I could not look it up.']);
        assert.equal(engine.queries.length, 1);
        const second = provider.requests[1];
        assert.ok(second !== undefined);
        assert.match(results(second).join(), /No web search result: SearXNG: /);
      });
    }
  });
}
