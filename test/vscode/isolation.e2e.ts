import assert from 'node:assert/strict';
import { after, before, describe, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AppTurn } from '../support/codexAppServer.ts';
import { Scope } from '../support/scope.ts';
import { silence, text } from '../support/script.ts';
import { until } from '../support/until.ts';
import { readToken, type Session, startSession } from './session.ts';
import { steps } from './steps.ts';

/** Another extension of the same host blocks it while real Codex is answered. */
describe('a blocked extension host', () => {
  const scope = new Scope();
  const step = steps();
  let session: Session;
  let turn: AppTurn;
  let undisturbedMs: number;

  before(async () => {
    session = await startSession(scope, {
      config: (sim) => ({ providers: { sim: { ...sim, label: 'Simulated' } } }),
    });
    await session.editor.statusItem.filter({ hasText: 'sim-1' }).waitFor();
  });
  after(() => scope.close());

  /** The longest time in ms without a new word at Codex while something goes on. */
  async function longestGap(goesOn: Promise<unknown>): Promise<number> {
    let over = false;
    void goesOn.finally(() => (over = true)).catch(() => undefined);
    let words = turn.deltas('item/agentMessage/delta').length;
    let last = performance.now();
    let longest = 0;
    while (!over) {
      await sleep(5);
      const now = performance.now();
      const count = turn.deltas('item/agentMessage/delta').length;
      longest = Math.max(longest, now - last);
      if (count > words) last = now;
      words = count;
    }
    await goesOn;
    return longest;
  }

  step('Codex is answered word by word', async (t) => {
    const { codex, provider, home, port } = session;
    codex.configure({
      baseUrl: `http://127.0.0.1:${port}/v1`,
      token: readToken(home),
      model: 'opencodex/current',
    });
    provider.play(Array.from({ length: 3000 }, () => [text('word '), silence(20)]).flat());
    const server = await codex.appServer();
    turn = await server.startTurn(await server.startThread(), 'Talk');
    await until('the first words', () => turn.deltas('item/agentMessage/delta').length > 5);
    undisturbedMs = await longestGap(sleep(3000));
    report(t, 'nothing blocked', undisturbedMs);
  });

  for (const seconds of [2, 10]) {
    step(`${seconds} s without the host are not noticed`, async (t) => {
      const { editor } = session;
      const gap = await longestGap(
        (async () => {
          await editor.run(`Test: Block the Extension Host for ${seconds} Seconds`);
          await editor.notification(`blocked for ${seconds} seconds`).waitFor();
        })(),
      );
      report(t, `${seconds} s blocked`, gap);
      // A proxy in the host itself would leave a gap of the whole time.
      assert.ok(gap < undisturbedMs + (seconds * 1000) / 2, `a gap of ${Math.round(gap)} ms`);
    });
  }

  step('the answer can still be stopped', async () => {
    const { provider } = session;
    await turn.interrupt();
    assert.equal(await provider.requests.at(-1)?.outcome, 'aborted');
  });
});

function report(t: TestContext, what: string, gapMs: number): void {
  t.diagnostic(`${what}: longest gap ${Math.round(gapMs)} ms`);
}
