import { setImmediate as nextTurn } from 'node:timers/promises';
import { ConfigStore } from '../config/store.ts';
import { Redactor } from '../credentials/redact.ts';
import { localToken } from '../credentials/token.ts';
import { turnError } from '../turn/error.ts';
import { catalogAnswers } from './catalogAnswers.ts';
import { Codec } from './codec.ts';
import { KeepAlive } from './keepAlive.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { Listener } from './listener.ts';
import type { NetworkOptions } from './network.ts';
import { findPort, inUse, keepPort } from './portSearch.ts';
import { providerSummaries } from './providerSummaries.ts';
import { RequestHandler } from './requestHandler.ts';
import { RequestLog } from './requestLog.ts';
import type { Activity, LogLine, ProxySnapshot, ProxyState, StartFailure } from './state.ts';
import { Takeover } from './takeover.ts';
import { TurnPipeline } from './turnPipeline.ts';
import type { Upstream } from './upstream.ts';

export interface ProxyOptions {
  /** OpenCodex's own folder. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Instead of the port in config.json, which then stays as it is. */
  readonly port?: number;
  log(line: LogLine): void;
  onState?(state: ProxyState): void;
  onActivity?(activity: Activity): void;
  /** Something else of the snapshot has changed, as the config in force. */
  onChanged?(): void;
  readonly network?: NetworkOptions;
  /** The file of the thread for large requests; without it they are handled on the spot. */
  readonly workerFile?: string | URL;
  /** How long a client may be left without an event; well inside the least that Codex is set to. */
  readonly keepAliveMs?: number;
  readonly limits?: Partial<Limits>;
  /** From which size on a request is handled in the thread for large ones. */
  readonly besideFromBytes?: number;
}

export interface Proxy {
  readonly state: ProxyState;
  start(): Promise<ProxyState>;
  /** Lets running turns finish for at most `graceMs`, then ends them. For good. */
  stop(graceMs: number): Promise<void>;
  snapshot(): ProxySnapshot;
  /** Keys of the editor's secret store by provider id; `null` forgets one. */
  setVault(keys: Readonly<Record<string, string | null>>): void;
  /** Logs an error that nobody caught. */
  report(thrown: unknown): void;
}

/** The proxy of one window or one `ocx`: listens, or waits until the one that does has gone. */
export function createProxy(options: ProxyOptions): Proxy {
  return new LocalProxy(options);
}

/** How long turns get after `POST /api/stop`. */
const stopGraceMs = 3_000;

