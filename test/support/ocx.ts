import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text as readAll } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Scope } from './scope.ts';

const source = fileURLToPath(new URL('../../src/ocx.ts', import.meta.url));

export interface OcxRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface OcxOptions {
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What to run; default: the sources. */
  readonly program?: readonly string[];
  /** Whether the test types something; otherwise there is nothing to read. */
  readonly typing?: boolean;
}

/** A process of `ocx` with an environment of its own. */
export function spawnOcx(
  scope: Scope,
  args: readonly string[],
  { home, env = {}, program = [process.execPath, source], typing = false }: OcxOptions,
): ChildProcess {
  const [command = process.execPath, ...before] = program;
  const child = spawn(command, [...before, ...args], {
    env: { PATH: process.env['PATH'], HOME: home, OPENCODEX_HOME: home, CODEX_HOME: home, ...env },
    stdio: [typing ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  scope.add(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  });
  return child;
}

/** Runs `ocx` to its end. */
export async function runOcx(
  scope: Scope,
  args: readonly string[],
  options: OcxOptions,
): Promise<OcxRun> {
  return await outcome(spawnOcx(scope, args, options));
}

export async function outcome(child: ChildProcess): Promise<OcxRun> {
  if (child.stdout === null || child.stderr === null) throw new Error('no pipes');
  const [stdout, stderr, [code]] = await Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    once(child, 'close'),
  ]);
  return { code, stdout, stderr };
}

export interface RunningOcx {
  readonly child: ChildProcess;
  readonly port: number;
  readonly baseUrl: string;
  /** What it has printed so far. */
  readonly lines: readonly string[];
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Runs `ocx start` and waits until it says that it listens. */
export async function startOcx(
  scope: Scope,
  options: OcxOptions & { readonly args?: readonly string[] },
): Promise<RunningOcx> {
  const child = spawnOcx(scope, ['start', ...(options.args ?? ['--port', '0'])], options);
  if (child.stdout === null || child.stderr === null) throw new Error('no pipes');
  const complaints = readAll(child.stderr);
  const lines: string[] = [];
  const { promise: ready, resolve, reject } = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    const [, baseUrl] = /listening on (http:\S+)/.exec(line) ?? [];
    if (baseUrl !== undefined) resolve(baseUrl);
  });
  child.once('close', () => void complaints.then((words) => reject(new Error(`ocx: ${words}`))));
  const baseUrl = await ready;
  return {
    child,
    port: Number(new URL(baseUrl).port),
    baseUrl,
    lines,
    end: async (signal) => {
      const exit = once(child, 'exit');
      child.kill(signal);
      const [code] = await exit;
      return code;
    },
  };
}
