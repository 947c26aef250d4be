import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { WebSearchQuirk } from '../../src/adapters/target.ts';
import { catalogEntry } from '../../src/providers/catalog.ts';
import { at } from '../support/json.ts';
import { testScope } from '../support/scope.ts';
import {
  call,
  cut,
  http,
  offered,
  resultOf,
  type SeenRequest,
  searched,
  type Turn,
  text,
  usage,
  waitFor,
} from '../support/script.ts';
import { pages, startSearchEngine } from '../support/searchEngine.ts';
import type { Wire } from '../support/wire.ts';
import { startStack, wires } from './stack.ts';

/** Whose search is proved on which wire, as the catalog has it. */
const vendors: Readonly<Record<string, string>> = {
  'openai-chat': 'openrouter',
  anthropic: 'anthropic',
  google: 'google',
  'openai-responses': 'xai',
};

function ownSearchOf(wire: Wire): WebSearchQuirk {
  const quirk = catalogEntry(vendors[wire.name] ?? '')?.quirks?.webSearch;
  assert.ok(quirk !== undefined, wire.name);
  return quirk;
}

function searching(t: TestContext, wire: Wire, settings: object = {}) {
  return startStack(t, wire, {
    entry: { quirks: { webSearch: ownSearchOf(wire) } },
    config: { webSearchSidecar: settings },
  });
}

const search = (query: string) => call('web_search', { query });

/** The provider's own search has run, and the model says what it gave. */
const found =
  (words: string, counts = {}): Turn =>
  (request) => {
    assert.ok(request.serverSearch !== undefined, 'the search asks for the provider’s own');
    assert.deepEqual(request.tools, [], 'and for nothing else');
    return [searched('as the model put it', pages), text(words), usage(counts)];
  };

const results = (request: SeenRequest | undefined): string =>
  (request?.messages ?? [])
    .filter(({ role }) => role === 'tool')
    .map((message) => message.text)
    .join('\n');

for (const wire of wires) {
  describe(`the search of ${vendors[wire.name]} over ${wire.name}`, { concurrency: 3 }, () => {
    test('runs beside the turn, and the model answers with what it gave', async (t) => {
      const { provider, codex, proxy } = await searching(t, wire);
      provider.play(
        [text('I look it up.'), search('newest version'), usage({ input: 100, output: 10 })],
        found('Version 4.2 is the newest.', { input: 40, output: 4 }),
        [text('It is 4.2.'), usage({ input: 150, output: 5 })],
      );
      const run = await codex.exec('Which version is the newest?');
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(run.messages, ['I look it up.', 'It is 4.2.']);
      assert.deepEqual(run.warnings, []);
      const [shown, ...others] = run.items('web_search');
      assert.equal(at(shown, 'query'), 'newest version', String(run));
      assert.deepEqual(others, []);

      const [first, beside, last] = provider.requests;
      assert.equal(first?.serverSearch, undefined);
      assert.equal(beside?.messages.at(-1)?.text, 'newest version');
      assert.ok(!JSON.stringify(beside?.body).includes('Which version'), 'only the query goes out');
      assert.equal(last?.serverSearch, undefined);
      assert.match(results(last), /data from the web[\s\S]*> Version 4\.2 is the newest\./);
      assert.match(results(last), /> https:\/\//);
      // What the same model spent on the search counts, once.
      assert.equal(at(run.usage, 'input_tokens'), 290);
      assert.equal(at(run.usage, 'output_tokens'), 19);
      const [record] = proxy.proxy.snapshot().requests;
      assert.equal(record?.inputTokens, 290);
    });

    test('is still known when a shell call comes back', async (t) => {
      const { provider, codex } = await searching(t, wire);
      provider.play(
        [search('newest version')],
        found('Version 4.2 is the newest.'),
        (request) => [call(offered(request, /exec_command/), { cmd: 'echo done' }, 'shell')],
        [text('Done.')],
      );
      const run = await codex.exec('Look it up, then run it.');
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(run.messages, ['Done.']);
      const last = provider.requests[3];
      assert.ok(last !== undefined);
      assert.match(resultOf(last, 'shell').text, /done/);
      assert.match(results(last), /> Version 4\.2 is the newest\./);
    });

    test('runs no more often than allowed', async (t) => {
      const { provider, codex } = await searching(t, wire, { maxSearchesPerTurn: 1 });
      provider.play([search('one'), search('two')], found('One.'), [text('That is all.')]);
      const run = await codex.exec('Find out everything.');
      assert.deepEqual(run.messages, ['That is all.'], String(run));
      assert.equal(run.items('web_search').length, 1);
      assert.match(results(provider.requests[2]), /used up/);
    });

    const malformed = http(200, '<html>');
    for (const [fault, turn, settings] of [
      ['is down', [cut], {}],
      ['refuses', http(403, { error: { message: 'no search for you' } }), {}],
      ['talks nonsense', malformed, {}],
      ['is too slow', [waitFor(new Promise(() => {}))], { timeoutMs: 300 }],
    ] as const) {
      test(`leaves a mark when it ${fault}, and the turn is answered`, async (t) => {
        const { provider, codex } = await searching(t, wire, settings);
        provider.play([search('x')], turn, [text('I could not look it up.')]);
        const run = await codex.exec('Look it up.');
        assert.equal(run.code, 0, String(run));
        assert.deepEqual(run.messages, ['I could not look it up.']);
        assert.match(results(provider.requests[2]), /No web search result: /);
        if (fault === 'is too slow') {
          assert.equal(await provider.requests[1]?.outcome, 'aborted');
        }
      });
    }

    test('gives way to the next one that searches', async (t) => {
      const engine = await startSearchEngine(testScope(t));
      const { provider, codex } = await searching(t, wire, { service: engine.service });
      provider.play([search('x')], http(500, { error: { message: 'overloaded' } }), [text('So.')]);
      const run = await codex.exec('Look it up.');
      assert.deepEqual(run.messages, ['So.'], String(run));
      assert.deepEqual(engine.queries, ['x']);
      assert.match(results(provider.requests[2]), /4\.2 is the newest/);
    });
  });
}
