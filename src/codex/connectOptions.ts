import type { Environment } from '../config/home.ts';
import { localToken } from '../credentials/token.ts';
import { catalogFilePath } from './catalogFile.ts';
import { codexLogin } from './codexLogin.ts';
import type { CodexFolders, ConnectOptions } from './connect.ts';
import { findCodex, needsCatalogFile } from './find.ts';

/** What connecting has to know of this machine: Codex's version and login, and our token. */
export async function connectOptions(
  folders: CodexFolders,
  port: number,
  env: Environment,
): Promise<ConnectOptions> {
  const { home, codexHome } = folders;
  const [token, login, installs] = await Promise.all([
    localToken(home),
    codexLogin(codexHome, env),
    findCodex(env),
  ]);
  return {
    home,
    codexHome,
    port,
    token,
    login,
    ...(needsCatalogFile(installs) && { catalogFile: catalogFilePath(home) }),
  };
}
