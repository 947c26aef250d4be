import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../config/home.ts';
import { isJsonObject, parseJsonObject } from '../turn/json.ts';
import { runCodex } from './runCodex.ts';

export type RoundTrip =
  | { readonly ok: true; readonly answer: string }
  /** What Codex or the provider says. */
  | { readonly ok: false; readonly message: string };

const prompt = 'Answer with the one word OK. Use no tools.';

/** Lets the installed Codex ask its model for a word: nothing is written, and no thread is kept. */
export async function codexRoundTrip(
  program: string,
  codexHome: string,
  env: Environment,
  timeoutMs = 90_000,
): Promise<RoundTrip> {
  const folder = await mkdtemp(join(tmpdir(), 'opencodex-check-'));
  try {
    const run = await runCodex(
      program,
      ['exec', '--json', '--ephemeral', '--skip-git-repo-check', '--sandbox', 'read-only', prompt],
      { env: { ...env, CODEX_HOME: codexHome }, cwd: folder, timeoutMs },
    );
    if (!run.ok) return { ok: false, message: `Codex ${run.reason}` };
    const { answer, failure } = outcomeOf(run.stdout);
    if (run.code === 0 && answer !== undefined) return { ok: true, answer };
    const lastLine = run.stderr.trim().split('\n').at(-1) ?? '';
    return { ok: false, message: failure ?? `Codex ended with code ${run.code}. ${lastLine}` };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What `codex exec --json` reports: a line for each event. */
function outcomeOf(stdout: string): {
  readonly answer: string | undefined;
  readonly failure: string | undefined;
} {
  let answer: string | undefined;
  let failure: string | undefined;
  for (const line of stdout.split('\n')) {
    const event = parseJsonObject(line);
    const item = event?.['item'];
    if (isJsonObject(item) && item['type'] === 'agent_message') answer = String(item['text']);
    const error = event?.['error'];
    if (event?.['type'] === 'turn.failed' && isJsonObject(error)) {
      failure = String(error['message']);
    }
  }
  return { answer, failure };
}
