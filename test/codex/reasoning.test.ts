import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { at } from '../support/json.ts';
import { call, reasoning, type SeenRequest, text } from '../support/script.ts';
import { startStack, wires } from './stack.ts';

/** What the provider gets back of its own thoughts. */
const thoughts = (request: SeenRequest | undefined) =>
  request?.messages
    .filter((message) => message.role === 'assistant')
    .map((message) => message.reasoning)
    .filter((words) => words !== '');

for (const wire of wires) {
  describe(`reasoning over ${wire.name}`, () => {
    test('is shown, and comes back to the provider after a call and after a resume', async (t) => {
      const { provider, codex } = await startStack(t, wire);
      provider.play(
        [
          reasoning('**Plan**\n\nFirst I list – größer denken.'),
          call('exec_command', { cmd: 'echo listed' }),
        ],
        [reasoning('Now I know.'), text('Listed.')],
      );
      const first = await codex.exec('List');
      assert.equal(first.code, 0, String(first));
      const shown = first.items('reasoning').map((item) => at(item, 'text'));
      assert.deepEqual(shown, ['**Plan**\n\nFirst I list – größer denken.', 'Now I know.']);
      assert.deepEqual(thoughts(provider.requests[1]), [
        '**Plan**\n\nFirst I list – größer denken.',
      ]);

      provider.play([text('Still here.')]);
      const second = await codex.exec('Go on', ['resume', '--last']);
      assert.equal(second.code, 0, String(second));
      assert.ok(thoughts(provider.requests[2])?.includes('Now I know.'), String(second));
    });
  });
}
