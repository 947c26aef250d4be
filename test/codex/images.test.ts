import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { CodexHome, ExecRun } from '../support/codex.ts';
import { catalogEntry } from '../support/codexCatalog.ts';
import { call, resultOf, type SeenRequest, text } from '../support/script.ts';
import { model, startStack, wires } from './stack.ts';

/** A blue square, which the user attaches. */
const blue =
  'iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAEElEQVR42mNgYPiPhIjiAACOsw/xW6KAvAAAAABJRU5ErkJggg==';

/** A green square, which the model looks at. */
const green =
  'iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAD0lEQVR42mNg+M+AQMRxAJ6jD/HczNhPAAAAAElFTkSuQmCC';

function show(codex: CodexHome): Promise<ExecRun> {
  writeFileSync(codex.path('blue.png'), Buffer.from(blue, 'base64'));
  writeFileSync(codex.path('green.png'), Buffer.from(green, 'base64'));
  return codex.exec('What colours are these?', ['-i', 'blue.png']);
}

const look = () => call('view_image', { path: 'green.png' }, 'call_look');

/** In order, by who shows them. The fake takes, and reads, an image in its vendor's own form only. */
const images = (request: SeenRequest | undefined) =>
  request?.messages.flatMap((message) => message.images.map((image) => [message.role, image]));

const seeing = [catalogEntry(model, { input_modalities: ['text', 'image'] })];

for (const wire of wires) {
  describe(`images over ${wire.name}`, { concurrency: 3 }, () => {
    test('that the user attaches and that the model opens reach a model that sees', async (t) => {
      const { provider, codex } = await startStack(t, wire);
      provider.play([look()], [text('Blue and green.')]);
      const run = await show(codex);
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(run.messages, ['Blue and green.']);

      const [first, second] = provider.requests;
      const attached = ['user', `data:image/png;base64,${blue}`];
      // A tool message of Chat Completions has no images: the user shows them right behind it.
      const looker = wire.name === 'openai-chat' ? 'user' : 'tool';
      assert.deepEqual(images(first), [attached]);
      assert.deepEqual(images(second), [attached, [looker, `data:image/png;base64,${green}`]]);
      const told = first?.messages.find((message) => message.images.length > 0);
      assert.match(told?.text ?? '', /\[Image #1\][\s\S]*What colours are these\?/);
    });

    for (const [who, catalog, attached, looked] of [
      ['Codex knows', undefined, /image content omitted/, /view_image is not allowed/],
      ['Codex does not know', seeing, /\[An image .*\. This model /, /\[An image .*\. This model /],
    ] as const) {
      test(`become words for a model that reads text only, which ${who}`, async (t) => {
        const { provider, codex } = await startStack(t, wire, {
          entry: { noVisionModels: ['sim-1'] },
          ...(catalog !== undefined && { codex: { catalog } }),
        });
        provider.play([look()], [text('I cannot see them.')]);
        const run = await show(codex);
        assert.equal(run.code, 0, String(run));
        assert.deepEqual(run.messages, ['I cannot see them.']);
        assert.equal(provider.posts, 2);
        const [first, second] = provider.requests;
        assert.ok(first !== undefined && second !== undefined);
        const told = first.messages.find(({ text: words }) => words.includes('What colours'));
        assert.match(told?.text ?? '', attached);
        assert.match(resultOf(second, 'call_look').text, looked);
        for (const request of [first, second]) {
          assert.deepEqual(images(request), []);
          const sent = JSON.stringify(request.body);
          for (const picture of [blue, green]) assert.ok(!sent.includes(picture));
        }
      });
    }
  });
}
