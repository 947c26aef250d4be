import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dayOf, daysBack } from '../../src/files/dayFiles.ts';
import type { RequestDetail, UsageRow } from '../../src/link/api/requestsApi.ts';

/** Two weeks of somebody's work, for pages that would be empty otherwise. */

const models = [
  { provider: 'deepseek', model: 'deepseek/deepseek-v4-pro', share: 5 },
  { provider: 'openai', model: 'openai/gpt-5.4', share: 3 },
  { provider: 'openrouter', model: 'openrouter/anthropic/claude-sonnet-4.6', share: 2 },
] as const;

/** Busier and quieter days. */
const days = [4, 7, 9, 3, 6, 2, 1, 5, 8, 10, 7, 6, 3, 5];

export function writeHistory(home: string): void {
  const usage = join(home, 'usage');
  const logs = join(home, 'logs');
  for (const folder of [usage, logs]) mkdirSync(folder, { recursive: true });
  for (const [index, work] of days.entries()) {
    const lines = models.map(({ provider, model, share }): Omit<UsageRow, 'day'> => {
      const requests = work * share * 4 + index;
      const inputTokens = requests * 21_300;
      return {
        ...{ provider, model, requests, failures: index % 5 === 0 ? 1 : 0, inputTokens },
        cachedTokens: Math.round(inputTokens * 0.87),
        outputTokens: requests * 640,
        reasoningTokens: requests * 210,
      };
    });
    write(usage, daysBack(days.length - 1 - index), lines);
  }
  const now = Date.now();
  write(logs, dayOf(now), Array.from({ length: 60 }, (_, back) => request(now, back)).toReversed());
}

function request(now: number, back: number): RequestDetail {
  const { provider, model } = models[back % 4 === 3 ? 2 : back % 3 === 1 ? 1 : 0];
  const firstTokenMs = 420 + ((back * 137) % 900);
  const totalMs = firstTokenMs + 1_900 + ((back * 733) % 9_000);
  const failed = back === 9;
  return {
    id: `req_history_${back}`,
    startedAt: now - 60_000 - back * 97_000,
    ...{ model, provider, status: failed ? 'failed' : 'completed' },
    ...(failed
      ? { error: 'OpenRouter limits the rate (429). Wait 20 s, or choose another model.' }
      : { firstTokenMs }),
    ...{ totalMs, inputTokens: 18_400 + back * 613, cachedTokens: 16_100 + back * 560 },
    ...{ outputTokens: 240 + ((back * 91) % 1_200), reasoningTokens: 120 },
    timeline: [
      { at: 4, what: `Sent to ${provider}.` },
      { at: firstTokenMs, what: 'The first words came.' },
      { at: totalMs, what: 'Finished.' },
    ],
    ...{ additions: [], sidecars: [] },
  };
}

function write(folder: string, day: string, lines: readonly object[]): void {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  writeFileSync(join(folder, `${day}.jsonl`), text);
}
