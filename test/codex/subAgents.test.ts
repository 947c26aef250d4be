import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { catalogEntry } from '../support/codexCatalog.ts';
import { textAt } from '../support/json.ts';
import { testScope } from '../support/scope.ts';
import { call, offered, reasoning, resultOf, type SeenRequest, text } from '../support/script.ts';
import { model, startStack, wires } from './stack.ts';

/** The child's model: at another provider, which speaks another wire. */
const childModel = 'aux/sim-1';

const said = (request: SeenRequest): string =>
  request.messages.map((message) => `${message.role}: ${message.text}`).join('\n');

/** A user's message says it: what a model takes for its task. */
const isTold = (request: SeenRequest, words: string): boolean =>
  request.messages.some((message) => message.role === 'user' && message.text.includes(words));

/** The models that the tool's description names. */
const listed = (description: string): readonly string[] => {
  const [, list] = /Available model overrides.*:\n((?:- `.*\n)+)/.exec(description) ?? [];
  return [...(list ?? '').matchAll(/^- `([^`]+)`/gm)].map(([, id]) => id ?? '');
};

for (const [index, wire] of wires.entries()) {
  const otherWire = wires[(index + 1) % wires.length] ?? wire;

  describe(`sub-agents over ${wire.name}`, { concurrency: 3 }, () => {
    for (const version of ['v1', 'v2'] as const) {
      test(`${version}: work on another provider, and the parent gets the result`, async (t) => {
        const child = await otherWire.start(testScope(t));
        const { provider, codex } = await startStack(t, wire, {
          others: { aux: child.entry },
          ...(version === 'v2' && {
            codex: {
              catalog: [model, childModel].map((slug) =>
                catalogEntry(slug, { multi_agent_version: 'v2' }),
              ),
            },
          }),
        });
        const message = 'Write child.txt and report.';
        provider.play(
          (request) => [
            call(
              offered(request, /spawn_agent$/),
              version === 'v1'
                ? { message, model: childModel, reasoning_effort: 'low' }
                : { message, model: childModel, task_name: 'writer', fork_turns: 'none' },
              'call_spawn',
            ),
          ],
          (request) => {
            const spawned = JSON.parse(resultOf(request, 'call_spawn').text);
            const wait = version === 'v1' ? { targets: [textAt(spawned, 'agent_id')] } : {};
            return [
              call(offered(request, /wait_agent$/), { ...wait, timeout_ms: 60_000 }, 'call_wait'),
            ];
          },
          (request) => {
            assert.match(resultOf(request, 'call_wait').text, /"timed_out":false/);
            assert.match(said(request), /The child wrote it\./);
            return [text('The parent is done.')];
          },
        );
        // Codex reports the child's end once more; that may come after the parent's last word.
        provider.playAlways([text('Noted.')]);
        child.play(
          (request) => {
            assert.ok(isTold(request, message), said(request));
            return [call('exec_command', { cmd: 'echo child > child.txt' }, 'call_child')];
          },
          (request) => {
            assert.match(resultOf(request, 'call_child').text, /exited with code 0/);
            return [text('The child wrote it.')];
          },
        );
        const run = await codex.exec('Delegate');
        assert.equal(run.code, 0, String(run));
        assert.equal(run.messages[0], 'The parent is done.', String(run));
        assert.equal(codex.read('child.txt'), 'child\n');
        assert.equal(child.unplayed, 0);
        assert.deepEqual(child.refusals, []);
      });
    }

    test('v2: know what the parent did when they inherit its thread', async (t) => {
      const { provider, codex } = await startStack(t, wire, {
        codex: { catalog: [catalogEntry(model, { multi_agent_version: 'v2' })] },
      });
      const message = 'Write child.txt and report.';
      // Parent and child ask the same provider, in an order of their own.
      provider.playAlways((request) => {
        const made = request.messages.flatMap((one) => one.calls);
        const has = (label: string) => made.some((one) => one.id.startsWith(`${label}-`));
        if (isTold(request, message)) {
          if (has('call_child')) return [text('The child wrote it.')];
          assert.match(resultOf(request, 'call_look').text, /the parent looked/);
          return [call('exec_command', { cmd: 'echo child > child.txt' }, 'call_child')];
        }
        if (has('call_wait')) {
          assert.match(said(request), /The child wrote it\./);
          return [text('The parent is done.')];
        }
        if (has('call_spawn')) return [call(offered(request, /wait_agent$/), {}, 'call_wait')];
        if (has('call_look')) {
          const task = { message, task_name: 'writer' };
          return [
            reasoning('Someone else can write.'),
            call(offered(request, /spawn_agent$/), task, 'call_spawn'),
          ];
        }
        return [
          reasoning('I look first.'),
          call('exec_command', { cmd: 'echo the parent looked' }, 'call_look'),
        ];
      });
      const run = await codex.exec('Delegate');
      assert.equal(run.code, 0, String(run));
      assert.equal(run.messages[0], 'The parent is done.', String(run));
      assert.equal(codex.read('child.txt'), 'child\n');
    });

    test('v1: work side by side', async (t) => {
      const child = await otherWire.start(testScope(t));
      const { provider, codex } = await startStack(t, wire, { others: { aux: child.entry } });
      // Neither can end before the other has begun.
      child.playAlways((request) => {
        const [own, other] = isTold(request, 'Task a') ? ['a', 'b'] : ['b', 'a'];
        const cmd = `touch ${own}.txt; until [ -e ${other}.txt ]; do sleep 0.05; done`;
        if (request.messages.some(({ callId }) => callId !== undefined)) {
          assert.match(resultOf(request, 'call_child').text, /exited with code 0/);
          return [text(`${own} has ended.`)];
        }
        return [call('exec_command', { cmd, yield_time_ms: 30_000 }, 'call_child')];
      });
      provider.playAlways((request) => {
        const spawned = request.messages.some(({ callId }) => callId !== undefined);
        if (!spawned) {
          const spawn = offered(request, /spawn_agent$/);
          return ['a', 'b'].map((name) =>
            call(spawn, { message: `Task ${name}`, model: childModel }, `call_${name}`),
          );
        }
        const working = ['a', 'b'].filter((name) => !said(request).includes(`${name} has ended.`));
        if (working.length === 0) return [text('Both have ended.')];
        const targets = working.map((name) =>
          textAt(JSON.parse(resultOf(request, `call_${name}`).text), 'agent_id'),
        );
        return [call(offered(request, /wait_agent$/), { targets, timeout_ms: 60_000 })];
      });
      const run = await codex.exec('Delegate');
      assert.equal(run.code, 0, String(run));
      assert.equal(run.messages[0], 'Both have ended.', String(run));
      assert.deepEqual(child.refusals, []);
    });

    test('are offered the models of subagentModels, and can have any other', async (t) => {
      const names = ['sim-1', 'sim-2', 'sim-3', 'sim-4', 'sim-5', 'sim-6', 'sim-7'];
      const subagentModels = ['sim-6', 'sim-2', 'sim-5', 'sim-3', 'sim-4'].map((id) => `sim/${id}`);
      const { provider, codex } = await startStack(t, wire, {
        fake: { models: names },
        config: { subagentModels },
      });
      // Parent and child ask the same provider, in an order of their own.
      provider.playAlways((request) => {
        if (request.model === 'sim-7') return [text('From the seventh.')];
        const results = request.messages.filter(({ callId }) => callId !== undefined);
        if (results.length === 0) {
          return [
            call(
              offered(request, /spawn_agent$/),
              { message: 'Hi', model: 'sim/sim-7' },
              'call_spawn',
            ),
          ];
        }
        if (results.length === 1) {
          const spawned = JSON.parse(resultOf(request, 'call_spawn').text);
          const targets = [textAt(spawned, 'agent_id')];
          return [
            call(offered(request, /wait_agent$/), { targets, timeout_ms: 60_000 }, 'call_wait'),
          ];
        }
        assert.match(resultOf(request, 'call_wait').text, /From the seventh\./);
        return [text('Heard.')];
      });
      const run = await codex.exec('Delegate');
      assert.equal(run.code, 0, String(run));
      assert.equal(run.messages.at(-1), 'Heard.');
      assert.ok(provider.requests.some((request) => request.model === 'sim-7'));
      const spawn = provider.requests[0]?.tools.find((tool) => /spawn_agent$/.test(tool.name));
      assert.deepEqual(listed(spawn?.description ?? ''), subagentModels);
    });
  });
}
