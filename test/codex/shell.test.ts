import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { at } from '../support/json.ts';
import { call, resultOf, type Step, text, usage } from '../support/script.ts';
import { startStack, wires } from './stack.ts';

for (const wire of wires) {
  describe(`shell commands over ${wire.name}`, () => {
    test('run, and the provider reads what they print', async (t) => {
      const { provider, codex } = await startStack(t, wire);
      provider.play(
        [
          text('Let me look.'),
          call('exec_command', { cmd: 'echo "grüße $((6*7))" | tee out.txt' }, 'call_look'),
          usage({ input: 100, output: 10 }),
        ],
        (request) => {
          assert.match(resultOf(request, 'call_look').text, /grüße 42/);
          return [text('It says 42.'), usage({ input: 200, cached: 100, output: 5 })];
        },
      );
      const run = await codex.exec('Look');
      assert.equal(run.code, 0, String(run));
      assert.equal(codex.read('out.txt'), 'grüße 42\n');
      assert.deepEqual(run.messages, ['Let me look.', 'It says 42.']);
      assert.equal(at(run.items('command_execution'), 0, 'exit_code'), 0);
      assert.equal(at(run.usage, 'input_tokens'), 300);
      assert.equal(at(run.usage, 'output_tokens'), 15);
      const [, second] = provider.requests;
      const [asking] = second?.messages.filter((message) => message.calls.length > 0) ?? [];
      assert.equal(asking?.text, 'Let me look.');
      assert.deepEqual(
        asking?.calls.map((made) => [made.name, JSON.parse(made.arguments)]),
        [['exec_command', { cmd: 'echo "grüße $((6*7))" | tee out.txt' }]],
      );
    });

    test('fail, and the model is told how', async (t) => {
      const { provider, codex } = await startStack(t, wire);
      provider.play(
        [call('exec_command', { cmd: 'echo oh no >&2; exit 3' }, 'call_fails')],
        [call('no_such_tool', { a: 1 }, 'call_unknown')],
        (request) => {
          assert.match(resultOf(request, 'call_fails').text, /exited with code 3[\s\S]*oh no/);
          assert.match(resultOf(request, 'call_unknown').text, /unsupported call: no_such_tool/);
          return [text('Two things went wrong.')];
        },
      );
      const run = await codex.exec('Go');
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(run.messages, ['Two things went wrong.']);
      assert.equal(provider.posts, 3);
    });

    if (wire.objectArguments !== true) {
      test('with arguments that are no JSON are not run, and the model is told', async (t) => {
        const { provider, codex } = await startStack(t, wire);
        provider.play([call('exec_command', '{"cmd": "echo never', 'call_broken')], (request) => {
          assert.match(resultOf(request, 'call_broken').text, /failed to parse function arguments/);
          return [text('That went wrong.')];
        });
        const run = await codex.exec('Go');
        assert.equal(run.code, 0, String(run));
        assert.deepEqual(run.messages, ['That went wrong.']);
      });
    }

    test('run side by side when the model asks for two at once', async (t) => {
      const { provider, codex } = await startStack(t, wire);
      // The first can only end while the second runs.
      const first = 'until [ -e second.txt ]; do sleep 0.05; done; echo first done';
      provider.play(
        [
          call('exec_command', { cmd: first, yield_time_ms: 20_000 }, 'call_1'),
          call('exec_command', { cmd: 'touch second.txt; echo second done' }, 'call_2'),
        ],
        (request) => {
          assert.match(resultOf(request, 'call_1').text, /first done/);
          assert.match(resultOf(request, 'call_2').text, /second done/);
          return [text('Both done.')];
        },
      );
      const run = await codex.exec('Go');
      assert.equal(run.code, 0, String(run));
      const [, second] = provider.requests;
      const asking = second?.messages.find((message) => message.calls.length > 0);
      assert.deepEqual(
        asking?.calls.map((made) => made.id.split('-')[0]),
        ['call_1', 'call_2'],
      );
    });

    test('keep apart when the provider numbers its calls anew in each answer', async (t) => {
      const { provider, codex } = await startStack(t, wire);
      const numbered = (cmd: string): Step => ({
        step: 'call',
        id: 'call_0',
        name: 'exec_command',
        arguments: JSON.stringify({ cmd }),
      });
      provider.play([numbered('echo one')], [numbered('echo two')], (request) => {
        const results = request.messages.filter((message) => message.role === 'tool');
        assert.match(results[0]?.text ?? '', /one/);
        assert.match(results[1]?.text ?? '', /two/);
        return [text('Both done.')];
      });
      const server = await codex.appServer();
      const turn = await server.startTurn(await server.startThread(), 'Go');
      assert.equal(at(await turn.completed(), 'status'), 'completed');
      // Codex's own history collapses items that share an id.
      const ids = turn.items('commandExecution').map((item) => at(item, 'id'));
      assert.equal(new Set(ids).size, 2);
    });

    test('may stand between two sentences', async (t) => {
      const { provider, codex } = await startStack(t, wire);
      provider.play(
        [
          text('Before.'),
          call('exec_command', { cmd: 'echo ran >> ran.txt' }, 'call_1'),
          text('After.'),
        ],
        [text('Done.')],
      );
      const run = await codex.exec('Go');
      assert.equal(run.code, 0, String(run));
      assert.deepEqual(run.messages, ['Before.', 'After.', 'Done.']);
      assert.equal(codex.read('ran.txt'), 'ran\n');
      const [, second] = provider.requests;
      const spoken = second?.messages
        .filter((message) => message.role === 'assistant')
        .map((message) => message.text)
        .join(' ');
      assert.match(spoken ?? '', /Before\.[\s\S]*After\./);
    });
  });
}
