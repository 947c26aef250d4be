import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Figures } from './figures.ts';
import type { Result } from './goals.ts';
import { pageOf } from './page.ts';

const figure = 'short streams per second, 64 at once';

function resultOf(figures: Figures): Result {
  const memory = { idle: 70, after1000: 150, peak: 200 };
  return { rounds: 1, rows: figures.rows, memory, start: { answerMs: 120, relayAnswerMs: 60 } };
}

function measured(): Figures {
  const figures = new Figures();
  const values = { direct: 4000, relay: 2000, translated: 1000, 'passed through': 1600 };
  for (const [way, value] of Object.entries(values)) figures.note(figure, way, value);
  return figures;
}

test('a run without other programs has no section about them', () => {
  const page = pageOf(resultOf(measured()), '');
  assert.ok(!page.includes('Beside other programs'));
  assert.ok(page.includes(`| ${figure} | 4,000 | 2,000 | 1,000 | 0.500× | 1,600 | 0.800× |`));
});

test('other programs stand beside the relay and the translated wire', () => {
  const figures = measured();
  figures.note(figure, 'other 1.2.3', 500);
  figures.note(figure, 'broken 1.0.0', 900);
  figures.forget('broken 1.0.0');
  const memory = { idle: 150, after1000: 300, peak: 900 };
  const peers = [
    { name: 'other 1.2.3', memory, answerMs: 1400 },
    { name: 'broken 1.0.0', leftOut: 'it holds chunks back' },
  ];
  const page = pageOf({ ...resultOf(figures), peers }, '');
  const section = page.slice(page.indexOf('## Beside other programs'));
  for (const line of [
    '|  | relay | OpenCodex, translated | other 1.2.3 |',
    `| ${figure} | 2,000 | 1,000 (0.500×) | 500 (0.250×) |`,
    '| resident memory, peak (MiB) |  | 200 | 900 |',
    '| start to first answer (ms) | 60.0 | 120 | 1,400 |',
    'broken 1.0.0 is left out: it holds chunks back.',
  ]) {
    assert.ok(section.includes(line), line);
  }
});
