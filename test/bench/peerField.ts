import type { PeerResult } from './goals.ts';
import { nameOf, type Peer } from './peers.ts';
import { RunningPeer } from './runningPeer.ts';

export interface FieldOptions {
  readonly peers: readonly Peer[];
  /** Gives the `node_modules` that a peer lies in. */
  install(peer: Peer): string;
  /** Is told of one that will not be measured further. */
  left(name: string, why: Error): void;
}

/** The peers of a run. One that fails is reported with its reason and left out; the run goes on. */
export class PeerField {
  readonly #options: FieldOptions;
  readonly #results: PeerResult[] = [];
  #running: readonly RunningPeer[] = [];

  constructor(options: FieldOptions) {
    this.#options = options;
  }

  get results(): readonly PeerResult[] {
    return this.#results;
  }

  async start(folder: string, upstreamPort: number): Promise<void> {
    const { peers, install } = this.#options;
    for (const peer of peers) {
      try {
        const running = await RunningPeer.start(peer, install(peer), folder, upstreamPort);
        this.#running = [...this.#running, running];
      } catch (error) {
        this.#leaveOut(nameOf(peer), error);
      }
    }
  }

  async each(work: (peer: RunningPeer) => Promise<unknown>): Promise<void> {
    for (const peer of this.#running) {
      try {
        await work(peer);
      } catch (error) {
        this.#running = this.#running.filter((other) => other !== peer);
        await peer.stop();
        this.#leaveOut(peer.name, error);
      }
    }
  }

  /** Ends them and notes what they took. */
  async end(starts: number): Promise<void> {
    await this.each(async (peer) => {
      this.#results.push({ name: peer.name, ...(await peer.footprint(starts)) });
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map((peer) => peer.stop()));
  }

  #leaveOut(name: string, error: unknown): void {
    const why = error instanceof Error ? error : new Error(String(error));
    this.#results.push({ name, leftOut: why.message });
    this.#options.left(name, why);
  }
}
