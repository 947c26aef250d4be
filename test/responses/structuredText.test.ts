import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StructuredText } from '../../src/responses/structuredText.ts';

const deltas = 64_000;

/** Of so much white space, as so many answers, in microseconds of this process's work. */
function cost(answers: number): number {
  const before = process.cpuUsage();
  for (let answer = 0; answer < answers; answer += 1) {
    const text = new StructuredText({ root: 'object', required: [] }, 'Sim');
    for (let index = 0; index < deltas / answers; index += 1) {
      text.pass({ type: 'text.delta', text: '    ' });
    }
  }
  return process.cpuUsage(before).user;
}

test('white space in front of an answer costs no more the longer it goes on', () => {
  const short = cost(32);
  const long = cost(1);
  // Where each delta looks at all that came before it, some 30 times as much.
  assert.ok(long < 8 * short + 2_000, `${long} against ${short} microseconds`);
});
