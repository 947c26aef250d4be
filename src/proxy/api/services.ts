import type { InstalledModels } from '../../codex/installedModels.ts';
import type { ConfigStore } from '../../config/store.ts';
import type { Accounts } from '../../credentials/accounts/accounts.ts';
import type { Logins } from '../../credentials/logins/logins.ts';
import type { CredentialSources } from '../../credentials/upstreamHeaders.ts';
import type { Activity, ProxyState } from '../../link/state.ts';
import type { Build } from '../../link/version.ts';
import type { WebCall } from '../../providers/webCall.ts';
import type { EditorModels } from '../editorModels.ts';
import type { KeyKeeper } from '../keyKeeper.ts';
import type { ModelService } from '../modelService.ts';
import type { RequestLog } from '../requestLog.ts';
import type { UsageTotals } from '../usage.ts';
import type { Vault } from '../vault.ts';
import type { Windows } from '../windows.ts';

/** What the operations of the management API work with. */
export interface ApiServices {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly build: Build;
  readonly startedAt: number;
  readonly config: ConfigStore;
  readonly models: ModelService;
  readonly vault: Vault;
  readonly windows: Windows;
  readonly editorModels: EditorModels;
  readonly requestLog: RequestLog;
  readonly usage: UsageTotals;
  readonly accounts: Accounts;
  /** Loaded with the first login. */
  logins(): Promise<Logins>;
  codex(): InstalledModels | undefined;
  readonly keyKeeper: KeyKeeper;
  credentials(): CredentialSources;
  call(): Promise<WebCall>;
  state(): ProxyState;
  activity(): Activity;
  /** Ends the proxy, once the answer is on its way. */
  stop(): void;
  /** Leaves the port to a newer one, once the answer is on its way. */
  yieldPort(): void;
  report(thrown: unknown): void;
}
