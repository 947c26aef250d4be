import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ApiEvent } from '../link/api/proxyApi.ts';
import type { ApiInput, ApiName, ApiResult } from '../link/api.ts';
import type { DashboardCommand } from '../link/dashboardLink.ts';
import type { ProxyState } from '../link/state.ts';

/** How the page reaches the proxy and what is around it: the editor, or a browser. */
export interface Bridge {
  readonly kind: 'editor' | 'browser';
  call<K extends ApiName>(name: K, input: ApiInput<K>): Promise<ApiResult<K>>;
  onEvent(listener: (event: BridgeEvent) => void): () => void;
  /** Runs a command of the extension; only in the editor. */
  run(command: DashboardCommand, about?: string): void;
  /** Opens a page of a provider. */
  open(url: string): void;
  copy(text: string): void;
  save(name: string, text: string): void;
  /** What the page remembered before it was hidden or loaded again. */
  recall(): PageMemory;
  remember(memory: PageMemory): void;
}

export type BridgeEvent =
  | ApiEvent
  /** This window's own proxy, also while none answers. */
  | { readonly type: 'proxy'; readonly state: ProxyState }
  /** The connection was lost and is back: everything may have changed. */
  | { readonly type: 'reconnected' }
  | { readonly type: 'show'; readonly tab: string };

/** Small and plain: the open tab, filters, sort orders. */
export type PageMemory = Readonly<Record<string, string>>;

const context = createContext<Bridge | undefined>(undefined);

export const BridgeProvider = context.Provider;

export function useBridge(): Bridge {
  const bridge = useContext(context);
  if (bridge === undefined) throw new Error('The page has no bridge.');
  return bridge;
}
