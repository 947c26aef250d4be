/** A program in a process group and a home of its own, with nothing of the user's environment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import type { ServerProcess } from './processes.ts';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Starts a program and waits until it answers on its port, with whatever status. */
export async function startInGroup(
  { program, args, env }: Command,
  home: string,
  port: number,
): Promise<ServerProcess> {
  const { PATH, SystemRoot } = process.env;
  const output = join(home, 'output.txt');
  const file = openSync(output, 'a');
  const started = performance.now();
  const child = spawn(program, [...args], {
    cwd: home,
    detached: true,
    stdio: ['ignore', file, file],
    env: { PATH, SystemRoot, HOME: home, USERPROFILE: home, TMPDIR: home, TEMP: home, ...env },
  });
  closeSync(file);
  await once(child, 'spawn');
  // It ends with this process at the latest.
  const end = () => signalGroup(child, 'SIGKILL');
  process.once('exit', end);
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= leaderEnded(child).then(() => {
      end();
      process.off('exit', end);
    });
    return stopping;
  };
  try {
    await until('an answer on its port', () => {
      if (hasEnded(child)) throw new Error('it ended at its start', { cause: lastLines(output) });
      return answers(port);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, pid: child.pid ?? 0, startMs: performance.now() - started, stop };
}

/** A connection alone would not do: a program may try its port before it listens there for good. */
async function answers(port: number): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(10_000);
    const answer = await fetch(`http://127.0.0.1:${port}/v1/responses`, { signal });
    await answer.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

/** Asks the program to end, and ends it when it does not. */
async function leaderEnded(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const exit = once(child, 'exit');
  signalGroup(child, 'SIGTERM');
  const late = setTimeout(() => signalGroup(child, 'SIGKILL'), 10_000);
  await exit;
  clearTimeout(late);
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').slice(-5).join('\n');
}
