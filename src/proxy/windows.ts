import type { ServerResponse } from 'node:http';
import type { ApiEvent, ChangedThing } from '../link/api/proxyApi.ts';
import type { Activity } from '../link/state.ts';

/** How often those who listen hear that the proxy is there. */
export const beatMs = 2_000;

/** Turns begin and end in bursts; what is heard of them is gathered for this long. */
const gatherMs = 50;

/** Windows and pages together; a machine has a few of each. */
const mostHeld = 256;

/** Who does not read this much is not there. */
const mostUnreadBytes = 256 * 1024;

/** The name of a window is a UUID: what else is known by a name cannot be taken for one. */
export function isWindowName(name: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name);
}

/**
 * Those who hold a request to the serving proxy: windows that wait to take over, and pages. They
 * hear what happens, and the end of their request tells them that the port is free.
 */
export class Windows {
  readonly #left: (window: string) => void;
  readonly #listeners = new Map<ServerResponse, string | undefined>();
  readonly #changed = new Set<ChangedThing>();
  #activity: Activity | undefined;
  #gathering: NodeJS.Timeout | undefined;
  #beat: NodeJS.Timeout | undefined;

  /** `left` is told the name of a window when it has gone. */
  constructor(left: (window: string) => void) {
    this.#left = left;
  }

  /** The windows that are attached, the one that came first first. */
  get names(): readonly string[] {
    return [...this.#listeners.values()].filter((window) => window !== undefined);
  }

  /** How many windows are attached. */
  get size(): number {
    return this.names.length;
  }

  has(window: string): boolean {
    return [...this.#listeners.values()].includes(window);
  }

  /**
   * Holds the request. Only windows have a name, and each holds one request: with an older one goes
   * what the window lent on it. Gives `false` where there are too many.
   */
  attach(
    response: ServerResponse,
    window: string | undefined,
    first: readonly ApiEvent[],
  ): boolean {
    if (window !== undefined) this.#letGo(window);
    if (this.#listeners.size >= mostHeld) return false;
    response.writeHead(200, {
      'content-type': 'application/x-ndjson',
      'cache-control': 'no-store',
    });
    response.on('error', () => {});
    response.on('close', () => this.#detach(response));
    this.#listeners.set(response, window);
    this.#beat ??= setInterval(() => this.#tell({ type: 'beat' }), beatMs);
    for (const event of first) response.write(lineOf(event));
    if (window !== undefined) this.changed('windows');
    return true;
  }

  activity(activity: Activity): void {
    this.#activity = activity;
    this.#gather();
  }

  changed(what: ChangedThing): void {
    this.#changed.add(what);
    this.#gather();
  }

  /** Tells one window; `false` where it is not attached. */
  tell(window: string, event: ApiEvent): boolean {
    for (const [response, name] of this.#listeners) {
      if (name !== window) continue;
      response.write(lineOf(event));
      return true;
    }
    return false;
  }

  /** Lets everybody go: from now on somebody else serves. */
  end(): void {
    for (const response of this.#listeners.keys()) response.end();
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
  }

  #letGo(window: string): void {
    for (const [response, name] of this.#listeners) {
      if (name !== window) continue;
      this.#detach(response);
      response.destroy();
    }
  }

  #detach(response: ServerResponse): void {
    const window = this.#listeners.get(response);
    this.#listeners.delete(response);
    if (this.#listeners.size === 0) {
      clearInterval(this.#beat);
      clearTimeout(this.#gathering);
      this.#beat = undefined;
      this.#gathering = undefined;
    }
    if (window === undefined) return;
    this.#left(window);
    this.changed('windows');
  }

  #gather(): void {
    if (this.#listeners.size === 0) return;
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      if (this.#activity !== undefined) this.#tell({ type: 'activity', activity: this.#activity });
      for (const what of this.#changed) this.#tell({ type: 'changed', what });
      this.#activity = undefined;
      this.#changed.clear();
    }, gatherMs);
  }

  #tell(event: ApiEvent): void {
    const line = lineOf(event);
    for (const response of this.#listeners.keys()) {
      if (response.writableLength > mostUnreadBytes) response.destroy();
      else response.write(line);
    }
  }
}

function lineOf(event: ApiEvent): string {
  return `${JSON.stringify(event)}\n`;
}
