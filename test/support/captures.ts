import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { at, isRecord, type JsonRecord, listOf } from './json.ts';

/** A request of the real Codex, as it was recorded. */
export interface Capture {
  readonly name: string;
  readonly body: JsonRecord;
}

const repository = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(
  resolve(repository, process.env['OPENCODEX_SHARED'] ?? '../shared'),
  'reference/codex-captures',
);

/** Those that hold a whole conversation: some of a WebSocket only hold what is new. */
export function wholeCaptures(): readonly Capture[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.flatMap((name) => {
    const body = at(JSON.parse(readFileSync(join(folder, name), 'utf8')), 'body');
    const whole =
      isRecord(body) && !('previous_response_id' in body) && listOf(body['input']).length > 0;
    return whole ? [{ name, body }] : [];
  });
}