class LocalProxy implements Proxy {
  readonly #options: ProxyOptions;
  readonly #limits: Limits;
  readonly #redactor = new Redactor();
  readonly #config: ConfigStore;
  readonly #vault = new Map<string, string>();
  readonly #requestLog = new RequestLog();
  readonly #keepAlive: KeepAlive;
  readonly #codec: Codec;
  #state: ProxyState = { status: 'stopped' };
  #pipeline: TurnPipeline | undefined;
  #listener: Listener | undefined;
  #takeover: Takeover | undefined;
  #upstream: Promise<Upstream & { dispose(): Promise<void> }> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#config = new ConfigStore(options.home);
    this.#keepAlive = new KeepAlive(options.keepAliveMs ?? 3_000);
    const { workerFile, besideFromBytes } = options;
    this.#codec = new Codec({
      workerFile,
      ...(besideFromBytes === undefined ? {} : { besideFromBytes }),
    });
  }

  get state(): ProxyState {
    return this.#state;
  }

  async start(): Promise<ProxyState> {
    this.#become({ status: 'starting' });
    let token: string;
    try {
      token = await localToken(this.#options.home);
    } catch (thrown) {
      const { home } = this.#options;
      return this.#fail('home', `OpenCodex cannot use its folder ${home}: ${reasonOf(thrown)}`);
    }
    this.#redactor.remember(token);
    await this.#config.start();
    this.#config.onChange(() => this.#configChanged(token));
    const { error } = this.#config;
    if (error !== undefined) return this.#fail('config', error.message);
    return this.#listen(token);
  }

  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#end(graceMs);
    return this.#stopping;
  }

  snapshot(): ProxySnapshot {
    const config = this.#config.current;
    return {
      state: this.#state,
      activity: this.#activity(),
      defaultProvider: config.defaultProvider,
      currentModel: config.currentModel,
      providers: providerSummaries(config),
      configError: this.#config.error?.message,
      requests: this.#requestLog.list(),
    };
  }

  setVault(keys: Readonly<Record<string, string | null>>): void {
    for (const [id, key] of Object.entries(keys)) {
      if (key === null) {
        this.#vault.delete(id);
      } else {
        this.#redactor.remember(key);
        this.#vault.set(id, key);
      }
    }
  }

  report(thrown: unknown): void {
    const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    this.#log({ level: 'error', text: `The proxy failed: ${text}` });
  }

  async #listen(token: string): Promise<ProxyState> {
    const handler = this.#handler(token);
    const createListener = (): Listener =>
      new Listener(this.#limits, (request, response, port) =>
        handler.handle(request, response, port),
      );
    const chosen = this.#options.port ?? this.#config.current.port;
    const found = await findPort(chosen, token, createListener);
    if (this.#stopping !== undefined) {
      if (found.kind === 'listening') await found.listener.close();
      return this.#state;
    }
    switch (found.kind) {
      case 'listening':
        this.#serve(found.listener);
        if (chosen === undefined) {
          const text = await keepPort(this.#options.home, found.listener.port);
          if (text !== undefined) this.#log({ level: 'warn', text });
        }
        return this.#state;
      case 'elsewhere':
        this.#await(found.port, token, createListener);
        return this.#state;
      case 'failed':
        return this.#failAs(found.failure);
    }
  }

  #serve(listener: Listener): void {
    this.#listener = listener;
    this.#become({ status: 'listening', port: listener.port });
    // Loading the HTTP client takes longer than a request: it must not wait for the first one.
    setImmediate(() => {
      if (this.#stopping === undefined) this.#loadUpstream().catch(() => {});
    });
  }

  #await(port: number, token: string, createListener: () => Listener): void {
    this.#become({ status: 'elsewhere', port });
    this.#takeover = new Takeover({
      port,
      token,
      createListener,
      taken: (listener) => this.#serve(listener),
      lost: (occupant) => this.#failAs(inUse(port, occupant).failure),
    });
  }

  #handler(token: string): RequestHandler {
    const { env, version } = this.#options;
    const pipeline = new TurnPipeline({
      limits: this.#limits,
      codec: this.#codec,
      keepAlive: this.#keepAlive,
      redactor: this.#redactor,
      requestLog: this.#requestLog,
      credentials: { env, version, token, vault: this.#vault },
      config: () => this.#config.current,
      catalogEtag: () => catalogAnswers(this.#config.current).etag,
      upstream: () => this.#loadUpstream(),
      log: (line) => this.#log(line),
      onActivity: (activity) => this.#options.onActivity?.(activity),
    });
    this.#pipeline = pipeline;
    return new RequestHandler({
      token,
      version,
      pipeline,
      catalog: () => catalogAnswers(this.#config.current),
      health: () => ({
        state: this.#state,
        activity: this.#activity(),
        configError: this.#config.error?.message,
      }),
      stopRequested: () => void this.stop(stopGraceMs),
    });
  }

  #loadUpstream(): Promise<Upstream> {
    this.#upstream ??= import('./httpUpstream.ts').then(
      ({ HttpUpstream }) => new HttpUpstream(this.#options.env, this.#options.network ?? {}),
    );
    return this.#upstream;
  }

  #configChanged(token: string): void {
    const { error, current } = this.#config;
    if (error !== undefined) this.#log({ level: 'warn', text: error.message });
    const state = this.#state;
    if (state.status === 'failed' && state.failure.kind === 'config' && error === undefined) {
      this.#become({ status: 'starting' });
      void this.#listen(token);
    } else if (
      state.status === 'listening' &&
      this.#options.port === undefined &&
      current.port !== undefined &&
      current.port !== state.port
    ) {
      const text = `config.json now says port ${current.port}; the proxy stays on ${state.port} until it is started again.`;
      this.#log({ level: 'warn', text });
    }
    this.#options.onChanged?.();
  }

  async #end(graceMs: number): Promise<void> {
    this.#takeover?.dispose();
    this.#listener?.refuseNew();
    const pipeline = this.#pipeline;
    if (pipeline !== undefined) {
      await withinMs(pipeline.idle(), graceMs);
      pipeline.stop(
        turnError('internal', 'OpenCodex was stopped. Start the proxy again to go on.'),
      );
      await nextTurn(); // what the clients get to read is on its way before their connections end
    }
    await this.#listener?.close();
    const upstream = await this.#upstream?.catch(() => undefined);
    await upstream?.dispose();
    this.#codec.dispose();
    this.#keepAlive.dispose();
    this.#config.dispose();
    this.#become({ status: 'stopped' });
  }

  #activity(): Activity {
    return this.#pipeline?.activity ?? { active: 0, lastModel: undefined, served: 0 };
  }

  #fail(kind: StartFailure['kind'], message: string): ProxyState {
    return this.#failAs({ kind, message, port: undefined });
  }

  #failAs(failure: StartFailure): ProxyState {
    this.#become({ status: 'failed', failure });
    this.#log({ level: 'error', text: failure.message });
    return this.#state;
  }

  #become(state: ProxyState): void {
    this.#state = state;
    this.#options.onState?.(state);
  }

  #log(line: LogLine): void {
    this.#options.log({ level: line.level, text: this.#redactor.redact(line.text) });
  }
}

async function withinMs(done: Promise<void>, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([done, promise]);
  clearTimeout(timer);
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
