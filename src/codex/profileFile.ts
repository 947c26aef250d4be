import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../files/atomicWrite.ts';
import { notePrefix } from './blockMarks.ts';
import type { ProviderSource } from './connectText.ts';
import { currentModelId, providerId } from './providerTable.ts';

/** What `codex --profile opencodex` reads: the proxy, whatever config.toml says. */
export function profilePath(codexHome: string): string {
  return join(codexHome, `${providerId}.config.toml`);
}

const note = `${notePrefix} for "codex --profile ${providerId}"; "Disconnect Codex" removes this file`;

/** Writes the profile. A file of that name that is not ours stays as it is; `false` tells so. */
export async function writeProfile(codexHome: string, provider: ProviderSource): Promise<boolean> {
  const text = profileText(provider);
  const now = await readFile(profilePath(codexHome), 'utf8').catch(() => undefined);
  if (now !== undefined && !isOurs(now)) return false;
  if (now !== text) await writeFileAtomic(profilePath(codexHome), text, { mode: 0o600 });
  return true;
}

/** Takes the profile away, if it is ours. */
export async function removeProfile(codexHome: string): Promise<void> {
  const now = await readFile(profilePath(codexHome), 'utf8').catch(() => undefined);
  if (now !== undefined && isOurs(now)) await rm(profilePath(codexHome), { force: true });
}

function profileText(provider: ProviderSource): string {
  const lines = [
    note,
    `model_provider = "${providerId}"`,
    `model = "${currentModelId}"`,
    '',
    `[model_providers.${providerId}]`,
    ...provider.map(([name, value]) => `${name} = ${value}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function isOurs(text: string): boolean {
  return text.startsWith(`${notePrefix} `);
}
