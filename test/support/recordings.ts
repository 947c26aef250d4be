import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { at, isRecord, listOf, textAt } from './json.ts';

/** A real answer of a provider, as others published it in their tests. */
export interface Recording {
  readonly id: string;
  readonly provider: string;
  readonly kind: 'stream' | 'json';
  readonly status: number;
  readonly tags: readonly string[];
  bytes(): Uint8Array;
}

/** All recordings that exist for all wires. */
export const allRecordings = 498;

const repository = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(
  resolve(repository, process.env['OPENCODEX_SHARED'] ?? '../shared'),
  'recordings',
);

/** The recordings of one wire; none where the shared folder is missing. */
export function recordingsOf(wire: string): readonly Recording[] {
  const index = join(folder, 'index.json');
  if (!existsSync(index)) return [];
  const entries: unknown = JSON.parse(readFileSync(index, 'utf8'));
  return listOf(entries)
    .filter((entry) => at(entry, 'wire') === wire)
    .map(recording);
}

/** The line that says how much of the corpus a test has run. */
export function coverage(recordings: readonly Recording[]): string {
  return `recordings: ${recordings.length} of ${allRecordings}`;
}

function recording(entry: unknown): Recording {
  const file = join(folder, textAt(entry, 'file'));
  return {
    id: textAt(entry, 'id'),
    provider: textAt(entry, 'provider'),
    kind: at(entry, 'kind') === 'stream' ? 'stream' : 'json',
    status: Number(isRecord(entry) ? entry['status'] : 0),
    tags: listOf(at(entry, 'tags')).map(String),
    bytes: () => readFileSync(file),
  };
}
