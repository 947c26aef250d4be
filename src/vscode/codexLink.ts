import { connectionState } from '../codex/connect.ts';
import { connectOptions } from '../codex/connectOptions.ts';
import { arrive, disconnectsOnExit, leave } from '../codex/stay.ts';
import { loadConfig } from '../config/load.ts';
import { occupantOf } from '../proxy/identity.ts';
import type { CodexLink } from './windowState.ts';

interface Folders {
  readonly home: string;
  readonly codexFolder: string;
}

/**
 * Whether Codex's config names the proxy at this port; without one only whether it names us. A new
 * login of Codex is taken up on the way.
 */
export async function codexLink(
  { home, codexFolder }: Folders,
  port: number | undefined,
): Promise<CodexLink> {
  const options = await connectOptions({ home, codexHome: codexFolder }, port ?? 0, process.env);
  if (port !== undefined) await arrive(options);
  const state = await connectionState(options);
  switch (state.kind) {
    case 'connected':
      return port === undefined || state.upToDate ? 'connected' : 'outdated';
    case 'dormant':
    case 'disconnected':
      return 'disconnected';
    case 'unreadable':
      return 'unknown';
  }
}

/** Another window or ocx may take the port over within this time. */
const takeoverMs = 500;

/** This window closes: where the user wants it so, Codex is given back unless another window serves. */
export async function leaveCodex({ home, codexFolder }: Folders, port: number): Promise<void> {
  const loaded = await loadConfig(home);
  if (!loaded.ok) return;
  const options = await connectOptions({ home, codexHome: codexFolder }, port, process.env);
  if (!(await disconnectsOnExit(loaded.config, options.login ?? 'none'))) return;
  const deadline = performance.now() + takeoverMs;
  do {
    const { kind } = await occupantOf(port, options.token);
    if (kind === 'ours') return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  } while (performance.now() < deadline);
  await leave(options);
}
