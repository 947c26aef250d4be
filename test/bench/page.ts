import { availableParallelism } from 'node:os';
import { besideCells, leftOutOf } from './beside.ts';
import { cellsOf, digits } from './figures.ts';
import { type Goal, goals, isMet, type Result } from './goals.ts';

/** What a person writes on the page stands between these lines and is kept. */
const handStart = '<!-- Written by hand: kept when the page is written again. -->';
const handEnd = '<!-- End of what is written by hand. -->';

/**
 * `docs/performance.md` with the figures of a run; of the page before, what was written by hand stays.
 * `beside`: the run with other programs, where that was another one.
 */
export function pageOf(result: Result, before: string, beside = result): string {
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

Resident memory: ${digits(result.memory.idle)} MiB idle, ${digits(result.memory.after1000)} MiB after 1,000 further requests at the end, ${digits(result.memory.peak)} MiB at most. Start to first answer: ${digits(result.start.answerMs)} ms, ${digits(result.start.firstEverMs ?? Number.NaN)} ms the very first time (relay ${digits(result.start.relayAnswerMs)} ms).

${besideOf(beside)}${handStart}
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
    npm run bench -- --peers           also measures other programs, in the same rounds
    npm run bench -- --from out.json --beside peers.json --page   those from a run of their own

The machine should do nothing else. \`test/bench/\` holds the upstream, the relay and the client; the proxy is \`dist/ocx.cjs start\`, as users run it.

With \`--peers\`, npm installs the programs of \`test/bench/peers.ts\` into \`node_modules/.cache/opencodex-peers\`: the versions that stand there, what they depend on as it was on the day that \`peerPackages.ts\` names, and without running any package's scripts (about 270 MB). Each runs with a home of its own in a temporary folder, on 127.0.0.1 only, with this benchmark's upstream as its only provider, and has to hand on and stream a request of Codex's shape before it is measured. One that does not is named with its reason, and the run goes on without it. On Linux and macOS they and all that they start end with the run. A program that cannot be bound to 127.0.0.1 is not among them.
`;
}

/** The section about other programs, where the run had any. */
function besideOf(result: Result): string {
  const cells = besideCells(result);
  const reasons = leftOutOf(result);
  if (cells.length === 0 && reasons.length === 0) return '';
  const text = `## Beside other programs

Programs from npm that answer \`/v1/responses\` and translate it to Chat, as OpenCodex does in its column, measured in the same rounds against the same upstream. In brackets: the ratio to the relay, for times to first token of what is added to a direct request. Each was seen to hand on the whole conversation. OpenCodex's memory is that of the whole run, with all its wires. The programs differ in what else they do, so this says what a request costs with each, not which is better.`;
  const rounds = `Medians of ${result.rounds} rounds.`;
  return `${[`${text} ${rounds}`, ...(cells.length > 0 ? [tableOf(cells)] : []), ...reasons].join('\n\n')}\n\n`;
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
