import { Worker } from 'node:worker_threads';
import type { Serving } from '../codex/checkSetup.ts';
import type { RoundTrip } from '../codex/roundTrip.ts';
import { reasonOf } from '../language/reason.ts';
import type { OfferedModels } from '../link/api/editorModelsApi.ts';
import type { ChangedThing } from '../link/api/proxyApi.ts';
import type { ApiCall, ApiReply } from '../link/api.ts';
import { ChannelClient } from '../link/channel.ts';
import type { ChatTurnEnd } from '../link/chatTurn.ts';
import type { ProxyNotes, ProxyRequests } from '../link/proxyLink.ts';
import type { Activity, LogLine, ProxySnapshot, ProxyState } from '../link/state.ts';
import type { NetworkOptions } from '../proxy/network.ts';
import { turnError } from '../turn/error.ts';
import type { TurnEvent } from '../turn/event.ts';
import type { Turn } from '../turn/turn.ts';
import { stateSentence } from './windowState.ts';

/** What the thread is started with, besides the environment of the extension host. */
export interface ProxyThreadData {
  readonly role: 'proxy';
  readonly home: string;
  readonly version: string;
  readonly network: NetworkOptions;
}

export interface ProxyThreadOptions {
  /** The bundle that the thread runs. */
  readonly script: string;
  /** Asked at every start, because settings change. */
  data(): ProxyThreadData;
  keys(): Promise<Readonly<Record<string, string>>>;
  /** Has the editor keep a key; `false` where it did not. */
  keepKey(provider: string, key: string): Promise<boolean>;
  onState(state: ProxyState): void;
  onActivity(activity: Activity): void;
  /** A turn of Codex for one of the editor's models. */
  onEditorTurn?(note: ProxyNotes['editorTurn']): void;
  onLog(line: LogLine): void;
  /** What the management API answers about this is not as it was. */
  onChange(what: ChangedThing): void;
}

/** How long running turns may go on when the proxy is told to stop. */
const graceMs = 2000;

/** Deaths that are longer ago say nothing about the next start. */
const memoryMs = 60_000;

/** At once the first time, because Codex retries a lost stream within a fraction of a second. */
const restartDelaysMs = [0, 500, 2000, 8000];
const longestDelayMs = 30_000;

/** How long to wait before the next start after this many deaths in the last minute. */
export function restartDelay(deaths: number): number {
  return restartDelaysMs[deaths - 1] ?? longestDelayMs;
}

/** The proxy's worker thread: started, watched, and started again when it dies. */
export class ProxyThread {
  readonly #options: ProxyThreadOptions;
  readonly #chats = new Map<number, (events: readonly TurnEvent[]) => void>();
  #nextChat = 1;
  #offered: OfferedModels = null;
  #thread: Thread | undefined;
  #deaths: readonly number[] = [];
  #restart: NodeJS.Timeout | undefined;
  /** Starts and stops happen one after the other, however fast they are asked for. */
  #queue: Promise<void> = Promise.resolve();

  constructor(options: ProxyThreadOptions) {
    this.#options = options;
  }

  /** Whether it should run, also while it is between a death and the next start. */
  get isStarted(): boolean {
    return this.#thread !== undefined || this.#restart !== undefined;
  }

  /** Starts the proxy; one that runs is ended first. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#end();
      this.#deaths = [];
      await this.#spawn();
    });
  }

  stop(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#end();
      this.#setState({ status: 'stopped' });
    });
  }

  /** `undefined` while no thread runs. */
  async snapshot(): Promise<ProxySnapshot | undefined> {
    return this.#ask('snapshot', null);
  }

