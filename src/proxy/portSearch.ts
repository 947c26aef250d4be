import { updateConfig } from '../config/save.ts';
import { defaultPort } from '../config/schema.ts';
import { reasonOf } from '../language/reason.ts';
import type { StartFailure } from '../link/state.ts';
import { type Occupant, occupantOf } from './identity.ts';
import type { Listener } from './listener.ts';

export type Found =
  | { readonly kind: 'listening'; readonly listener: Listener }
  /** An OpenCodex of this user serves the port already. */
  | { readonly kind: 'elsewhere'; readonly port: number }
  | { readonly kind: 'failed'; readonly failure: StartFailure };

/** How many ports are tried where none has been chosen yet. */
const candidates = 20;

/**
 * Listens on the chosen port; where none is chosen yet, on the first free one from the default on.
 * A listener that failed cannot be used again, so each try gets a new one.
 */
export async function findPort(
  chosen: number | undefined,
  token: string,
  createListener: () => Listener,
): Promise<Found> {
  if (chosen !== undefined) return tryPort(chosen, token, createListener);
  let found: Found | undefined;
  for (let port = defaultPort; port < defaultPort + candidates; port++) {
    found = await tryPort(port, token, createListener);
    if (found.kind !== 'failed' || found.failure.kind !== 'port_in_use') return found;
  }
  const last = defaultPort + candidates - 1;
  return failed(
    'port_in_use',
    undefined,
    `All ports from ${defaultPort} to ${last} are in use. Choose a free one as "port" in config.json.`,
  );
}

/**
 * Writes the port down: running Codex threads hold on to it, so it is chosen once. Gives a sentence
 * where that failed; the proxy works all the same.
 */
export async function keepPort(home: string, port: number): Promise<string | undefined> {
  try {
    await updateConfig(home, (raw) => ({ ...raw, port }));
    return undefined;
  } catch (thrown) {
    const reason = reasonOf(thrown);
    return `Port ${port} could not be saved in config.json: ${reason}`;
  }
}

async function tryPort(
  port: number,
  token: string,
  createListener: () => Listener,
): Promise<Found> {
  const listener = createListener();
  const code = await listener.listen(port);
  if (code === undefined) return { kind: 'listening', listener };
  if (code !== 'EADDRINUSE') return cannotListen(port, code);
  const occupant = await occupantOf(port, token);
  if (occupant.kind === 'ours') return { kind: 'elsewhere', port };
  if (occupant.kind === 'foreign') return inUse(port, occupant);
  // Whoever was there has just left, or holds the port without listening.
  const second = createListener();
  const again = await second.listen(port);
  if (again === undefined) return { kind: 'listening', listener: second };
  return inUse(port, { kind: 'foreign', name: undefined });
}

/** The failure of a port that a foreign program serves. */
export function inUse(
  port: number,
  occupant: Extract<Occupant, { kind: 'foreign' }>,
): Extract<Found, { kind: 'failed' }> {
  const name = occupant.name ?? 'another program';
  return failed(
    'port_in_use',
    port,
    `Port ${port} is in use by ${name}. Close that program and start the proxy again, or choose another port ("OpenCodex: Change Port" in VS Code, or "port" in config.json).`,
  );
}

function cannotListen(port: number, code: string): Found {
  const why =
    code === 'EACCES'
      ? 'this user may not listen there. Choose a port from 1024 on'
      : `the system refuses it (${code}). Choose another port`;
  return failed('internal', port, `Port ${port} cannot be used: ${why} ("port" in config.json).`);
}

function failed(
  kind: StartFailure['kind'],
  port: number | undefined,
  message: string,
): Extract<Found, { kind: 'failed' }> {
  return { kind: 'failed', failure: { kind, message, port } };
}
