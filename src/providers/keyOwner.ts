import { catalog, catalogEntryAt } from './catalog.ts';
import type { CatalogEntry } from './catalogEntry.ts';

/** The providers whose keys begin like this one; none where its beginning tells nothing. */
export function looksLikeKeyOf(key: string): readonly CatalogEntry[] {
  const matches = catalog.flatMap((entry) => {
    const lengths = (entry.keyPrefixes ?? []).filter((prefix) => key.startsWith(prefix));
    return lengths.map((prefix) => ({ entry, length: prefix.length }));
  });
  const longest = Math.max(...matches.map(({ length }) => length));
  return matches.filter(({ length }) => length === longest).map(({ entry }) => entry);
}

/** A sentence about a key that was probably meant for somebody else. */
export function foreignKeyWarning(
  provider: { readonly label: string; readonly baseUrl: string },
  key: string,
): string | undefined {
  const home = catalogEntryAt(provider.baseUrl);
  // What has no check of its own takes the keys of others: a gateway in front of them.
  if (home !== undefined && home.keyCheck === undefined && home.exchange === undefined) {
    return undefined;
  }
  const owners = looksLikeKeyOf(key);
  const [owner] = owners;
  if (owner === undefined || owners.some((entry) => entry === home)) return undefined;
  return `This looks like a key of ${owner.label}, and it would be sent to ${provider.label} (${hostOf(provider.baseUrl)}).`;
}

function hostOf(baseUrl: string): string {
  return URL.parse(baseUrl)?.host ?? baseUrl;
}
