import { connectionState } from '../codex/connect.ts';
import { localToken } from '../credentials/token.ts';
import type { CodexLink } from './windowState.ts';

interface Folders {
  readonly home: string;
  readonly codexFolder: string;
}

/** Whether Codex's config names the proxy at this port; without one only whether it names us. */
export async function codexLink(
  { home, codexFolder }: Folders,
  port: number | undefined,
): Promise<CodexLink> {
  const token = await localToken(home);
  const state = await connectionState({ home, codexHome: codexFolder, port: port ?? 0, token });
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
