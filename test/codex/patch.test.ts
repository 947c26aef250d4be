import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { at } from '../support/json.ts';
import { call, freeform, resultOf, type SeenRequest, type Step, text } from '../support/script.ts';
import { startStack, wires } from './stack.ts';

const patch = `*** Begin Patch
*** Add File: notes/größe.txt
+first "line"
+	second \\ line
*** End Patch`;
const patched = 'first "line"\n\tsecond \\ line\n';

const bare = 'as bare text';

/** How models that only know functions have been seen to hand a patch over. */
const forms: Readonly<Record<string, (request: SeenRequest) => Step>> = {
  'as the one argument': (request) => freeform(request, 'apply_patch', patch, 'call_patch'),
  'in a code fence': (request) =>
    freeform(request, 'apply_patch', `\`\`\`diff\n${patch}\n\`\`\``, 'call_patch'),
  'under another argument name': () => call('apply_patch', { patch }, 'call_patch'),
  'as JSON inside the argument': (request) =>
    freeform(request, 'apply_patch', JSON.stringify({ input: patch }), 'call_patch'),
  [bare]: () => call('apply_patch', patch, 'call_patch'),
};

for (const wire of wires) {
  describe(`patches over ${wire.name}`, () => {
    for (const [form, step] of Object.entries(forms)) {
      if (wire.objectArguments === true && form === bare) continue;
      test(`are applied when they come ${form}`, async (t) => {
        const { provider, codex } = await startStack(t, wire);
        provider.play(
          (request) => [step(request)],
          (request) => {
            assert.match(resultOf(request, 'call_patch').text, /Success|Done/i);
            return [text('Patched.')];
          },
        );
        const run = await codex.exec('Patch');
        assert.equal(run.code, 0, String(run));
        assert.ok(existsSync(codex.path('notes/größe.txt')), String(run));
        assert.equal(codex.read('notes/größe.txt'), patched);
        const [change] = run.items('file_change');
        assert.equal(at(change, 'status'), 'completed');
        assert.equal(at(change, 'changes', 0, 'kind'), 'add');

        const [, second] = provider.requests;
        const made = second?.messages.flatMap((message) => message.calls) ?? [];
        assert.equal(made.length, 1);
        assert.equal(made[0]?.name, 'apply_patch');
        assert.match(made[0]?.arguments ?? '', /Begin Patch/);
      });
    }
  });
}
