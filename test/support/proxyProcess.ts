import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isJsonObject, parseJson } from '../../src/turn/json.ts';
import type { Scope } from './scope.ts';
import { until } from './until.ts';

const program = fileURLToPath(new URL('proxyProgram.ts', import.meta.url));
const sources = fileURLToPath(new URL('../../src/worker.ts', import.meta.url));

export interface ProxyProcessOptions {
  readonly home: string;
  readonly port: number;
  readonly version?: string;
  /** The file that exports `createProxy`. Default: the sources. */
  readonly worker?: string;
  /** Keys of the window's secret store. */
  readonly keys?: Readonly<Record<string, string>>;
}

/** A state of a proxy in another process, and when it was reached, on the clock of the machine. */
export interface SeenState {
  readonly status: string;
  readonly at: number;
}

export interface ProxyProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly states: readonly SeenState[];
  readonly log: readonly string[];
  reaches(status: string): Promise<SeenState>;
  /** SIGKILL, and when it was sent. */
  kill(): Promise<number>;
  /** Asks it to end, which lets running turns finish. */
  stop(graceMs: number): void;
}

/** A proxy in a process of its own, as another window has it. */
export function startProxyProcess(scope: Scope, options: ProxyProcessOptions): ProxyProcess {
  const { version = '1.0.0', worker = sources, keys = {}, home, port } = options;
  const given = JSON.stringify({ home, port, version, worker, keys });
  const child = spawn(process.execPath, [program, given], {
    env: { PATH: process.env['PATH'], HOME: home, CODEX_HOME: home },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const states: SeenState[] = [];
  const log: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = parseJson(line);
    if (!isJsonObject(said)) return;
    const { status, at, text } = said;
    if (typeof status === 'string' && typeof at === 'number') states.push({ status, at });
    if (typeof text === 'string') log.push(text);
  });
  const kill = async (): Promise<number> => {
    const at = performance.timeOrigin + performance.now();
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    }
    return at;
  };
  scope.add(kill);
  return {
    child,
    pid: child.pid ?? 0,
    states,
    log,
    kill,
    stop: (graceMs) => void child.stdin.write(`${graceMs}\n`),
    reaches: async (status) => {
      const last = (): SeenState | undefined => states.at(-1);
      await until(`${status} in process ${child.pid}`, () => last()?.status === status);
      return last() ?? { status, at: 0 };
    },
  };
}
