import { isJsonObject } from '../../turn/json.ts';
import type { Json, JsonObject } from '../../turn/turn.ts';
import { listOf } from '../json.ts';

/** What a `$ref` into the same document names; `undefined` for foreign or dangling ones. */
export function resolveReference(root: JsonObject, reference: string): JsonObject | undefined {
  if (!reference.startsWith('#')) return undefined;
  let here: Json | undefined = root;
  for (const step of reference
    .slice(1)
    .split('/')
    .filter((part) => part !== '')) {
    const key = decodeStep(step);
    here = isJsonObject(here) && Object.hasOwn(here, key) ? here[key] : listOf(here)[Number(key)];
  }
  return isJsonObject(here) ? here : undefined;
}

/** JSON Pointer in a URL fragment: https://www.rfc-editor.org/rfc/rfc6901#section-6 */
function decodeStep(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return step;
  }
}

/** The schema with its chain of references replaced by what they name; own keywords win. */
export function withoutReference(schema: JsonObject, root: JsonObject): JsonObject {
  const seen = new Set<string>();
  let here = schema;
  for (;;) {
    const { $ref: reference, ...own } = here;
    if (typeof reference !== 'string') return here;
    const target = seen.has(reference) ? undefined : resolveReference(root, reference);
    if (target === undefined) return own;
    seen.add(reference);
    here = { ...target, ...own };
  }
}
