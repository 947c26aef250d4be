import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { at, listOf } from '../support/json.ts';
import {
  call,
  http,
  reasoning,
  type SeenRequest,
  type Step,
  text,
  usage,
} from '../support/script.ts';
import { model, startStack, wires } from './stack.ts';

const echo = (word: string): Step => call('exec_command', { cmd: `echo ${word}` });

/** All that a request says, whoever says it. */
const told = (request: SeenRequest | undefined): string =>
  request?.messages.map((message) => `${message.role}: ${message.text}`).join('\n') ?? '';

/** Codex compacts as soon as a request took more than this. */
const soon = { codex: { config: { model_auto_compact_token_limit: 20_000 } } };
const much = usage({ input: 50_000, output: 10 });
const little = usage({ input: 900, output: 10 });

const tooLong = http(400, {
  error: {
    message: "This model's maximum context length is 8192 tokens.",
    type: 'invalid_request_error',
    param: 'input',
    code: 'context_length_exceeded',
  },
});

for (const wire of wires) {
  describe(`compaction over ${wire.name}`, { concurrency: 3 }, () => {
    test('tells the calls of the past to a model that is offered no tools', async (t) => {
      const { provider, codex } = await startStack(t, wire, soon);
      provider.play(
        [reasoning('Hm.'), text('I say one.'), echo('one'), much],
        [text('They said one.'), little],
        [echo('two'), little],
        [text('Done.'), little],
      );
      const run = await codex.exec('Count with me');
      assert.equal(run.code, 0, String(run));
      assert.equal(run.messages.at(-1), 'Done.');
      assert.equal(run.items('command_execution').length, 2);

      const [first, compaction, next] = provider.requests;
      assert.ok((first?.tools.length ?? 0) > 0);
      assert.deepEqual(compaction?.tools, []);
      assert.deepEqual(
        compaction?.messages.flatMap((message) => message.calls),
        [],
      );
      assert.match(told(compaction), /exec_command[\s\S]*echo one[\s\S]*exited with code 0/);
      assert.match(told(compaction), /assistant: I say one\./);
      // The next window is offered its tools again and knows the summary, not the calls.
      assert.ok((next?.tools.length ?? 0) > 0);
      assert.match(told(next), /They said one\./);
      assert.doesNotMatch(told(next), /echo one/);
    });

    test('trims its history when even that is too long for the provider', async (t) => {
      const { provider, codex } = await startStack(t, wire, soon);
      provider.play(
        [echo('one'), little],
        [echo('two'), much],
        tooLong,
        tooLong,
        [text('They said two.'), little],
        [text('Done.'), little],
      );
      const run = await codex.exec('Count with me');
      assert.equal(run.code, 0, String(run));
      assert.equal(run.messages.at(-1), 'Done.');
      const compactions = provider.requests.filter(({ tools }) => tools.length === 0);
      const lengths = compactions.map((request) => told(request).length);
      assert.equal(lengths.length, 3);
      for (const [index, length] of lengths.entries())
        assert.ok(index === 0 || length < (lengths[index - 1] ?? 0), lengths.join());
      assert.match(told(provider.requests.at(-1)), /They said two\./);
    });

    test('is done when the user asks for it, and the thread goes on', async (t) => {
      const { provider, codex } = await startStack(t, wire);
      const server = await codex.appServer();
      const thread = await server.startThread();
      provider.play([echo('one')], [text('One.')]);
      await (await server.startTurn(thread, 'Count with me')).completed();

      provider.play([text('We counted to one.')]);
      const from = server.rpc.notices.length;
      await server.rpc.request('thread/compact/start', { threadId: thread });
      await server.rpc.notice('turn/completed', undefined, from);
      assert.deepEqual(provider.requests.at(-1)?.tools, []);

      provider.play([text('Two.')]);
      const turn = await (await server.startTurn(thread, 'Go on')).completed();
      assert.equal(at(turn, 'status'), 'completed');
      assert.match(told(provider.requests.at(-1)), /We counted to one\.[\s\S]*Go on/);
    });

    test('on the server gives exactly one item, which is the summary on the next request', async (t) => {
      const { provider, proxy } = await startStack(t, wire);
      const tools = [
        { type: 'function', name: 'run', parameters: { type: 'object', properties: {} } },
      ];
      const ask = async (...input: readonly unknown[]): Promise<readonly unknown[]> => {
        const response = await fetch(`${proxy.baseUrl}/responses`, {
          method: 'POST',
          headers: { authorization: `Bearer ${proxy.token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ model, stream: true, store: false, tools, input }),
        });
        const events = (await response.text())
          .split('\n\n')
          .flatMap((frame) => /^event: .*\ndata: (.*)$/.exec(frame)?.[1] ?? [])
          .map((data): unknown => JSON.parse(data));
        const done = events
          .filter((event) => at(event, 'type') === 'response.output_item.done')
          .map((event) => at(event, 'item'));
        assert.equal(at(events, -1, 'type'), 'response.completed', JSON.stringify(events.at(-1)));
        assert.deepEqual(listOf(at(events, -1, 'response', 'output')), done);
        return done;
      };
      const said = (words: string) => ({ type: 'message', role: 'user', content: words });
      provider.play([reasoning('Hm.'), text('They want '), text('a list.'), little]);
      const [item, ...others] = await ask(
        said('Make a list'),
        { type: 'function_call', call_id: 'call_1', name: 'run', arguments: '{}' },
        { type: 'function_call_output', call_id: 'call_1', output: 'ran' },
        { type: 'compaction_trigger' },
      );
      assert.deepEqual([at(item, 'type'), others], ['compaction', []]);
      assert.match(told(provider.requests[0]), /Make a list[\s\S]*summary/);

      provider.play([text('Yes.')]);
      const answer = await ask(item, said('Still there?'));
      assert.deepEqual(
        answer.flatMap((part) => at(part, 'content', 0, 'text') ?? []),
        ['Yes.'],
      );
      assert.match(told(provider.requests[1]), /They want a list\.[\s\S]*Still there\?/);
      assert.doesNotMatch(told(provider.requests[1]), /Make a list/);
    });
  });
}
