import { useEffect, useState } from 'preact/hooks';
import type { ApiAnswer } from '../link/api.ts';
import { useBridge } from './bridge.ts';
import { burst } from './burst.ts';

export type Request = ApiAnswer<'GET /api/requests'>['requests'][number];

export interface Requests {
  /** Newest first; `undefined` before the first answer. */
  readonly list: readonly Request[] | undefined;
  readonly problem: string | undefined;
}

interface Known {
  readonly list: readonly Request[];
  readonly cursor: string;
}

/** What the page has shown before is there at once when the user comes back to it. */
let known: Known | undefined;

/** The request log, kept up to date by asking for what has changed; while paused it stands still. */
export function useRequests(paused: boolean): Requests {
  const bridge = useBridge();
  const [state, setState] = useState<Requests>({ list: known?.list, problem: undefined });

  useEffect(() => {
    if (paused) return;
    let stopped = false;
    let asking = false;
    let again = false;
    const load = async (): Promise<void> => {
      // One question at a time: answers that overtake each other would mix up the cursor.
      if (asking) {
        again = true;
        return;
      }
      asking = true;
      const before = known;
      const input = before === undefined ? {} : { since: before.cursor };
      const result = await bridge.call('GET /api/requests', input);
      asking = false;
      if (stopped) return;
      if (result.ok) {
        const { complete, requests, cursor } = result.value;
        const list = complete ? requests : merged(before?.list ?? [], requests);
        known = { list, cursor };
        setState({ list, problem: undefined });
      } else {
        setState(({ list }) => ({ list, problem: result.message }));
      }
      if (again) {
        again = false;
        void load();
      }
    };
    const changes = burst(() => void load());
    const stop = bridge.onEvent((event) => {
      if (event.type === 'reconnected') known = undefined;
      else if (event.type !== 'changed' || event.what !== 'requests') return;
      changes.add();
    });
    void load();
    return () => {
      stopped = true;
      stop();
      changes.stop();
    };
  }, [bridge, paused]);
  return state;
}

/** New ones go to the front, changed ones take the place of what they were. */
export function merged(list: readonly Request[], changes: readonly Request[]): readonly Request[] {
  if (changes.length === 0) return list;
  const changed = new Map(changes.map((request) => [request.id, request]));
  const kept = list.map((request) => {
    const change = changed.get(request.id);
    changed.delete(request.id);
    return change ?? request;
  });
  return [...changed.values(), ...kept];
}
