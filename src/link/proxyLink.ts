import type { Activity, LogLine, ProxySnapshot, ProxyState } from '../proxy/state.ts';

/**
 * What the extension host and the proxy's thread say to each other.
 * Requests go from host to worker as `name: [request, reply]`; notes go from worker to host.
 */
export interface ProxyRequests {
  /** Stops listening, lets running turns finish for at most `graceMs`, then ends them. */
  readonly stop: [request: { readonly graceMs: number }, reply: null];
  readonly snapshot: [request: null, reply: ProxySnapshot];
  /** Keys from the editor's secret store, by provider id; `null` forgets one. In memory only. */
  readonly vault: [request: Readonly<Record<string, string | null>>, reply: null];
}

export interface ProxyNotes {
  readonly state: ProxyState;
  readonly activity: Activity;
  readonly log: LogLine;
  /** Something in the snapshot changed that is neither state nor activity, as the config in force. */
  readonly changed: null;
}
