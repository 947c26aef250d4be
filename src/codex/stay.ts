import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import {
  type CodexFolders,
  type ConnectOptions,
  connectCodex,
  connectionState,
  disconnectCodex,
  followLogin,
} from './connect.ts';
import type { LoginKind } from './loginKind.ts';
import { isMultiUserHost } from './multiUserHost.ts';

/**
 * Whether Codex is given back while no proxy runs. By default only where that is a matter of safety:
 * a ChatGPT login would be sent to whichever user of the machine listens on our port.
 */
export async function disconnectsOnExit(
  config: Pick<Config, 'disconnectOnExit'>,
  login: LoginKind,
  isShared: () => Promise<boolean> = isMultiUserHost,
): Promise<boolean> {
  return config.disconnectOnExit ?? (login === 'chatgpt' && (await isShared()));
}

/** A proxy has begun to serve: what the last exit took away comes back, a new login is taken up. */
export async function arrive(options: ConnectOptions): Promise<void> {
  const marker = markerPath(options);
  const codexHome = await readFile(marker, 'utf8').catch(() => undefined);
  if (codexHome?.trim() === options.codexHome) {
    // What could not be done now is tried at the next start.
    if ((await connectCodex(options)).ok) await rm(marker, { force: true });
  } else {
    await followLogin(options);
  }
}

/** The last proxy has ended: Codex is given back until the next one begins. `false`: it had nothing of us. */
export async function leave(options: ConnectOptions): Promise<boolean> {
  const state = await connectionState(options);
  if (state.kind !== 'connected') return false;
  const { home, codexHome } = options;
  await writeFileAtomic(markerPath(options), `${codexHome}\n`, { mode: 0o600 });
  return (await disconnectCodex({ home, codexHome })).ok;
}

/** Disconnected by the user: it stays so. */
export async function forgetReturn(folders: CodexFolders): Promise<void> {
  await rm(markerPath(folders), { force: true });
}

function markerPath({ home }: CodexFolders): string {
  return join(home, 'codex-returns');
}
