import type { PageMemory } from './bridge.ts';

/** What was remembered, by this version or an older one. */
export function readMemory(value: unknown): PageMemory {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}
