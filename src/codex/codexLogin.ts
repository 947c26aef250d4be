import { readFile } from 'node:fs/promises';
import type { Environment } from '../config/home.ts';
import { findCodex } from './find.ts';
import { codexConfigPath } from './home.ts';
import { type LoginKind, loginKind } from './loginKind.ts';
import { runCodex } from './runCodex.ts';
import { parseToml } from './tomlText.ts';

/**
 * How Codex is signed in. Its auth.json says so; where config.toml puts the login into the system's
 * keyring, only Codex itself can tell.
 */
export async function codexLogin(codexHome: string, env: Environment): Promise<LoginKind> {
  const kind = await loginKind(codexHome);
  if (kind !== 'none' || !(await usesKeyring(codexHome))) return kind;
  const [codex] = (await findCodex(env)).filter(({ version }) => version !== undefined);
  if (codex === undefined) return 'none';
  const run = await runCodex(codex.program, ['login', 'status'], {
    env: { ...env, CODEX_HOME: codexHome },
    timeoutMs: 10_000,
  });
  return run.ok && run.code === 0 ? loginIn(`${run.stdout}\n${run.stderr}`) : 'none';
}

/** What `codex login status` says. */
export function loginIn(text: string): LoginKind {
  if (/logged in using chatgpt/i.test(text)) return 'chatgpt';
  return /api key/i.test(text) ? 'api_key' : 'none';
}

async function usesKeyring(codexHome: string): Promise<boolean> {
  const text = await readFile(codexConfigPath(codexHome), 'utf8').catch(() => '');
  const parsed = parseToml(text);
  const store = parsed.ok ? parsed.table['cli_auth_credentials_store'] : undefined;
  return store === 'keyring' || store === 'auto';
}
