import { connectionState, disconnectCodex } from './codex/connect.ts';
import { codexHome } from './codex/home.ts';
import { forgetReturn } from './codex/stay.ts';
import { opencodexHome } from './config/home.ts';

/**
 * The editor runs this at its first start after the extension was uninstalled. A dormant provider that
 * the user has kept for earlier threads stays.
 */
async function uninstall(): Promise<void> {
  const folders = { home: opencodexHome(process.env), codexHome: codexHome(process.env) };
  await forgetReturn(folders);
  const state = await connectionState({ ...folders, port: 0, token: '', login: 'none' });
  if (state.kind !== 'connected') return;
  const outcome = await disconnectCodex(folders);
  if (outcome.ok) return;
  process.stderr.write(`${outcome.message}\n`);
  process.exitCode = 1;
}

void uninstall();
