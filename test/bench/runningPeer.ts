import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../support/freePort.ts';
import { checkPeer } from './checkPeer.ts';
import type { Endpoint } from './client.ts';
import type { Footprint } from './goals.ts';
import { type Command, startInGroup } from './groupProcess.ts';
import { nameOf, type Peer, type Place } from './peers.ts';
import { memoryMiB, type ServerProcess } from './processes.ts';
import { firstAnswer, shortStreamsOf } from './scenarios.ts';
import { median } from './statistics.ts';

/** A peer of which `checkPeer` has found nothing wrong. */
export class RunningPeer {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly #place: Place;
  readonly #command: Command;
  readonly #idle: number;
  #server: ServerProcess;

  private constructor(
    name: string,
    endpoint: Endpoint,
    place: Place,
    command: Command,
    server: ServerProcess,
  ) {
    this.name = name;
    this.endpoint = endpoint;
    this.#place = place;
    this.#command = command;
    this.#server = server;
    this.#idle = memoryMiB(server.pid).now;
  }

  /** Starts a peer that lies in `modules`, with a new home in `folder`. */
  static async start(
    peer: Peer,
    modules: string,
    folder: string,
    upstreamPort: number,
  ): Promise<RunningPeer> {
    const home = join(folder, `peer-${nameOf(peer).replaceAll(/\W/g, '-')}`);
    mkdirSync(home);
    const upstream = `http://127.0.0.1:${upstreamPort}/v1`;
    const place = { modules, home, port: await freePort(), upstream };
    const command = peer.command(place);
    const server = await startInGroup(command, home, place.port);
    try {
      const headers = (await peer.introduce?.(place)) ?? {};
      const { prefix } = peer;
      const endpoint = { port: place.port, path: '/v1/responses', headers, prefix };
      const running = new RunningPeer(nameOf(peer), endpoint, place, command, server);
      await checkPeer(endpoint);
      return running;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  get pid(): number {
    return this.#server.pid;
  }

  /** What it takes of the machine; it is stopped for that. */
  async footprint(starts: number): Promise<Footprint> {
    await shortStreamsOf(this.endpoint, 1000, 16);
    const { now: after1000, peak } = memoryMiB(this.pid);
    const answers: number[] = [];
    for (let i = 0; i < starts; i += 1) {
      await this.stop();
      this.#server = await startInGroup(this.#command, this.#place.home, this.#place.port);
      answers.push(await firstAnswer(this.#server, this.endpoint));
    }
    await this.stop();
    return { memory: { idle: this.#idle, after1000, peak }, answerMs: median(answers) };
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}
