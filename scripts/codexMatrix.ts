// The demo with older versions of Codex: the newest release of each of the last six minor versions.
//   npm run matrix                  all six
//   npm run matrix -- --newest 2    the newest two
import './requireNode.mjs';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const demo = fileURLToPath(new URL('demo.ts', import.meta.url));
const cache = join(tmpdir(), 'opencodex-codex-versions');
const { values } = parseArgs({ options: { newest: { type: 'string', default: '6' } } });

function npm(args: readonly string[]): string {
  const script = process.env['npm_execpath'];
  const [command, before] = script === undefined ? ['npm', []] : [process.execPath, [script]];
  return execFileSync(command, [...before, ...args], { encoding: 'utf8' });
}

/** The newest release of each minor version, the newest first. */
function releases(): readonly string[] {
  const versions: unknown = JSON.parse(npm(['view', '@openai/codex', 'versions', '--json']));
  const newest = new Map<number, { readonly text: string; readonly patch: number }>();
  for (const text of Array.isArray(versions) ? versions.map(String) : []) {
    const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)$/.exec(text) ?? [];
    if (major === undefined) continue;
    const key = Number(major) * 1_000_000 + Number(minor);
    const one = { text, patch: Number(patch) };
    if (one.patch >= (newest.get(key)?.patch ?? 0)) newest.set(key, one);
  }
  return [...newest].toSorted(([a], [b]) => b - a).map(([, { text }]) => text);
}

/** The program of a version, downloaded once. */
function program(version: string): string {
  const folder = join(cache, version);
  const path = join(folder, 'node_modules', '.bin', 'codex');
  if (existsSync(path)) return path;
  mkdirSync(cache, { recursive: true });
  const fresh = `${folder}.${process.pid}`;
  npm([
    'install',
    '--prefix',
    fresh,
    '--no-audit',
    '--no-fund',
    '--silent',
    `@openai/codex@${version}`,
  ]);
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  return path;
}

let tried = 0;
let failed = false;
for (const version of releases().slice(0, Number(values.newest))) {
  const started = performance.now();
  const env = { ...process.env, OPENCODEX_TEST_CODEX: program(version) };
  const run = spawnSync(process.execPath, [demo], { env, encoding: 'utf8' });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const failures = run.stdout.split('\n').filter((line) => line.includes('not so:'));
  const ok = run.status === 0;
  failed ||= !ok;
  tried += 1;
  console.log(`${ok ? 'ok    ' : 'failed'}  ${version.padEnd(10)}  ${seconds.padStart(5)} s`);
  if (!ok) console.log([...failures, run.stderr].join('\n'));
}
if (tried === 0 || failed) process.exitCode = 1;
