/** Installs a peer from npm, once: below `node_modules`, which neither Git nor the package takes along. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Peer } from './peers.ts';

const cache = resolve('node_modules/.cache/opencodex-peers');
/** Also what a peer depends on is as it was on that day. */
const day = '2026-11-22';

/** The `node_modules` that the peer lies in. No script of any package has run. */
export function installed(peer: Peer): string {
  const folder = join(cache, `${peer.package.replace('/', '+')}@${peer.version}`);
  const modules = join(folder, 'node_modules');
  if (existsSync(modules)) return modules;
  mkdirSync(cache, { recursive: true });
  const fresh = `${folder}.${process.pid}`;
  const place = ['--prefix', fresh, '--no-save', '--package-lock=false'];
  const quiet = ['--no-audit', '--no-fund', '--silent'];
  const what = ['--ignore-scripts', '--before', day, `${peer.package}@${peer.version}`];
  try {
    npm(['install', ...place, ...quiet, ...what]);
    renameSync(fresh, folder);
  } catch {
    throw new Error('npm could not install it');
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return modules;
}

function npm(args: readonly string[]): void {
  const script = process.env['npm_execpath'];
  const [command, before] = script === undefined ? ['npm', []] : [process.execPath, [script]];
  execFileSync(command, [...before, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
}
