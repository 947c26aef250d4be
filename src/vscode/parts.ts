import type { LogOutputChannel } from 'vscode';
import type { Serving } from '../codex/checkSetup.ts';
import type { RoundTrip } from '../codex/roundTrip.ts';
import type { KeyVault } from './keyVault.ts';
import type { Ask } from './management.ts';
import type { WindowState } from './windowState.ts';

/** What the commands work with. */
export interface Parts {
  /** OpenCodex's folder. */
  readonly home: string;
  /** Codex's folder. */
  readonly codexFolder: string;
  readonly log: Pick<LogOutputChannel, 'error' | 'show'>;
  readonly vault: KeyVault;
  /** The management API of whichever window serves. */
  readonly ask: Ask;
  readonly proxy: {
    start(): Promise<void>;
    stop(): Promise<void>;
    serving(port: number): Promise<Serving>;
    roundTrip(port: number): Promise<RoundTrip>;
  };
  readonly model: { readonly state: WindowState; refreshCodex(): Promise<void> };
  readonly dashboard: { open(tab?: string): void };
}
