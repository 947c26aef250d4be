import type { CredentialSources } from '../credentials/upstreamHeaders.ts';
import type { ChangedThing } from '../link/api/proxyApi.ts';
import type { Activity, LogLine, ProxyState } from '../link/state.ts';
import type { EditorTurnNote } from './editorModels.ts';
import type { KeyToKeep } from './keyKeeper.ts';
import type { Limits } from './limits.ts';
import type { NetworkOptions } from './network.ts';

export interface ProxyOptions {
  /** OpenCodex's own folder. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Instead of the port in config.json, which then stays as it is. */
  readonly port?: number;
  log(line: LogLine): void;
  onState?(state: ProxyState): void;
  onActivity?(activity: Activity): void;
  /** What the management API answers about this is not as it was. */
  onChanged?(what: ChangedThing): void;
  /** A turn for the editor's models that this window is to answer, wherever it came in. */
  onEditorTurn?(note: EditorTurnNote): void;
  /** A key for the editor's secret store; `POST /api/kept-keys/:id` tells what became of it. */
  onKeepKey?(key: KeyToKeep): void;
  readonly network?: NetworkOptions;
  /** The file of the thread for large requests; without it they are handled on the spot. */
  readonly workerFile?: string | URL;
  /** How long a client may be left without an event; well inside the least that Codex is set to. */
  readonly keepAliveMs?: number;
  readonly limits?: Partial<Limits>;
  /** Credentials that are fetched first: account logins, tokens that are exchanged for a key. */
  readonly fetchCredentials?: NonNullable<CredentialSources['fetched']>;
  /** From which size on a request is handled in the thread for large ones. */
  readonly besideFromBytes?: number;
}
