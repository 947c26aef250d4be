import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname } from 'node:path';

/** Home folders that belong to nobody. */
const nobody = /^(shared|public|default.*|all users|guest|lost\+found|desktop\.ini|\..*)$/i;

/**
 * Whether other people have a home on this machine: one of them could listen on our port while no
 * proxy does. `homes` is the folder of all homes.
 */
export async function isMultiUserHost(own: string = homedir()): Promise<boolean> {
  const homes = dirname(own) === dirname(dirname(own)) ? '/home' : dirname(own);
  const names = await readdir(homes).catch(() => []);
  return names.some((name) => name !== basename(own) && !nobody.test(name));
}
