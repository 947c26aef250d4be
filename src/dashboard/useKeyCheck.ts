import { useRef } from 'preact/hooks';
import type { ApiInput } from '../link/api.ts';
import { useBridge } from './bridge.ts';

type Draft = ApiInput<'POST /api/providers/check'>;

/**
 * Asks a provider about a key before it is stored; gives the sentence that keeps the form open. What
 * the provider could not say is said once, with `again`: how to go on all the same.
 */
export function useKeyCheck(): (draft: Draft, again: string) => Promise<string | undefined> {
  const bridge = useBridge();
  /** What no check has spoken for, and the user has been told so. */
  const doubted = useRef('');
  return async (draft, again) => {
    const text = JSON.stringify(draft);
    if (text === doubted.current) return undefined;
    const check = await bridge.call('POST /api/providers/check', draft);
    if (!check.ok) return check.message;
    const { result, message } = check.value;
    if (result === 'valid') return undefined;
    if (result === 'refused') return message;
    doubted.current = text;
    return `${message} ${again}`;
  };
}
