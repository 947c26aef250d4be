import type { InstalledModels } from '../codex/installedModels.ts';
import type { Config } from '../config/schema.ts';
import { type CredentialSources, requestHeaders } from '../credentials/upstreamHeaders.ts';
import { configuredProviders } from '../providers/configured.ts';
import { type EditorModelFacts, ModelKnowledge } from '../providers/knowledge.ts';
import { type Asker, LiveModels } from '../providers/liveModels.ts';
import { Metadata } from '../providers/metadata.ts';
import { type ListedModel, listModels } from '../providers/models.ts';
import type { Provider } from '../providers/provider.ts';
import type { WebCall } from '../providers/webCall.ts';
import { type CatalogAnswers, catalogAnswers } from './catalogAnswers.ts';

export interface ModelServiceOptions {
  readonly version: string;
  config(): Config;
  codex(): InstalledModels | undefined;
  call(): Promise<WebCall>;
  credentials(): CredentialSources;
  readonly editor?: EditorModelFacts;
  onChange(): void;
}

/** What a provider offers now. */
export type RefreshedModels =
  | { readonly ok: true; readonly models: readonly ListedModel[] }
  /** A sentence, and what was known before. */
  | { readonly ok: false; readonly message: string; readonly models: readonly ListedModel[] };

/** How long a request for models waits for lists that nobody has asked for before. */
const patienceMs = 2_000;

/** Making the lists takes some 15 ms, which nobody has to feel. */
const listingDelayMs = 1_000;

/** The models of the configured providers, as far as anybody knows them. */
export class ModelService {
  readonly knowledge: ModelKnowledge;
  readonly #options: ModelServiceOptions;
  readonly #live: LiveModels;
  #listed = false;
  #listing: NodeJS.Timeout | undefined;

  constructor(options: ModelServiceOptions) {
    this.#options = options;
    this.#live = new LiveModels({
      call: () => options.call(),
      credentials: (provider, { headers }) =>
        requestHeaders(provider, headers ?? {}, options.credentials()),
      anonymous: { 'user-agent': `opencodex-vscode/${options.version}` },
    });
    const { editor } = options;
    this.knowledge = new ModelKnowledge({
      live: this.#live,
      metadata: new Metadata(),
      ...(editor && { editor }),
    });
    this.#live.onChange(() => options.onChange());
  }

  /** The lists as they are known now. */
  current(): CatalogAnswers {
    const answers = catalogAnswers(this.#options.config(), this.#options.codex(), this.knowledge);
    this.#listed = true;
    return answers;
  }

  /** Codex compares it with its own. The first turns need not wait until the lists are made. */
  get etag(): string | undefined {
    if (this.#listed) return this.current().etag;
    this.#listing ??= setTimeout(() => this.#list(), listingDelayMs).unref();
    return undefined;
  }

  #list(): void {
    try {
      this.current();
    } catch {
      // Who asks for the lists hears of it; turns go on without their tag.
    }
  }

  /** The lists for somebody who asks for them: the first time with a little patience. */
  async fresh(asker: Asker): Promise<CatalogAnswers> {
    const config = this.#options.config();
    const providers = configuredProviders(config).values();
    await this.#live.refresh(providers, { ttlMs: config.modelCacheTtlMs, patienceMs, asker });
    return this.current();
  }

  /** Looks after old lists while turns run, so that a running Codex hears of new models. */
  renew(): void {
    const config = this.#options.config();
    this.#live.renew(configuredProviders(config).values(), config.modelCacheTtlMs);
  }

  /** Asks one provider now; `undefined` where there is none of that id. */
  async refresh(providerId: string): Promise<RefreshedModels | undefined> {
    const provider = configuredProviders(this.#options.config()).get(providerId);
    if (provider === undefined) return undefined;
    const answer = await this.#live.ask(provider);
    const models = listModels(this.#options.config(), this.knowledge).filter(
      (model) => model.provider === providerId,
    );
    return answer.ok ? { ok: true, models } : { ok: false, message: answer.message, models };
  }

  /** Why there is no newer list of a provider. */
  problem(provider: Provider): string | undefined {
    return this.#live.problem(provider);
  }

  /** A provider's key or login is another one now. */
  credentialChanged(providerId: string): void {
    this.#live.retry(providerId);
  }

  /** Somebody may have logged in to an account, or out of one. */
  loginsChanged(): void {
    for (const { id, auth } of configuredProviders(this.#options.config()).values()) {
      if (auth.mode === 'oauth') this.credentialChanged(id);
    }
  }

  dispose(): void {
    clearTimeout(this.#listing);
    this.#live.dispose();
  }
}
