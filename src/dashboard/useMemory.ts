import { useCallback, useState } from 'preact/hooks';
import { useBridge } from './bridge.ts';

/** A small value that outlives hiding and reloading the page. */
export function useMemory<T extends string>(
  key: string,
  first: T,
  isValid: (text: string) => text is T,
): readonly [T, (value: T) => void] {
  const bridge = useBridge();
  const [value, setValue] = useState<T>(() => {
    const remembered = bridge.recall()[key];
    return remembered !== undefined && isValid(remembered) ? remembered : first;
  });
  const keep = useCallback(
    (next: T): void => {
      bridge.remember({ ...bridge.recall(), [key]: next });
      setValue(next);
    },
    [bridge, key],
  );
  return [value, keep];
}

/** For a choice between a few. */
export function oneOf<T extends string>(options: readonly T[]): (text: string) => text is T {
  return (text): text is T => options.some((option) => option === text);
}

/** For free text, as a filter. */
export function isText(_text: string): _text is string {
  return true;
}
