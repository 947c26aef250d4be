import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { at } from '../support/json.ts';
import { reasoning, text, usage, waitFor } from '../support/script.ts';
import { gate, until } from '../support/until.ts';
import { startStack, wires } from './stack.ts';

for (const wire of wires) {
  describe(`an answer in words over ${wire.name}`, () => {
    test('is shown as it comes', async (t) => {
      const { provider, codex } = await startStack(t, wire);
      const half = gate();
      provider.play([
        reasoning('**Thinking**\n\nThe user says hello.'),
        text('First half – größer, '),
        waitFor(half.opened),
        text('second half.'),
        usage({ input: 1200, cached: 1000, output: 34, reasoning: 12 }),
      ]);
      const server = await codex.appServer();
      const turn = await server.startTurn(await server.startThread(), 'Hello');
      const words = () => turn.deltas('item/agentMessage/delta');
      await until('the first half', () => words().join('') === 'First half – größer, ');
      assert.ok(words().length > 1, 'it came in pieces');
      half.open();
      assert.equal(at(await turn.completed(), 'status'), 'completed');
      assert.equal(words().join(''), 'First half – größer, second half.');
      assert.equal(at(turn.items('agentMessage'), 0, 'text'), 'First half – größer, second half.');

      const told = await server.rpc.notice('thread/tokenUsage/updated');
      const last = at(told, 'tokenUsage', 'last');
      assert.deepEqual(
        [at(last, 'inputTokens'), at(last, 'cachedInputTokens'), at(last, 'outputTokens')],
        [1200, 1000, 34],
      );
      assert.equal(at(last, 'reasoningOutputTokens'), 12);
    });

    test('counts the tokens that the provider counted', async (t) => {
      const { provider, codex } = await startStack(t, wire, { fake: { sliceBytes: 7 } });
      provider.play([
        text('Hello – wie geht’s? 你好 🙂'),
        usage({ input: 5000, cached: 4096, output: 77, reasoning: 40 }),
      ]);
      const run = await codex.exec('Hello');
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(run.messages, ['Hello – wie geht’s? 你好 🙂']);
      assert.deepEqual(run.usage, {
        input_tokens: 5000,
        cached_input_tokens: 4096,
        cache_write_input_tokens: 0,
        output_tokens: 77,
        reasoning_output_tokens: 40,
      });
      // Codex knows the model from the proxy's catalog.
      assert.deepEqual(run.items('error'), []);
    });

    test('comes from a provider that was told all that Codex says', async (t) => {
      const { provider, codex } = await startStack(t, wire);
      provider.play([text('Yes.')]);
      await codex.exec('Is the moon round?');
      const [request] = provider.requests;
      const said = (role: string) =>
        request?.messages
          .filter((message) => message.role === role)
          .map((message) => message.text)
          .join('\n') ?? '';
      assert.equal(request?.model, 'sim-1');
      assert.match(said('user'), /Is the moon round\?$/);
      assert.match(said('user'), /<environment_context>/);
      assert.ok(said('system').length > 1000, 'the base instructions');
      assert.equal(request?.headers['x-codex-turn-metadata'], undefined);
    });
  });
}