  /** Asks the management API, whichever window serves it. */
  async api(call: ApiCall): Promise<ApiReply> {
    const reply = await this.#ask('api', call);
    return reply ?? { status: 503, body: { error: { message: this.#absence } } };
  }

  /** Who serves the port. */
  async serving(port: number): Promise<Serving> {
    return (await this.#ask('serving', { port })) ?? { kind: 'nobody' };
  }

  /** Asks whoever serves the port for a word. */
  async roundTrip(port: number): Promise<RoundTrip> {
    const answer = await this.#ask('roundTrip', { port });
    return answer ?? { ok: false, message: this.#absence };
  }

  /** Hands changed keys on; `null` is a key that is gone. */
  async setKeys(keys: Readonly<Record<string, string | null>>): Promise<void> {
    await this.#ask('vault', keys);
  }

  /** Says which of the editor's models Codex may use; also to threads that are started later. */
  offerModels(models: OfferedModels): void {
    this.#offered = models;
    void this.#ask('editorModels', models);
  }

  /** Runs a turn of the editor's chat; an abort ends it at once. */
  async chat(
    turn: Turn,
    events: (events: readonly TurnEvent[]) => void,
    signal: AbortSignal,
  ): Promise<ChatTurnEnd> {
    const id = this.#nextChat++;
    const abort = (): void => void this.#ask('endChat', { id });
    this.#chats.set(id, events);
    signal.addEventListener('abort', abort);
    const asked = this.#ask('chat', { id, turn });
    if (signal.aborted) abort();
    const end = await asked;
    signal.removeEventListener('abort', abort);
    this.#chats.delete(id);
    return end ?? { ok: false, error: turnError('network', this.#absence) };
  }

  /** Why nobody answers. */
  get #absence(): string {
    return this.isStarted
      ? 'The proxy is starting again. Try again in a moment.'
      : 'The proxy is not running. Start it first.';
  }

  #inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(step);
    this.#queue = done.catch(() => {});
    return done;
  }

  async #spawn(): Promise<void> {
    this.#setState({ status: 'starting' });
    try {
      await this.#begin();
    } catch (thrown) {
      this.#restart = undefined;
      const message = `The proxy cannot be started: ${reasonOf(thrown)}. Reload the window; if that does not help, install OpenCodex again.`;
      this.#log({ level: 'error', text: message });
      this.#setState({ status: 'failed', failure: { kind: 'internal', message, port: undefined } });
    }
  }

  async #begin(): Promise<void> {
    const { script, data, keys, onActivity, onChange } = this.#options;
    const { proxyProtocol } = await import('./onDemand.ts');
    const worker = new Worker(script, {
      name: 'opencodex-proxy',
      workerData: data(),
      // V8 would let it grow to several times that, and collects no less often for it.
      resourceLimits: { maxYoungGenerationSizeMb: 48 },
    });
    const channel = new ChannelClient(worker, proxyProtocol, {
      state: (state) => this.#setState(state),
      activity: onActivity,
      log: (line) => this.#log(line),
      changed: onChange,
      keepKey: (key) => void this.#keepKey(key),
      chatEvents: ({ id, events }) => this.#chats.get(id)?.(events),
      editorTurn: (note) => this.#options.onEditorTurn?.(note),
    });
    const thread: Thread = { worker, channel };
    this.#thread = thread;
    let reason = 'its thread ended';
    worker.on('error', (error) => {
      reason = error.message.split('\n', 1).join();
    });
    worker.once('exit', () => {
      channel.close('The proxy has ended.');
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      this.#died(reason);
    });
    void this.#ask('editorModels', this.#offered);
    try {
      await this.#ask('vault', await keys());
    } catch (thrown) {
      this.#log({
        level: 'warn',
        text: `The stored provider keys cannot be read: ${reasonOf(thrown)}`,
      });
    }
  }

  #died(reason: string): void {
    const now = Date.now();
    this.#deaths = [...this.#deaths.filter((death) => now - death < memoryMs), now];
    const delay = restartDelay(this.#deaths.length);
    this.#log({
      level: 'error',
      text: `The proxy stopped unexpectedly (${reason}) and starts again ${delay === 0 ? 'at once' : `in ${delay} ms`}.`,
    });
    if (delay > 0) {
      const message = `The proxy stopped unexpectedly: ${reason}. It starts again in a few seconds; the log may say more.`;
      const failure = { kind: 'internal', message, port: undefined } as const;
      this.#setState({ status: 'failed', failure });
    }
    this.#restart = setTimeout(() => {
      void this.#inTurn(async () => {
        // Meanwhile it may have been started or stopped.
        if (this.#thread === undefined && this.#restart !== undefined) await this.#spawn();
      });
    }, delay);
  }

  async #end(): Promise<void> {
    clearTimeout(this.#restart);
    this.#restart = undefined;
    const thread = this.#thread;
    if (thread === undefined) return;
    this.#thread = undefined;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, graceMs + 1000);
    await Promise.race([thread.channel.request('stop', { graceMs }).catch(() => {}), late]);
    clearTimeout(timer);
    thread.channel.close('The proxy was stopped.');
    await thread.worker.terminate();
  }

  #setState(state: ProxyState): void {
    const sentence = stateSentence(state);
    if (sentence !== undefined) this.#log({ level: 'info', text: sentence });
    this.#options.onState(state);
  }

  #log(line: LogLine): void {
    try {
      this.#options.onLog(line);
    } catch {
      // The editor closes the log when it asks the extension to end, and then waits for that end.
    }
  }

  async #keepKey({ id, provider, key }: ProxyNotes['keepKey']): Promise<void> {
    const kept = await this.#options.keepKey(provider, key).catch(() => false);
    const path = `/api/kept-keys/${encodeURIComponent(id)}`;
    await this.#ask('api', { method: 'POST', path, body: { kept } });
  }

  /** A thread that dies meanwhile answers nothing; its successor is asked again anyway. */
  async #ask<K extends keyof ProxyRequests>(
    name: K,
    request: ProxyRequests[K][0],
  ): Promise<ProxyRequests[K][1] | undefined> {
    try {
      return await this.#thread?.channel.request(name, request);
    } catch (thrown) {
      this.#log({ level: 'debug', text: `No answer to "${name}": ${reasonOf(thrown)}` });
      return undefined;
    }
  }
}

interface Thread {
  readonly worker: Worker;
  readonly channel: ChannelClient<ProxyRequests, ProxyNotes>;
}
