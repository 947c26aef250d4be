import { setTimeout as sleep } from 'node:timers/promises';
import type { OfferedModels } from '../link/api/editorModelsApi.ts';
import { type ApiEvent, apiEvent } from '../link/api/proxyApi.ts';
import type { ApiCall, ApiReply } from '../link/api.ts';
import { type Build, isNewer } from '../link/version.ts';
import { isJsonObject, parseJson } from '../turn/json.ts';
import type { Occupant } from './identity.ts';
import { Lending } from './lending.ts';
import type { Listener } from './listener.ts';
import { connectPeer, type Found, type Patience, type Peer, PeerSilent } from './peer.ts';
import type { KeyChanges } from './vault.ts';
import { beatMs } from './windows.ts';

/** Where the held request does not tell that the port is free, looking does. */
const lookEveryMs = 250;

/** How long a proxy may take to leave the port after it agreed to. */
const yieldPatienceMs = 5_000;
const yieldLookMs = 5;

/** A proxy that is silent for so long is asked anew who it is. */
const silenceMs = 4 * beatMs;

/** Seen so often in a row, a foreign program has the port to stay. */
const foreignTimes = 3;

export interface FollowerOptions {
  readonly port: number;
  readonly token: string;
  readonly build: Build;
  /** The name of this window among those that are attached. */
  readonly window: string;
  /** Lets others have the port first. */
  readonly delayMs: number;
  createListener(): Listener;
  /** The port is ours now. */
  taken(listener: Listener): void;
  /** A foreign program got it first. */
  lost(occupant: Extract<Occupant, { kind: 'foreign' }>): void;
  /** Something that the serving proxy tells. */
  heard(event: ApiEvent): void;
  /** The keys that this window holds. */
  keys(): KeyChanges;
  /** The editor's models that this window answers for; `undefined`: it has no editor. */
  models?(): OfferedModels | undefined;
  readonly patience?: Partial<Patience>;
}

/**
 * Follows the OpenCodex that serves the port: holds a request to it, lends it this window's keys,
 * hands calls on to it, and listens itself as soon as that request ends.
 */
export class Follower {
  readonly #options: FollowerOptions;
  readonly #stop = new AbortController();
  /** The last one that was asked for the port and stayed. */
  #stubborn: number | undefined;
  readonly #settled = Promise.withResolvers<void>();
  #held: Peer | undefined;
  #lending: Lending | undefined;
  #foreign = 0;

  constructor(options: FollowerOptions) {
    this.#options = options;
    void this.#run().finally(() => this.#settled.resolve());
  }

  /** It is clear whether the other one goes on serving. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  dispose(): void {
    this.#stop.abort();
    this.#held?.close();
  }

  /** Hands a call on, after the other has shown that it is an OpenCodex of this user. */
  async call(call: ApiCall): Promise<ApiReply> {
    const found = await this.#connect();
    if (found.kind !== 'ours') return unanswered;
    try {
      const reply = await found.peer.call(call);
      return reply.status === 404 && found.link < this.#options.build.link
        ? refusal(501, older(found.version))
        : reply;
    } catch (thrown) {
      return thrown instanceof PeerSilent ? silent(thrown) : unanswered;
    } finally {
      found.peer.close();
    }
  }

  /** Lends keys that have changed; who is not attached yet lends all of them then. */
  lend(keys: KeyChanges): void {
    this.#lending?.lend(keys);
  }

  /** Tells what this window offers of the editor's models. */
  offer(models: OfferedModels): void {
    this.#lending?.offer(models);
  }

