import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { catalogEntry } from '../support/codexCatalog.ts';
import { call, freeform, resultOf, text } from '../support/script.ts';
import { model, startStack, wires } from './stack.ts';

const catalog = [catalogEntry(model, { tool_mode: 'code_mode_only' })];

/** One white pixel. */
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg==',
  'base64',
);

for (const wire of wires) {
  describe(`code mode over ${wire.name}`, { concurrency: 2 }, () => {
    test('runs the JavaScript that a model writes which only knows functions', async (t) => {
      const { provider, codex } = await startStack(t, wire, { codex: { catalog } });
      writeFileSync(codex.path('pixel.png'), picture);
      provider.play(
        (request) => {
          // Everything else is hidden inside JavaScript.
          const names = request.tools.map((tool) => tool.name);
          assert.ok(names.includes('exec') && names.includes('wait'), names.join());
          assert.ok(!names.includes('exec_command'), names.join());
          const code = [
            'const run = await tools.exec_command({ cmd: `echo "grüße $((6*7))" | tee ran.txt` });',
            'text("It printed: " + run.output);',
          ].join('\n');
          return [freeform(request, 'exec', code, 'call_run')];
        },
        (request) => {
          assert.match(
            resultOf(request, 'call_run').text,
            /Script completed[\s\S]*printed: grüße 42/,
          );
          return [freeform(request, 'exec', 'throw new Error("boom")', 'call_throws')];
        },
        (request) => {
          assert.match(resultOf(request, 'call_throws').text, /Script failed[\s\S]*Error: boom/);
          const code = 'text("A pixel."); image(await tools.view_image({ path: "pixel.png" }));';
          return [freeform(request, 'exec', code, 'call_image')];
        },
        (request) => {
          assert.match(resultOf(request, 'call_image').text, /A pixel\./);
          const images = request.messages.flatMap((message) => message.images);
          assert.equal(images.length, 1);
          assert.match(images[0] ?? '', /^data:image\/png;base64,iVBOR/);
          return [text('Ran.')];
        },
      );
      const run = await codex.exec('Go');
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(run.messages, ['Ran.']);
      assert.equal(codex.read('ran.txt'), 'grüße 42\n');
      // The model is shown its own code as it wrote it.
      const made = provider.requests.at(-1)?.messages.flatMap((message) => message.calls);
      assert.deepEqual(
        made?.map((one) => one.name),
        ['exec', 'exec', 'exec'],
      );
      assert.equal(
        Object.values(JSON.parse(made?.[1]?.arguments ?? '{}')).join(),
        'throw new Error("boom")',
      );
    });

    test('waits for a script that has not ended yet', async (t) => {
      const { provider, codex } = await startStack(t, wire, { codex: { catalog } });
      provider.play(
        (request) => {
          const code = [
            '// @exec: {"yield_time_ms": 200}',
            'await tools.exec_command({',
            '  cmd: "until [ -e go.txt ]; do sleep 0.05; done; echo late > late.txt",',
            '  yield_time_ms: 30000,',
            '});',
            'text("The script has ended.");',
          ].join('\n');
          return [freeform(request, 'exec', code, 'call_long')];
        },
        (request) => {
          const told = resultOf(request, 'call_long').text;
          const [, cell] = /Script running with cell ID (\S+)/.exec(told) ?? [];
          assert.ok(cell !== undefined, told);
          writeFileSync(codex.path('go.txt'), '');
          return [call('wait', { cell_id: cell, yield_time_ms: 30_000 }, 'call_wait')];
        },
        (request) => {
          const told = resultOf(request, 'call_wait').text;
          assert.match(told, /Script completed[\s\S]*The script has ended\./);
          return [text('Waited.')];
        },
      );
      const run = await codex.exec('Go');
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(run.messages, ['Waited.']);
      assert.equal(codex.read('late.txt'), 'late\n');
    });
  });
}
