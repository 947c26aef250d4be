import { availableParallelism } from 'node:os';
import { cellsOf, digits } from './figures.ts';
import { type Goal, goals, isMet, type Result } from './goals.ts';

/** What a person writes on the page stands between these lines and is kept. */
const handStart = '<!-- Written by hand: kept when the page is written again. -->';
const handEnd = '<!-- End of what is written by hand. -->';

/** `docs/performance.md` with the figures of a run; of the page before, what was written by hand stays. */
export function pageOf(result: Result, before: string): string {
  return `# Performance

Written by \`npm run bench -- --page\`: do not edit, except between the marks below.

A plain relay that only hands bytes on is measured in the same rounds, on the same machine, against the same upstream. It is the practical limit of any proxy in Node, so the goals are ratios to it; absolute times say more about the machine. "Added" is the time through the proxy beyond a direct request. This run: ${result.rounds} interleaved rounds, Node ${process.versions.node}, ${availableParallelism()} cores, ${process.platform}, everything on loopback.

## Goals

${tableOf([
  ['goal', 'wire', 'target', 'measured', 'met'],
  ...goals.map((goal) => {
    const value = goal.measured(result);
    const bound = goal.most ? 'at most' : 'at least';
    return [
      goal.name.replace(/ \((?:ms|µs)\)$/, ''),
      goal.way ?? '',
      `${bound} ${goal.target}${goal.unit}`,
      Number.isFinite(value) ? `${digits(value)}${goal.unit}` : 'not measured',
      isMet(goal, value) ? 'yes' : '**no**',
    ];
  }),
])}

![How far each goal is used up](images/performance.svg)

## All figures

Medians of the rounds. Times in milliseconds where the name says so.

${tableOf(cellsOf(result.rows))}

Resident memory: ${digits(result.memory.idle)} MiB idle, ${digits(result.memory.after1000)} MiB after 1,000 further requests at the end, ${digits(result.memory.peak)} MiB at most. Start to first answer: ${digits(result.start.answerMs)} ms (relay ${digits(result.start.relayAnswerMs)} ms).

${handStart}
${handWritten(before)}
${handEnd}

## How to repeat

    npm ci
    npm run bench                      five rounds, some minutes
    npm run bench -- --quick           two short rounds, under half a minute
    npm run bench -- --rounds 3        as many
    npm run bench -- --json out.json   also as JSON
    npm run bench -- --page            also writes this page and its plot
    npm run bench -- --from out.json --page   writes them from an earlier run

The machine should do nothing else. \`test/bench/\` holds the upstream, the relay and the client; the proxy is \`dist/ocx.cjs start\`, as users run it.
`;
}

function handWritten(before: string): string {
  const start = before.indexOf(handStart);
  const end = before.indexOf(handEnd);
  return start < 0 || end < start ? '' : before.slice(start + handStart.length, end).trim();
}

function tableOf([head = [], ...lines]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(head),
    line(head.map((_, i) => (i === 0 ? '---' : '---:'))),
    ...lines.map(line),
  ].join('\n');
}

/** A bar for each goal: how much of its bound is used; beyond the line it is missed. */
export function plotOf(result: Result): string {
  const [rowHeight, left, scale, top] = [24, 430, 160, 40];
  const bars = goals.map((goal, index) => {
    const used = Math.min(2, usedOf(goal, goal.measured(result)));
    const y = top + index * rowHeight;
    const colour = used <= 1 ? '#2e7d32' : '#c62828';
    const name = [goal.name.replace(/ \((?:ms|µs)\)$/, ''), goal.way].filter(Boolean).join(', ');
    return `<text x="${left - 8}" y="${y + 14}" text-anchor="end">${name}</text><rect x="${left}" y="${y + 3}" width="${(used * scale).toFixed(1)}" height="15" fill="${colour}"/>`;
  });
  const height = top + goals.length * rowHeight + 16;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 780 ${height}" font-family="system-ui, sans-serif" font-size="11" role="img" aria-label="How far each goal is used up"><rect width="780" height="${height}" fill="#fff"/><text x="${left}" y="18" font-size="13">Part of each bound that is used (green: met)</text>${bars.join('')}<line x1="${left + scale}" x2="${left + scale}" y1="28" y2="${height - 8}" stroke="#444" stroke-dasharray="4 3"/></svg>
`;
}

function usedOf({ target, most }: Goal, value: number): number {
  if (!Number.isFinite(value)) return 0;
  return most ? value / target : target / value;
}