  async #run(): Promise<void> {
    await this.#pause(this.#options.delayMs);
    while (!this.#stop.signal.aborted) {
      if (await this.#listen()) return;
      const found = await this.#connect();
      if (this.#isOver(found)) return;
      await this.#follow(found);
    }
  }

  async #listen(): Promise<boolean> {
    const { port, createListener, taken } = this.#options;
    const listener = createListener();
    if ((await listener.listen(port)) !== undefined) return false;
    if (this.#stop.signal.aborted) await listener.close();
    else taken(listener);
    return true;
  }

  #isOver(found: Found): boolean {
    if (this.#stop.signal.aborted) {
      if (found.kind === 'ours') found.peer.close();
      return true;
    }
    if (found.kind !== 'foreign' || found.silent) {
      this.#foreign = 0;
      return false;
    }
    this.#foreign += 1;
    if (this.#foreign < foreignTimes) return false;
    this.#options.lost(found);
    return true;
  }

  async #follow(found: Found): Promise<void> {
    if (found.kind !== 'ours') {
      await this.#pause(lookEveryMs);
      return;
    }
    const { peer, pid } = found;
    try {
      const { build } = this.#options;
      if (isNewer(build, found) && this.#stubborn !== pid) {
        if (await this.#askForPort(peer, pid)) return;
        this.#stubborn = pid;
      }
      if (!(await this.#attach(peer))) await this.#pause(lookEveryMs);
    } catch {
      // The connection is lost: the port may be free.
    } finally {
      this.#held = undefined;
      peer.close();
    }
  }

  /** Asks an older proxy to leave the port, and waits until it has. */
  async #askForPort(peer: Peer, pid: number): Promise<boolean> {
    const { version, link } = this.#options.build;
    const body = { version, link };
    const reply = await peer.call({ method: 'POST', path: '/api/yield', body });
    if (reply.status !== 200 || !isJsonObject(reply.body) || reply.body['yielding'] !== true) {
      return false;
    }
    const deadline = Date.now() + yieldPatienceMs;
    while (Date.now() < deadline && !this.#stop.signal.aborted) {
      const found = await this.#connect();
      if (found.kind !== 'ours') return true;
      found.peer.close();
      if (found.pid !== pid) return true;
      await this.#pause(yieldLookMs);
    }
    return false;
  }

  /** Gives `false` where the other does not hold requests; else resolves when it lets go. */
  async #attach(peer: Peer): Promise<boolean> {
    const { window, keys, models, heard } = this.#options;
    const path = `/api/events?window=${encodeURIComponent(window)}`;
    this.#settled.resolve();
    this.#held = peer;
    const held = await peer.open({ method: 'GET', path });
    // It may have been stopped while the other one answered; the caller closes the connection.
    if (held.statusCode !== 200 || this.#stop.signal.aborted) return false;
    const over = new AbortController();
    const lending = new Lending({ window, over: over.signal, connect: () => this.#lender() });
    this.#lending = lending;
    const silence = setTimeout(() => held.destroy(), silenceMs);
    try {
      lending.lend(keys());
      const offered = models?.();
      if (offered !== undefined) lending.offer(offered);
      let rest = '';
      held.setEncoding('utf8');
      for await (const chunk of held) {
        silence.refresh();
        const lines = (rest + String(chunk)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const event = apiEvent.safeParse(parseJson(line)).data;
          if (event !== undefined) heard(event);
        }
      }
    } finally {
      clearTimeout(silence);
      this.#lending = undefined;
      over.abort();
    }
    return true;
  }

  #connect(): Promise<Found> {
    const { port, token, patience } = this.#options;
    return connectPeer(port, token, patience);
  }

  /** The held request has its connection for itself. */
  async #lender(): Promise<Peer | undefined> {
    const found = await this.#connect();
    return found.kind === 'ours' ? found.peer : undefined;
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => {});
  }
}

function refusal(status: number, message: string): ApiReply {
  return { status, body: { error: { message } } };
}

const unanswered = refusal(
  503,
  'The OpenCodex that serves the port does not answer. Try again in a moment.',
);

function silent({ message }: PeerSilent): ApiReply {
  return refusal(
    504,
    `The OpenCodex that serves the port does not answer. ${message} Reload the window that serves it, or end it with "ocx stop".`,
  );
}

function older(version: string): string {
  return `An older OpenCodex (${version}) serves the port and cannot do this. Reload the other editor windows, or end it with "ocx stop".`;
}
