import { randomUUID } from 'node:crypto';
import { editorScheme } from '../adapters/editorModels/encode.ts';
import { CatalogFile } from '../codex/catalogFile.ts';
import { InstalledCodex } from '../codex/installedModels.ts';
import { ConfigStore } from '../config/store.ts';
import { accountHeaders } from '../credentials/accounts/accountHeaders.ts';
import { Accounts } from '../credentials/accounts/accounts.ts';
import { ExchangedTokens } from '../credentials/exchange.ts';
import { Logins } from '../credentials/logins/logins.ts';
import { Redactor } from '../credentials/redact.ts';
import type { CredentialSources } from '../credentials/upstreamHeaders.ts';
import { reasonOf } from '../language/reason.ts';
import type { ChangedThing } from '../link/api/proxyApi.ts';
import type { LogLine } from '../link/state.ts';
import type { WebCall } from '../providers/webCall.ts';
import { Vision } from '../sidecars/vision.ts';
import { WebSearch } from '../sidecars/webSearch.ts';
import type { AttemptServices } from './attempts.ts';
import { Breaker } from './breaker.ts';
import { ChatTurns } from './chatTurns.ts';
import { Codec } from './codec.ts';
import { EditorModels } from './editorModels.ts';
import { ForwardRelay } from './forwardRelay.ts';
import type { HttpUpstream } from './httpUpstream.ts';
import { KeepAlive } from './keepAlive.ts';
import { KeyKeeper } from './keyKeeper.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { ModelService } from './modelService.ts';
import type { Sidecars } from './preparing.ts';
import type { ProxyOptions } from './proxyOptions.ts';
import { RequestJournal } from './requestJournal.ts';
import { RequestLog, type RequestRecord } from './requestLog.ts';
import { TurnPipeline } from './turnPipeline.ts';
import type { Upstream } from './upstream.ts';
import { UsageTotals } from './usage.ts';
import { ownWindow, Vault } from './vault.ts';
import { Windows } from './windows.ts';

