import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { mkdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { hasCode, isBusy } from './atomicWrite.ts';
import { createWhole } from './createWhole.ts';

export interface LockOptions {
  /** How long to wait for the lock before giving up. Default 10 s. */
  readonly waitMs?: number;
  /** After this long without a sign of life a holder counts as dead. Default 30 s. */
  readonly staleMs?: number;
}

export interface HeldLock {
  /**
   * Whether the lock is still ours. A process that was frozen for longer than `staleMs` may have
   * lost it: ask right before a step that must not happen twice.
   */
  held(): Promise<boolean>;
}

/** The lock was not to be had in time. */
export class LockUnavailable extends Error {
  override readonly name = 'LockUnavailable';
}

interface Owner {
  readonly version: 1;
  readonly ownerId: string;
  readonly pid: number;
  readonly host: string;
  readonly createdAt: number;
}

/**
 * Runs `work` while no other process holds the lock file at `path`. The file is made complete in one
 * step, holds its owner as JSON, and is touched while `work` runs. Plain files and these fields are
 * what other programs that share OpenCodex's folder understand.
 */
export async function withLock<T>(
  path: string,
  work: (lock: HeldLock) => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const staleMs = options.staleMs ?? 30_000;
  const owner: Owner = {
    version: 1,
    ownerId: randomBytes(8).toString('hex'),
    pid: process.pid,
    host: thisHost,
    createdAt: Date.now(),
  };
  await acquire(path, owner, options.waitMs ?? 10_000, staleMs);
  const held = async () => (await readOwner(path))?.ownerId === owner.ownerId;
  const heartbeat = setInterval(
    async () => {
      // Whoever took a lock that we lost gives its own signs of life, or none.
      if (!(await held())) return;
      const now = new Date();
      await utimes(path, now, now).catch(() => {});
    },
    Math.min(staleMs / 4, 5_000),
  );
  heartbeat.unref();
  try {
    return await work({ held });
  } finally {
    clearInterval(heartbeat);
    await release(path, owner, staleMs);
  }
}

async function release(path: string, owner: Owner, staleMs: number): Promise<void> {
  for (let busy = 0; busy < mostBusy; ) {
    try {
      if (await removeOwned(path, owner.ownerId, owner, staleMs)) return;
    } catch (thrown) {
      // A full disk or a deleted folder must not hide the outcome of the work; a file that stays
      // shows no sign of life from now on, so others break it.
      if (!isBusy(thrown)) return;
      busy += 1;
    }
    await wait(5);
  }
}

/** Windows does not delete a file while a virus scanner reads it. */
const mostBusy = 40;

/** Process ids mean something only until the next boot, within one host and one pid namespace. */
const thisHost = [hostname(), ...linuxSystem()].join(' ');

function linuxSystem(): readonly string[] {
  try {
    return [
      readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      readlinkSync('/proc/self/ns/pid'),
    ];
  } catch {
    return [];
  }
}

async function acquire(path: string, owner: Owner, waitMs: number, staleMs: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const deadline = Date.now() + waitMs;
  while (!(await create(path, owner))) {
    const found = await inspect(path, staleMs);
    if (found.dead && (await removeOwned(path, found.ownerId, owner, staleMs))) {
      continue;
    }
    if (Date.now() >= deadline) {
      const holder = found.pid === undefined ? 'another program' : `process ${found.pid}`;
      throw new LockUnavailable(
        `${path} is held by ${holder}. Try again; if no such process runs, delete the file.`,
      );
    }
    await wait(5 + Math.random() * 20);
  }
}

/** Gives `false` where somebody has the file. */
function create(path: string, owner: Owner): Promise<boolean> {
  return createWhole(path, JSON.stringify(owner));
}

interface FoundLock {
  readonly ownerId: string | undefined;
  readonly pid: number | undefined;
  readonly dead: boolean;
}

async function inspect(path: string, staleMs: number): Promise<FoundLock> {
  const facts = await stat(path).catch(() => undefined);
  const owner = await readOwner(path);
  if (facts === undefined) {
    return { ownerId: undefined, pid: undefined, dead: false };
  }
  const lastSign = Math.max(facts.mtimeMs, owner?.createdAt ?? 0);
  const dead =
    Date.now() - lastSign > staleMs ||
    (owner !== undefined && owner.host === thisHost && !isAlive(owner.pid));
  return { ownerId: owner?.ownerId, pid: owner?.pid, dead };
}

/**
 * Removes the lock file if `ownerId` has it. Owner and breakers exclude each other by a second lock
 * that is named after the owner: who has it and then still finds that owner may unlink, so a lock
 * that somebody took in between is never removed. Gives `false` when somebody else is at it.
 */
async function removeOwned(
  path: string,
  ownerId: string | undefined,
  me: Owner,
  staleMs: number,
): Promise<boolean> {
  const guard = `${path}.${ownerId ?? 'unknown'}.break`;
  if (!(await create(guard, me))) {
    const found = await inspect(guard, staleMs);
    if (found.dead) {
      await removeOwned(guard, found.ownerId, me, staleMs);
    }
    return false;
  }
  try {
    if ((await readOwner(path))?.ownerId === ownerId) {
      await rm(path, { force: true });
    }
  } finally {
    await rm(guard, { force: true });
  }
  return true;
}

async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isOwner(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isOwner(value: unknown): value is Owner {
  return (
    typeof value === 'object' &&
    value !== null &&
    'ownerId' in value &&
    typeof value.ownerId === 'string' &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'createdAt' in value &&
    typeof value.createdAt === 'number'
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return !hasCode(thrown, 'ESRCH');
  }
}
