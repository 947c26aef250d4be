import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type ApiAnswer, type ApiInput, type ApiName, apiResult } from '../link/api.ts';
import { type BridgeEvent, useBridge } from './bridge.ts';
import { burst } from './burst.ts';

/** What makes an answer out of date. */
export type Topic = 'proxy' | 'activity' | Extract<BridgeEvent, { type: 'changed' }>['what'];

export interface Answered<K extends ApiName> {
  /** The last good one; `undefined` before the first. */
  readonly value: ApiAnswer<K> | undefined;
  /** Why there is no newer one. */
  readonly problem: string | undefined;
  reload(): Promise<void>;
}

/** What pages have shown before is there at once when the user comes back to them. */
const known = new Map<string, unknown>();

/** Filters make ever new questions. */
const mostKnown = 50;

/**
 * Asks the management API, and asks again when one of the topics changes. Where the question itself
 * changes, the answer to the one before stays until there is a new one.
 */
export function useAnswer<K extends ApiName>(
  name: K,
  input: ApiInput<K>,
  topics: readonly Topic[],
): Answered<K> {
  const bridge = useBridge();
  const key = `${name} ${JSON.stringify(input)}`;
  const [state, setState] = useState<State<K>>(() => ({ value: recalled(name, key) }));
  const latest = useRef(0);

  const load = useCallback(async () => {
    const ask = ++latest.current;
    const result = await bridge.call(name, input);
    if (ask !== latest.current) return;
    if (result.ok) {
      known.delete(key);
      known.set(key, result.value);
      const [oldest] = known.keys();
      if (known.size > mostKnown && oldest !== undefined) known.delete(oldest);
      setState({ value: result.value });
    } else {
      setState(({ value }) => ({ value, problem: result.message }));
    }
  }, [bridge, key]);

  useEffect(() => {
    const changes = burst(() => void load());
    const stop = bridge.onEvent((event) => {
      if (concerns(event, topics)) changes.add();
    });
    void load();
    return () => {
      stop();
      changes.stop();
      latest.current += 1;
    };
  }, [bridge, load, topics.join()]);

  return { value: state.value, problem: state.problem, reload: load };
}

interface State<K extends ApiName> {
  readonly value: ApiAnswer<K> | undefined;
  readonly problem?: string;
}

function recalled<K extends ApiName>(name: K, key: string): ApiAnswer<K> | undefined {
  if (!known.has(key)) return undefined;
  const result = apiResult(name, { status: 200, body: known.get(key) });
  return result.ok ? result.value : undefined;
}

function concerns(event: BridgeEvent, topics: readonly Topic[]): boolean {
  switch (event.type) {
    case 'reconnected':
      return true;
    case 'proxy':
    case 'state':
      return topics.includes('proxy');
    case 'activity':
      return topics.includes('activity');
    case 'changed':
      return topics.includes(event.what);
    case 'beat':
    case 'editorTurn':
    case 'keepKey':
    case 'show':
      return false;
  }
}
