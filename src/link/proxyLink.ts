import type { Serving } from '../codex/checkSetup.ts';
import type { RoundTrip } from '../codex/roundTrip.ts';
import type { OfferedModels } from './api/editorModelsApi.ts';
import type { ChangedThing } from './api/proxyApi.ts';
import type { ApiCall, ApiReply } from './api.ts';
import type { ChatTurnEnd, ChatTurnNote, ChatTurnRequest } from './chatTurn.ts';
import type { Activity, LogLine, ProxySnapshot, ProxyState } from './state.ts';

/**
 * What the extension host and the proxy's thread say to each other.
 * Requests go from host to worker as `name: [request, reply]`; notes go from worker to host.
 */
export interface ProxyRequests {
  /** Stops listening, lets running turns finish for at most `graceMs`, then ends them. */
  readonly stop: [request: { readonly graceMs: number }, reply: null];
  /** An operation of the management API; whichever window serves answers it. */
  readonly api: [request: ApiCall, reply: ApiReply];
  /** Who serves the port, found out over a connection of its own. */
  readonly serving: [request: { readonly port: number }, reply: Serving];
  /** Asks whoever serves the port for a word, where that is an OpenCodex of this user. */
  readonly roundTrip: [request: { readonly port: number }, reply: RoundTrip];
  readonly snapshot: [request: null, reply: ProxySnapshot];
  /** Answered when it is over; what comes of it before are `chatEvents`. */
  readonly chat: [request: ChatTurnRequest, reply: ChatTurnEnd];
  /** The chat does not want that turn's answer any more. */
  readonly endChat: [request: { readonly id: number }, reply: null];
  /** The editor's own models that Codex may use; `null`: the user has not allowed it. */
  readonly editorModels: [request: OfferedModels, reply: null];
  /** Keys from the editor's secret store, by provider id; `null` forgets one. In memory only. */
  readonly vault: [request: Readonly<Record<string, string | null>>, reply: null];
}

export interface ProxyNotes {
  /** A key for the editor's secret store; answered by the operation `POST /api/kept-keys/:id`. */
  readonly keepKey: { readonly id: string; readonly provider: string; readonly key: string };
  readonly state: ProxyState;
  readonly activity: Activity;
  readonly log: LogLine;
  readonly chatEvents: ChatTurnNote;
  /** A turn for the editor's models: this window answers it through the management API. */
  readonly editorTurn: { readonly id: string; readonly over: boolean };
  /** What an operation of the management API answers is not as it was. */
  readonly changed: ChangedThing;
}
