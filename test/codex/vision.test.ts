import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { chatWire } from '../support/chatUpstream.ts';
import { testScope } from '../support/scope.ts';
import { call, http, resultOf, type SeenRequest, text } from '../support/script.ts';
import { startStack, wires } from './stack.ts';

/** A blue square, which the user attaches. */
const blue =
  'iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAEElEQVR42mNgYPiPhIjiAACOsw/xW6KAvAAAAABJRU5ErkJggg==';

/** A green square, which the model looks at. */
const green =
  'iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAD0lEQVR42mNg+M+AQMRxAJ6jD/HczNhPAAAAAElFTkSuQmCC';

const look = () => call('view_image', { path: 'green.png' }, 'call_look');

const colour = ({ messages }: SeenRequest) => {
  const [image] = messages.flatMap(({ images }) => images);
  return [text(image?.includes(blue) ? 'A blue square.' : 'A green square.')];
};

for (const wire of wires) {
  describe(`images for a model that reads text only, over ${wire.name}`, () => {
    test('are told in words, whether the user attaches them or the model opens them', async (t) => {
      const eyes = await chatWire.start(testScope(t));
      eyes.playAlways(colour);
      const { provider, codex } = await startStack(t, wire, {
        entry: { noVisionModels: ['sim-1'] },
        others: { eyes: eyes.entry },
        config: { visionSidecar: { model: 'eyes/sim-1' } },
      });
      writeFileSync(codex.path('blue.png'), Buffer.from(blue, 'base64'));
      writeFileSync(codex.path('green.png'), Buffer.from(green, 'base64'));
      provider.play([look()], [text('Blue and green.')]);
      const run = await codex.exec('What colours are these?', ['-i', 'blue.png']);
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(run.messages, ['Blue and green.']);
      assert.deepEqual(run.warnings, []);

      const [first, second] = provider.requests;
      assert.ok(first !== undefined && second !== undefined);
      const shown = first.messages.find(({ text: words }) => words.includes('What colours'));
      assert.match(shown?.text ?? '', /> A blue square\./);
      assert.match(resultOf(second, 'call_look').text, /> A green square\./);
      // The blue one was paid for once.
      assert.equal(eyes.requests.length, 2);
      assert.deepEqual(eyes.refusals, []);
      for (const { messages } of provider.requests) {
        assert.deepEqual(
          messages.flatMap(({ images }) => images),
          [],
        );
      }
    });

    test('leave a mark where nobody could describe them', async (t) => {
      const eyes = await chatWire.start(testScope(t));
      eyes.playAlways(http(500, { error: { message: 'broken' } }));
      const { provider, codex } = await startStack(t, wire, {
        entry: { noVisionModels: ['sim-1'] },
        others: { eyes: eyes.entry },
        config: { visionSidecar: { model: 'eyes/sim-1' } },
      });
      writeFileSync(codex.path('blue.png'), Buffer.from(blue, 'base64'));
      provider.play([text('I cannot see it.')]);
      const run = await codex.exec('What colour is this?', ['-i', 'blue.png']);
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(run.messages, ['I cannot see it.']);
      const words = provider.requests[0]?.messages.map((message) => message.text).join();
      assert.match(words ?? '', /An image was here, but it could not be described to you: eyes/);
    });
  });
}
