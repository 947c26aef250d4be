import type { Wire } from '../adapters/target.ts';
import type { KeyHeader } from './provider.ts';

/** Where a wire format puts the key. */
export function keyHeaderOf(wire: Wire): KeyHeader {
  switch (wire) {
    case 'openai-chat':
    case 'openai-responses':
    // Has no key.
    case 'editor-models':
      return 'bearer';
    case 'anthropic':
      return 'x-api-key';
    case 'google':
      return 'x-goog-api-key';
    case 'azure':
      return 'api-key';
  }
}

/** The header that carries a key; none without a key. */
export function keyHeaders(
  header: KeyHeader,
  key: string | undefined,
): Readonly<Record<string, string>> {
  if (key === undefined) return {};
  return header === 'bearer' ? { authorization: `Bearer ${key}` } : { [header]: key };
}
