import { alibabaEntries } from './catalog/alibaba.ts';
import { chinaEntries } from './catalog/china.ts';
import { hostEntries } from './catalog/hosts.ts';
import { labEntries } from './catalog/labs.ts';
import { localEntries } from './catalog/local.ts';
import { ollamaEntries } from './catalog/ollama.ts';
import { openaiEntries } from './catalog/openai.ts';
import { platformEntries } from './catalog/platforms.ts';
import { routerEntries } from './catalog/routers.ts';
import { unusableEntries } from './catalog/unusable.ts';
import type { CatalogEntry } from './catalogEntry.ts';
import { originOf, originPattern } from './origin.ts';

/** Every provider that is known, in the order in which it is offered. */
export const catalog: readonly CatalogEntry[] = [
  ...openaiEntries,
  ...labEntries,
  ...chinaEntries,
  ...alibabaEntries,
  ...routerEntries,
  ...hostEntries,
  ...platformEntries,
  ...ollamaEntries,
  ...localEntries,
  ...unusableEntries,
];

const byName = new Map(
  catalog.flatMap((entry) => [entry.id, ...(entry.aliases ?? [])].map((name) => [name, entry])),
);

const byOrigin = catalog.flatMap((entry) =>
  [entry.baseUrl, ...(entry.otherBaseUrls ?? [])].map((url) => ({
    pattern: originPattern(url),
    entry,
  })),
);

/** The entry of that id or alias. */
export function catalogEntry(name: string): CatalogEntry | undefined {
  return byName.get(name);
}

/** The entry whose service is at that address: same scheme, host and port. */
export function catalogEntryAt(baseUrl: string): CatalogEntry | undefined {
  const origin = originOf(baseUrl);
  if (origin === undefined) return undefined;
  return byOrigin.find(({ pattern }) => pattern.test(origin))?.entry;
}
