import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { arch, hostname, release, type as systemName } from 'node:os';
import { join } from 'node:path';
import { hasCode } from '../../files/atomicWrite.ts';
import type { LoginDefinition } from './definitions.ts';

export interface Installation {
  readonly home: string;
  readonly version: string;
}

/**
 * The headers in which OpenCodex says who it is, for the login and for the API of an account. They
 * are never those of another program.
 */
export async function identityHeaders(
  definition: LoginDefinition,
  { home, version }: Installation,
): Promise<Readonly<Record<string, string>>> {
  const name = { 'user-agent': `opencodex-vscode/${version}` };
  if (!definition.deviceHeaders) return name;
  return {
    ...name,
    'x-msh-platform': 'opencodex-vscode',
    'x-msh-version': version,
    'x-msh-device-name': ascii(hostname()),
    'x-msh-device-model': ascii(`${systemName()} ${arch()}`),
    'x-msh-os-version': ascii(release()),
    'x-msh-device-id': await deviceId(home, definition.provider),
  };
}

/** A random name of this installation, made once, which `ocx` shares. */
async function deviceId(home: string, provider: string): Promise<string> {
  const path = join(home, `${provider}-device-id`);
  const known = await readId(path);
  if (known !== undefined) return known;
  const made = randomUUID().replaceAll('-', '');
  const draft = `${path}.${made}`;
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    await writeFile(draft, made, { mode: 0o600, flag: 'wx' });
    await link(draft, path).catch((thrown: unknown) => {
      if (!hasCode(thrown, 'EEXIST')) throw thrown;
    });
    return (await readId(path)) ?? made;
  } catch {
    return made; // a folder that cannot be written to is the login's failure, not this one's
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

async function readId(path: string): Promise<string | undefined> {
  try {
    const text = ascii((await readFile(path, 'utf8')).trim());
    await chmod(path, 0o600);
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
}

/** What a header may hold. */
function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '').slice(0, 100);
}
