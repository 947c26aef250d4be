import type { ServerResponse } from 'node:http';
import { localToken } from '../credentials/token.ts';
import { reasonOf } from '../language/reason.ts';
import type { OfferedModels } from '../link/api/editorModelsApi.ts';
import type { ApiEvent, ChangedThing } from '../link/api/proxyApi.ts';
import { type ApiCall, type ApiReply, apiCall } from '../link/api.ts';
import type { Activity, ProxySnapshot, ProxyState, StartFailure } from '../link/state.ts';
import { type Build, linkVersion } from '../link/version.ts';
import { turnError } from '../turn/error.ts';
import type { TurnEvent } from '../turn/event.ts';
import type { Turn } from '../turn/turn.ts';
import type { Refusal } from './answer.ts';
import { ManagementApi } from './api/managementApi.ts';
import type { ChatTurns, RunningChatTurn } from './chatTurns.ts';
import { Follower } from './follower.ts';
import type { KeyToKeep } from './keyKeeper.ts';
import type { Listener } from './listener.ts';
import { Parts } from './parts.ts';
import { findPort, inUse, keepPort } from './portSearch.ts';
import { providerSummaries } from './providerSummaries.ts';
import type { ProxyOptions } from './proxyOptions.ts';
import { Service } from './service.ts';
import { ownWindow } from './vault.ts';

export interface Proxy {
  readonly state: ProxyState;
  start(): Promise<ProxyState>;
  /** Lets running turns finish for at most `graceMs`, then ends them. For good. */
  stop(graceMs: number): Promise<void>;
  /** What there is to show of this proxy itself. */
  snapshot(): ProxySnapshot;
  /** An operation of the management API; where another proxy serves the port, that one answers. */
  api(call: ApiCall): Promise<ApiReply>;
  /** Keys of this window's secret store by provider id; `null` forgets one. */
  setVault(keys: Readonly<Record<string, string | null>>): void;
  /** Runs a turn of this window's own chat, whoever serves the port. */
  chat(turn: Turn, events: (events: readonly TurnEvent[]) => void): RunningChatTurn;
  /** The editor's own models that Codex may use through this window. */
  offerModels(models: OfferedModels): void;
  /** Logs an error that nobody caught. */
  report(thrown: unknown): void;
}

/** The proxy of one window or one `ocx`: listens, or waits until the one that does has gone. */
export function createProxy(options: ProxyOptions): Proxy {
  return new LocalProxy(options);
}

/** How long turns get after `POST /api/stop`. */
const stopGraceMs = 3_000;

/** How long turns get that run while a newer proxy takes the port. */
const handOverMs = 60_000;

/** How long one that has left the port lets others have it. */
const yieldedMs = 500;

/** How many requests a window shows without being asked for more. */
const shownRequests = 500;

const leaving: Refusal = {
  status: 503,
  message: 'This OpenCodex is leaving the port. Ask again in a moment.',
  retryAfterSeconds: 1,
};

const tooManyWindows: Refusal = {
  status: 503,
  message: 'Too many windows and pages listen to this OpenCodex. Close some of them.',
  retryAfterSeconds: 1,
};

