import { join } from 'node:path';
import { type HeldLock, withLock } from '../../files/lock.ts';
import { sha256 } from './credential.ts';

/** Names and times are those of `ocx`, which shares auth.json: both wait for each other. */

/** Runs `work` while nobody else writes auth.json. */
export function withStoreLock<T>(home: string, work: (lock: HeldLock) => Promise<T>): Promise<T> {
  return withLock(join(home, 'auth.store.lock'), work, { waitMs: 5_000, staleMs: 30_000 });
}

/** Runs `work` while nobody else refreshes this account. */
export function withRefreshLock<T>(
  home: string,
  account: { readonly provider: string; readonly slot: string },
  work: (lock: HeldLock) => Promise<T>,
  waitMs = 65_000,
): Promise<T> {
  return withLock(refreshLockPath(home, account), work, { waitMs, staleMs: 120_000 });
}

export function refreshLockPath(
  home: string,
  { provider, slot }: { readonly provider: string; readonly slot: string },
): string {
  return join(home, `auth.refresh.${provider}.${sha256(slot).slice(0, 24)}.lock`);
}