/** What a proxy is made of, whether it serves the port or follows one that does. */
export class Parts {
  /** Names this proxy among those of a machine. */
  readonly window = randomUUID();
  readonly startedAt = Date.now();
  readonly limits: Limits;
  readonly redactor = new Redactor();
  readonly config: ConfigStore;
  readonly codex: InstalledCodex;
  readonly models: ModelService;
  readonly vault = new Vault(this.redactor, () => this.#changed('accounts'));
  readonly windows: Windows;
  readonly editorModels: EditorModels;
  readonly keyKeeper: KeyKeeper;
  readonly requestLog: RequestLog;
  readonly usage: UsageTotals;
  readonly breaker = new Breaker();
  readonly accounts: Accounts;
  readonly #options: ProxyOptions;
  readonly #changed: (what: ChangedThing) => void;
  readonly #catalogFile: CatalogFile;
  readonly #exchanged: ExchangedTokens;
  readonly #keepAlive: KeepAlive;
  readonly #codec: Codec;
  readonly #call: WebCall = async (request) => (await this.upstream()).call(request);
  #token = '';
  #logins: Logins | undefined;
  #sidecars: Omit<Sidecars, 'inbound'> | undefined;
  #upstream: Promise<HttpUpstream> | undefined;

  constructor(options: ProxyOptions, changed: (what: ChangedThing) => void) {
    const { home, env, version, workerFile, besideFromBytes } = options;
    this.#options = options;
    this.#changed = changed;
    this.limits = { ...defaultLimits, ...options.limits };
    this.config = new ConfigStore(home);
    this.windows = new Windows((window) => {
      this.vault.forget(window);
      this.editorModels.forget(window);
      this.keyKeeper.forget(window);
    });
    this.editorModels = new EditorModels({
      tell: (window, note) => {
        if (window !== ownWindow) return this.windows.tell(window, { type: 'editorTurn', ...note });
        options.onEditorTurn?.(note);
        return true;
      },
      changed: () => changed('models'),
    });
    this.keyKeeper = new KeyKeeper({
      vault: this.vault,
      windows: () => [...(options.onKeepKey ? [ownWindow] : []), ...this.windows.names],
      ask: (window, key) => {
        if (window !== ownWindow) return this.windows.tell(window, { type: 'keepKey', ...key });
        options.onKeepKey?.(key);
        return true;
      },
    });
    const warn = (text: string): void => this.log({ level: 'warn', text });
    this.usage = new UsageTotals(home, warn);
    this.requestLog = new RequestLog(new RequestJournal(home, warn), (ended) => {
      if (ended !== undefined) this.usage.count(ended);
      changed('requests');
    });
    this.codex = new InstalledCodex(home, env, () => changed('models'));
    this.#catalogFile = new CatalogFile(home);
    this.accounts = new Accounts({
      home,
      version,
      call: this.#call,
      permitted: () => this.config.current.allowAnthropicLogin,
    });
    this.#exchanged = new ExchangedTokens(this.#call);
    this.models = new ModelService({
      version,
      config: () => this.config.current,
      codex: () => this.codex.models,
      call: async () => this.#call,
      credentials: () => this.credentials(),
      editor: this.editorModels,
      onChange: () => changed('models'),
    });
    this.#keepAlive = new KeepAlive(options.keepAliveMs ?? 3_000);
    this.#codec = new Codec({
      workerFile,
      ...(besideFromBytes === undefined ? {} : { besideFromBytes }),
    });
  }

  /** Reads what was there before; the token is what clients present. */
  async start(token: string): Promise<void> {
    this.#token = token;
    this.redactor.remember(token);
    await this.config.start();
    this.accounts.onChange(() => {
      this.models.loginsChanged();
      this.#changed('accounts');
    });
    void this.requestLog.load();
  }

  /** The turns that come to one listener; each listener has its own, because it can be left behind. */
  pipeline(): TurnPipeline {
    return new TurnPipeline({
      ...this.#attemptServices(),
      limits: this.limits,
      codec: this.#codec,
      sidecars: this.#besides(),
      keepAlive: this.#keepAlive,
      requestLog: this.requestLog,
      onActivity: (activity) => {
        this.windows.activity(activity);
        this.#options.onActivity?.(activity);
      },
    });
  }

  /** The turns of this window's own chat; `tell` is given each that has ended. */
  chatTurns(tell: (record: RequestRecord) => void): ChatTurns {
    return new ChatTurns({
      ...this.#attemptServices(),
      // There is no token yet.
      vision: () => this.#besides().vision,
      begin: (model, provider) => this.requestLog.begin(model, provider),
      ended: (record) => {
        this.requestLog.ended(record);
        tell(record);
      },
    });
  }

  #attemptServices(): AttemptServices {
    const upstream = async (): Promise<Upstream> => {
      const http = await this.upstream();
      return {
        send: (request, receiver) =>
          (request.url.startsWith(editorScheme) ? this.editorModels : http).send(request, receiver),
      };
    };
    return {
      redactor: this.redactor,
      breaker: this.breaker,
      knowledge: this.models.knowledge,
      credentials: this.credentials(),
      config: () => this.config.current,
      catalogEtag: () => {
        this.models.renew();
        return this.models.etag;
      },
      upstream,
      log: (line) => this.log(line),
    };
  }

  /** Descriptions of images outlive the listener. */
  #besides(): Omit<Sidecars, 'inbound'> {
    const services = {
      credentials: this.credentials(),
      knowledge: this.models.knowledge,
      config: () => this.config.current,
      call: () => this.call(),
      remember: (secret: string) => this.redactor.remember(secret),
    };
    this.#sidecars ??= { vision: new Vision(services), search: new WebSearch(services) };
    return this.#sidecars;
  }

  forwardRelay(): ForwardRelay {
    return new ForwardRelay({
      limits: this.limits,
      credentials: this.credentials(),
      config: () => this.config.current,
      upstream: () => this.upstream(),
    });
  }

  async call(): Promise<WebCall> {
    return this.#call;
  }

  async logins(): Promise<Logins> {
    const { home, version } = this.#options;
    this.#logins ??= new Logins({ home, version, call: this.#call, accounts: this.accounts });
    return this.#logins;
  }

  credentials(): CredentialSources {
    const { home, env, version, fetchCredentials } = this.#options;
    // Whoever holds on to the sources may have asked for them before the token was read.
    const token = (): string => this.#token;
    const sources: CredentialSources & { readonly home: string } = {
      ...{ home, env, version, vault: this.vault.keys },
      get token() {
        return token();
      },
      fetched: (provider, inbound) =>
        fetchCredentials?.(provider, inbound) ??
        accountHeaders(provider, this.accounts, sources) ??
        this.#exchanged.headers(provider, sources),
    };
    return sources;
  }

  /** Loading the HTTP client takes longer than a request: it must not wait for the first one. */
  upstream(): Promise<HttpUpstream> {
    this.#upstream ??= import('./httpUpstream.ts').then(
      ({ HttpUpstream }) => new HttpUpstream(this.#options.env, this.#options.network ?? {}),
    );
    return this.#upstream;
  }

  /** An older Codex takes the models from a file. */
  keepCatalogFile(): void {
    const catalog = (): string => this.models.current().catalog;
    this.#catalogFile.keep(catalog, this.codex.needsCatalogFile).catch((thrown: unknown) => {
      const text = `The models for an older Codex could not be written: ${reasonOf(thrown)}`;
      this.log({ level: 'warn', text });
    });
  }

  log(line: LogLine): void {
    this.#options.log({ level: line.level, text: this.redactor.redact(line.text) });
  }

  async dispose(): Promise<void> {
    this.windows.end();
    this.#logins?.dispose();
    await this.accounts.idle();
    await Promise.all([this.requestLog.flush(), this.usage.flush()]);
    const upstream = await this.#upstream?.catch(() => undefined);
    await upstream?.dispose();
    this.#codec.dispose();
    this.#keepAlive.dispose();
    this.config.dispose();
    this.codex.dispose();
    this.models.dispose();
    this.accounts.dispose();
  }
}