class LocalProxy implements Proxy {
  readonly #options: ProxyOptions;
  readonly #build: Build;
  readonly #parts: Parts;
  readonly #api: ManagementApi;
  readonly #chat: ChatTurns;
  #token = '';
  #state: ProxyState = { status: 'stopped' };
  #service: Service | undefined;
  #listener: Listener | undefined;
  #follower: Follower | undefined;
  /** Of the proxy that is followed. */
  #elsewhere: Activity | undefined;
  /** Listeners that were left to a newer proxy, until their last turn has ended. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #hurry = new AbortController();
  #stopping: Promise<void> | undefined;

  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#build = { version: options.version, link: linkVersion };
    const parts = new Parts(options, (what) => this.#changed(what));
    this.#parts = parts;
    this.#chat = parts.chatTurns((record) => {
      // The log that windows show is that of the proxy that serves.
      if (this.#state.status !== 'elsewhere') return;
      void this.#follower?.call(apiCall('POST /api/requests', record.detail()));
    });
    this.#api = new ManagementApi({
      home: options.home,
      env: options.env,
      build: this.#build,
      startedAt: parts.startedAt,
      config: parts.config,
      models: parts.models,
      vault: parts.vault,
      windows: parts.windows,
      editorModels: parts.editorModels,
      requestLog: parts.requestLog,
      usage: parts.usage,
      accounts: parts.accounts,
      codex: () => parts.codex.models,
      keyKeeper: parts.keyKeeper,
      logins: () => parts.logins(),
      credentials: () => parts.credentials(),
      call: () => parts.call(),
      state: () => this.#state,
      activity: () => this.#activity(),
      stop: () => setImmediate(() => void this.stop(stopGraceMs)),
      yieldPort: () => setImmediate(() => this.#yield()),
      report: (thrown) => this.report(thrown),
    });
  }

  get state(): ProxyState {
    return this.#state;
  }

  async start(): Promise<ProxyState> {
    this.#become({ status: 'starting' });
    try {
      this.#token = await localToken(this.#options.home);
    } catch (thrown) {
      const { home } = this.#options;
      return this.#fail('home', `OpenCodex cannot use its folder ${home}: ${reasonOf(thrown)}`);
    }
    const { config } = this.#parts;
    await this.#parts.start(this.#token);
    config.onChange(() => this.#configChanged());
    const { error } = config;
    if (error !== undefined) return this.#fail('config', error.message);
    return this.#listen();
  }

  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#end(graceMs);
    return this.#stopping;
  }

  snapshot(): ProxySnapshot {
    const { config, models, breaker, requestLog, vault } = this.#parts;
    const { current, error } = config;
    // At the start the editor's secret store has not been read yet.
    const keys = vault.hasHeard(ownWindow) ? vault.keys : undefined;
    return {
      state: this.#state,
      activity: this.#activity(),
      defaultProvider: current.defaultProvider,
      currentModel: current.currentModel,
      providers: providerSummaries(current, models.knowledge, breaker, keys),
      configError: error?.message,
      requests: requestLog.page(undefined, shownRequests).requests,
    };
  }

  api(call: ApiCall): Promise<ApiReply> {
    const follower = this.#state.status === 'elsewhere' ? this.#follower : undefined;
    return follower === undefined ? this.#api.answer(call) : follower.call(call);
  }

  setVault(keys: Readonly<Record<string, string | null>>): void {
    this.#parts.vault.hold(ownWindow, keys);
    for (const id of Object.keys(keys)) this.#parts.models.credentialChanged(id);
    this.#follower?.lend(keys);
  }

  chat(turn: Turn, events: (events: readonly TurnEvent[]) => void): RunningChatTurn {
    return this.#chat.run(turn, events);
  }

  offerModels(models: OfferedModels): void {
    this.#parts.editorModels.offer(ownWindow, models);
    this.#follower?.offer(models);
  }

  report(thrown: unknown): void {
    const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    this.#parts.log({ level: 'error', text: `The proxy failed: ${text}` });
  }

  async #listen(): Promise<ProxyState> {
    const service = this.#newService();
    const createListener = (): Listener => service.createListener();
    const chosen = this.#options.port ?? this.#parts.config.current.port;
    const found = await findPort(chosen, this.#token, createListener);
    if (this.#stopping !== undefined) {
      if (found.kind === 'listening') await found.listener.close();
      return this.#state;
    }
    switch (found.kind) {
      case 'listening':
        this.#serve(service, found.listener);
        if (chosen === undefined) {
          const text = await keepPort(this.#options.home, found.listener.port);
          if (text !== undefined) this.#parts.log({ level: 'warn', text });
        }
        return this.#state;
      case 'elsewhere':
        await this.#follow(found.port, 0).settled;
        return this.#state;
      case 'failed':
        return this.#failAs(found.failure);
    }
  }

  #serve(service: Service, listener: Listener): void {
    this.#service = service;
    this.#listener = listener;
    this.#follower = undefined;
    this.#elsewhere = undefined;
    this.#become({ status: 'listening', port: listener.port });
    this.#parts.codex.look();
    this.#parts.keepCatalogFile();
    setImmediate(() => {
      if (this.#stopping === undefined) this.#parts.upstream().catch(() => {});
    });
  }

  #follow(port: number, delayMs: number): Follower {
    const service = this.#newService();
    this.#become({ status: 'elsewhere', port });
    const follower = new Follower({
      port,
      token: this.#token,
      build: this.#build,
      window: this.#parts.window,
      delayMs,
      createListener: () => service.createListener(),
      taken: (listener) => {
        this.#serve(service, listener);
        // What the other has written down since this one started.
        void this.#parts.requestLog.load();
      },
      lost: (occupant) => this.#failAs(inUse(port, occupant).failure),
      heard: (event) => this.#heard(event),
      keys: () => this.#parts.vault.heldBy(ownWindow),
      models: () => this.#parts.editorModels.offerOf(ownWindow),
    });
    this.#follower = follower;
    return follower;
  }

  #heard(event: ApiEvent): void {
    switch (event.type) {
      case 'activity':
        this.#elsewhere = event.activity;
        this.#options.onActivity?.(event.activity);
        break;
      case 'changed':
        // This window's own copy of the config changes by itself.
        if (event.what !== 'config') this.#options.onChanged?.(event.what);
        break;
      case 'editorTurn':
        this.#options.onEditorTurn?.({ id: event.id, over: event.over });
        break;
      case 'keepKey':
        this.#keepKey(event);
        break;
      case 'state':
      case 'beat':
        break;
    }
  }

  /** Where there is no editor, the next window is asked. */
  #keepKey({ id, provider, key }: KeyToKeep): void {
    const { onKeepKey } = this.#options;
    if (onKeepKey !== undefined) onKeepKey({ id, provider, key });
    else void this.api(apiCall('POST /api/kept-keys/:id', { id, kept: false }));
  }

  /** Leaves the port to a newer proxy: what runs may end, what is new goes there. */
  #yield(): void {
    const [service, listener] = [this.#service, this.#listener];
    if (service === undefined || listener === undefined || this.#stopping !== undefined) return;
    this.#listener = undefined;
    this.#service = undefined;
    const reason = 'A newer OpenCodex has taken over. Send the request again.';
    const leaving = service.end(listener, handOverMs, reason, this.#hurry.signal);
    this.#parts.windows.end();
    this.#leaving.add(leaving);
    void leaving.then(() => this.#leaving.delete(leaving));
    this.#follow(listener.port, yieldedMs);
  }

  #newService(): Service {
    return new Service(this.#parts, {
      token: this.#token,
      version: this.#options.version,
      api: (call) => this.#api.answer(call),
      hold: (response, window) => this.#hold(response, window),
    });
  }

  #hold(response: ServerResponse, window: string | undefined): Refusal | undefined {
    // Who is held by a listener that is being left would not hear that the port is free.
    if (this.#listener === undefined || this.#stopping !== undefined) return leaving;
    const first: readonly ApiEvent[] = [
      { type: 'state', state: this.#state },
      { type: 'activity', activity: this.#activity() },
    ];
    return this.#parts.windows.attach(response, window, first) ? undefined : tooManyWindows;
  }

  #configChanged(): void {
    const { error, current } = this.#parts.config;
    if (error !== undefined) this.#parts.log({ level: 'warn', text: error.message });
    const state = this.#state;
    if (state.status === 'failed' && state.failure.kind === 'config' && error === undefined) {
      this.#become({ status: 'starting' });
      void this.#listen();
    } else if (
      state.status === 'listening' &&
      this.#options.port === undefined &&
      current.port !== undefined &&
      current.port !== state.port
    ) {
      const text = `config.json now says port ${current.port}; the proxy stays on ${state.port} until it is started again.`;
      this.#parts.log({ level: 'warn', text });
    }
    this.#changed('config');
  }

  #changed(what: ChangedThing): void {
    if (this.#listener !== undefined && (what === 'config' || what === 'models')) {
      this.#parts.keepCatalogFile();
    }
    this.#parts.windows.changed(what);
    this.#options.onChanged?.(what);
  }

  async #end(graceMs: number): Promise<void> {
    this.#follower?.dispose();
    const reason = 'OpenCodex was stopped. Start the proxy again to go on.';
    this.#chat.stop(turnError('internal', reason));
    const ended =
      this.#listener && this.#service?.end(this.#listener, graceMs, reason, this.#hurry.signal);
    // The port is free: whoever follows may have it while the last turns end.
    this.#parts.windows.end();
    await ended;
    this.#hurry.abort();
    await Promise.all(this.#leaving);
    await this.#parts.dispose();
    this.#become({ status: 'stopped' });
  }

  #activity(): Activity {
    return this.#elsewhere ?? this.#service?.pipeline.activity ?? { active: 0, served: 0 };
  }

  #fail(kind: StartFailure['kind'], message: string): ProxyState {
    return this.#failAs({ kind, message, port: undefined });
  }

  #failAs(failure: StartFailure): ProxyState {
    this.#become({ status: 'failed', failure });
    this.#parts.log({ level: 'error', text: failure.message });
    return this.#state;
  }

  #become(state: ProxyState): void {
    this.#state = state;
    this.#options.onState?.(state);
  }
}
