import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Environment } from '../config/home.ts';

export interface RunOptions {
  readonly env: Environment;
  readonly timeoutMs: number;
  readonly cwd?: string;
}

export type CodexRun =
  | {
      readonly ok: true;
      readonly code: number | null;
      readonly stdout: string;
      readonly stderr: string;
    }
  /** It could not be started, or did not end in time. Goes on from "Codex ". */
  | { readonly ok: false; readonly reason: string };

/** Far more than Codex prints; what comes after it is let go. */
const mostCharacters = 16 * 1024 * 1024;

const posix = process.platform !== 'win32';

/** Runs an installed Codex to its end, with its input closed and without a shell. */
export function runCodex(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<CodexRun> {
  const { promise, resolve } = Promise.withResolvers<CodexRun>();
  const child = started(program, args, options);
  if (child instanceof Error) {
    return Promise.resolve({ ok: false, reason: `cannot be started: ${child.message}` });
  }
  const end = (): void => {
    try {
      if (posix && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      else child.kill('SIGKILL');
    } catch {
      // It has gone by itself.
    }
  };
  const timer = setTimeout(() => {
    end();
    const seconds = Math.round(options.timeoutMs / 1000);
    resolve({ ok: false, reason: `did not end within ${seconds} seconds.` });
  }, options.timeoutMs);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (stdout.length < mostCharacters) stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (stderr.length < mostCharacters) stderr += text;
  });
  child.on('error', (thrown) => {
    clearTimeout(timer);
    resolve({ ok: false, reason: `cannot be started: ${thrown.message}` });
  });
  child.on('close', (code) => {
    clearTimeout(timer);
    resolve({ ok: true, code, stdout, stderr });
  });
  return promise;
}

/** Some refusals of the system come at once, not as an event. */
function started(
  program: string,
  args: readonly string[],
  { env, cwd }: RunOptions,
): ChildProcessByStdio<null, Readable, Readable> | Error {
  try {
    return spawn(program, [...args], {
      env: { ...env },
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that what it has started can be ended with it.
      detached: posix,
      windowsHide: true,
    });
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  }
}
