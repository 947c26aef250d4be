import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { JsonRpc } from '../support/jsonRpc.ts';

const launcher = createRequire(import.meta.url).resolve('@openai/codex/bin/codex.js');

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the installed Codex to its end, with its input closed. */
export function runCodex(codexHome: string, args: readonly string[]): Promise<Run> {
  const child = start(codexHome, args);
  child.stdin.end();
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Makes calls to Codex's app server, one after the other, and gives their results. */
export async function callAppServer(
  codexHome: string,
  calls: readonly (readonly [method: string, params: object])[],
): Promise<readonly unknown[]> {
  const child = start(codexHome, ['app-server']);
  child.stderr.resume();
  const closed = new Promise((resolve) => child.on('close', resolve));
  const rpc = new JsonRpc(child.stdout, child.stdin);
  const results: unknown[] = [];
  try {
    await rpc.request('initialize', {
      clientInfo: { name: 'opencodex_test', title: 'Test', version: '0.0.0' },
    });
    rpc.notify('initialized');
    for (const [method, params] of calls) {
      results.push(await rpc.request(method, params));
    }
  } finally {
    child.stdin.end();
    await closed;
  }
  return results;
}

function start(codexHome: string, args: readonly string[]) {
  const { PATH, SystemRoot } = process.env;
  const env = { PATH, SystemRoot, HOME: codexHome, USERPROFILE: codexHome, CODEX_HOME: codexHome };
  return spawn(process.execPath, [launcher, ...args], { env, stdio: 'pipe' });
}
