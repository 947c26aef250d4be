import * as z from 'zod/mini';

/** What becomes docs/configuration.md and the JSON Schema (scripts/generateConfigDocs.ts). */
export const docs = z.registry<{ description: string; examples?: unknown[] }>();

/** A new one each time, because texts are registered by schema. */
export const modelId = () => z.string().check(z.minLength(1));

/** An http or https address without a user name. */
export function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.username === '' &&
    url.password === ''
  );
}
