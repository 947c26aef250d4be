import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { at } from '../support/json.ts';
import {
  call,
  cut,
  silence,
  silenceBeforeHeaders,
  stopShort,
  text,
  usage,
  waitFor,
} from '../support/script.ts';
import { gate, until } from '../support/until.ts';
import { startStack, wires } from './stack.ts';

for (const wire of wires) {
  describe(`a provider that is silent, over ${wire.name}`, { concurrency: 3 }, () => {
    // Codex gives up on a stream after 300 s without an event; here after 2 s.
    const patience = {
      codex: { provider: { stream_idle_timeout_ms: 2000, stream_max_retries: 0 } },
    };
    const spells = [
      ['before it answers at all', [silenceBeforeHeaders(3500), text('At last.')]],
      ['before its first word', [silence(3500), text('At last.')]],
      ['in the middle of its answer', [text('At '), silence(3500), text('last.')]],
    ] as const;
    for (const [when, answer] of spells) {
      test(`${when} keeps its turn`, async (t) => {
        const { provider, codex } = await startStack(t, wire, {
          ...patience,
          proxy: { keepAliveMs: 400 },
        });
        provider.play([...answer, usage({ input: 1, output: 1 })]);
        const run = await codex.exec('Think hard');
        assert.equal(run.code, 0, String(run));
        assert.deepEqual(run.messages, ['At last.']);
        assert.deepEqual(run.warnings, []);
        assert.equal(provider.posts, 1);
      });
    }
  });

  describe(`a provider whose answer breaks off, over ${wire.name}`, { concurrency: 3 }, () => {
    for (const [how, end] of [
      ['with a cut', cut],
      ['without its end', stopShort],
    ] as const) {
      test(`${how} in the middle of a sentence is asked again`, async (t) => {
        const { provider, codex } = await startStack(t, wire);
        provider.play([text('Half a sent'), end], [text('A whole sentence.')]);
        const run = await codex.exec('Say it');
        assert.equal(run.code, 0, String(run));
        assert.deepEqual(run.messages, ['A whole sentence.']);
        assert.equal(provider.posts, 2);
      });

      test(`${how} in the middle of a tool call never runs the half`, async (t) => {
        const { provider, codex } = await startStack(t, wire);
        provider.play(
          [text('I write.'), call('exec_command', '{"cmd":"echo half >> log.txt'), end],
          [call('exec_command', { cmd: 'echo whole >> log.txt' })],
          [text('Written.')],
        );
        const run = await codex.exec('Write');
        assert.equal(run.code, 0, String(run));
        assert.equal(codex.read('log.txt'), 'whole\n');
        assert.equal(run.items('command_execution').length, 1);
        assert.equal(run.messages.at(-1), 'Written.');
        assert.equal(provider.posts, 3);
      });

      test(`${how} after a tool call runs it once`, async (t) => {
        const { provider, codex } = await startStack(t, wire);
        const write = call('exec_command', { cmd: 'echo once >> log.txt' }, 'call_write');
        // Some hosts end the connection without the protocol's end once the calls are complete: then
        // the call counts.
        provider.play([write, end]);
        provider.playAlways((request) => {
          const written = request.messages.some((message) => message.role === 'tool');
          return written
            ? [text('Written.')]
            : [call('exec_command', { cmd: 'echo once >> log.txt' })];
        });
        const run = await codex.exec('Write');
        assert.equal(run.code, 0, String(run));
        assert.equal(codex.read('log.txt'), 'once\n');
        assert.equal(run.items('command_execution').length, 1);
      });
    }

    test('every time ends the turn with a reason', async (t) => {
      const { provider, codex } = await startStack(t, wire, { faulty: true });
      provider.playAlways([text('Half a sent'), cut]);
      const run = await codex.exec('Say it');
      assert.equal(run.code, 1, String(run));
      assert.match(run.failure ?? '', /sim/i);
      assert.ok(provider.posts <= 8, `${provider.posts} requests`);
      assert.ok(!existsSync(codex.path('log.txt')));
    });
  });

  describe(`an interrupted turn over ${wire.name}`, () => {
    test('ends the request at the provider, and the next turn works', async (t) => {
      const { provider, codex } = await startStack(t, wire);
      const never = gate();
      t.after(() => never.open());
      provider.play([text('I begin'), waitFor(never.opened)], (request) => {
        assert.match(JSON.stringify(request.messages), /turn_aborted/);
        return [text('Here I am.')];
      });
      const server = await codex.appServer();
      const thread = await server.startThread();
      const turn = await server.startTurn(thread, 'Begin');
      await until('the first words', () => turn.deltas('item/agentMessage/delta').length > 0);

      const asked = Date.now();
      await turn.interrupt();
      assert.equal(await provider.requests[0]?.outcome, 'aborted');
      t.diagnostic(`the provider heard of it after ${Date.now() - asked} ms`);
      assert.equal(at(await turn.completed(), 'status'), 'interrupted');

      const next = await server.startTurn(thread, 'And now?');
      assert.equal(at(await next.completed(), 'status'), 'completed');
      assert.equal(at(next.items('agentMessage'), 0, 'text'), 'Here I am.');
    });
  });
}
