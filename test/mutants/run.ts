import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Mutant, mutants } from './threats.ts';

/**
 * Takes every defence of the threat table away in turn, in a copy, and fails where its tests do not
 * notice. `npm run test:mutants -- T4 T16` looks at some threats only.
 */
const root = fileURLToPath(new URL('../../', import.meta.url));
const copied = ['src', 'test', 'l10n', 'package.json', 'package.nls.json', 'tsconfig.json'];
const patienceMs = 120_000;

interface TestRun {
  readonly passed: number;
  readonly failed: number;
  readonly output: string;
}

async function makeCopy(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'opencodex-mutants-'));
  for (const name of copied) {
    await cp(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => basename(path) !== 'node_modules',
    }).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code !== 'ENOENT') throw thrown;
    });
  }
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  return copy;
}

function runTests(copy: string, file: string, names: string | undefined): Promise<TestRun> {
  const { promise, resolve } = Promise.withResolvers<TestRun>();
  const only = names === undefined ? [] : [`--test-name-pattern=${names}`];
  const args = ['--test', '--test-reporter=tap', '--test-timeout=30000', ...only, file];
  // A runner that finds itself inside another one reports to that.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const options = { cwd: copy, env, timeout: patienceMs, maxBuffer: 64 * 1024 * 1024 };
  execFile(process.execPath, args, options, (error, stdout, stderr) => {
    const count = (what: string): number =>
      Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(stdout)?.[1] ?? 0);
    const failed = count('fail') + count('cancelled');
    resolve({
      passed: count('pass'),
      failed: error !== null && failed === 0 ? 1 : failed,
      output: stdout + stderr,
    });
  });
  return promise;
}

/** What is wrong with a mutant or its tests, if anything. */
async function fault(copy: string, mutant: Mutant): Promise<string | undefined> {
  const path = join(copy, mutant.file);
  const text = await readFile(path, 'utf8');
  const found = text.split(mutant.code).length - 1;
  if (found !== 1) return `its code stands ${found} times in ${mutant.file}, not once`;
  const names = nameOf(mutant);
  try {
    await writeFile(
      path,
      text.replace(mutant.code, () => mutant.without),
    );
    const run = await runTests(copy, mutant.test, names);
    return run.failed > 0 ? undefined : `${mutant.test} passes without it`;
  } finally {
    await writeFile(path, text);
  }
}

function nameOf({ names }: Mutant): string {
  return `/${names.replaceAll('/', '\\/')}/`;
}

/** The tests must pass as long as nothing is taken away, or their failures say nothing. */
async function baseline(copy: string, file: string, all: readonly Mutant[]): Promise<string[]> {
  const faults: string[] = [];
  const names = [...new Set(all.filter(({ test }) => test === file).map(nameOf))];
  const every = names.map((name) => name.slice(1, -1)).join('|');
  const run = await runTests(copy, file, `/${every}/`);
  if (run.failed > 0) faults.push(`${file} fails as it is:\n${run.output.slice(-4_000)}`);
  for (const name of names) {
    const pattern = new RegExp(name.slice(1, -1), 'm');
    const reported = [...run.output.matchAll(/^\s*ok \d+ - (.*)$/gm)].map(
      ([, title = '']) => title,
    );
    const ran = reported.filter((title) => !/# SKIP/.test(title) && pattern.test(title));
    if (ran.length === 0) faults.push(`${file} has no test that passes and is named ${name}`);
  }
  return faults;
}

/** Works through a list with few hands: each one has a copy of its own. */
async function share<T>(
  copies: readonly string[],
  list: readonly T[],
  work: (copy: string, item: T) => Promise<void>,
): Promise<void> {
  const left = [...list];
  await Promise.all(
    copies.map(async (copy) => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await work(copy, item);
    }),
  );
}

const { positionals } = parseArgs({ allowPositionals: true });
const wanted = mutants.filter(
  ({ threat }) => positionals.length === 0 || positionals.includes(threat),
);
const chosen = wanted.filter(({ needsRoot }) => needsRoot !== true || process.getuid?.() === 0);
const left = wanted.length - chosen.length;
if (left > 0) console.log(`${left} left out: only root can give a file to another user`);
const everyThreat = Array.from({ length: 30 }, (_, i) => `T${i + 1}`);
const faults = everyThreat
  .filter((threat) => !mutants.some((mutant) => mutant.threat === threat))
  .map((threat) => `${threat} has no record`);
if (chosen.length === 0) faults.push(`no threat is named ${positionals.join(', ')}`);

const startedAt = performance.now();
const copies = await Promise.all(
  Array.from({ length: Math.min(2, availableParallelism()) }, makeCopy),
);
try {
  const files = [...new Set(chosen.map(({ test }) => test))];
  await share(copies, files, async (copy, file) => {
    faults.push(...(await baseline(copy, file, chosen)));
  });
  if (faults.length === 0) {
    await share(copies, chosen, async (copy, mutant) => {
      const from = performance.now();
      const found = await fault(copy, mutant);
      const seconds = ((performance.now() - from) / 1000).toFixed(1);
      console.log(
        `${found === undefined ? 'noticed' : 'FAULT  '} ${mutant.threat.padEnd(3)} ${mutant.defence} (${seconds} s)`,
      );
      if (found !== undefined) faults.push(`${mutant.threat}, ${mutant.defence}: ${found}`);
    });
  }
} finally {
  for (const copy of copies) await rm(copy, { recursive: true, force: true, maxRetries: 5 });
}
for (const line of faults) console.error(line);
const seconds = Math.round((performance.now() - startedAt) / 1000);
console.log(`${chosen.length} defences, ${faults.length} faults, ${seconds} s`);
console.log(`ℹ pass ${Math.max(0, chosen.length - faults.length)}`);
console.log(`ℹ fail ${faults.length}`);
process.exitCode = faults.length === 0 ? 0 : 1;
