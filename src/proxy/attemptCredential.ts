import type { ErrorAnswer } from '../adapters/adapter.ts';
import type { Target } from '../adapters/target.ts';
import type { InboundHeaders } from '../credentials/forward.ts';
import type { Redactor } from '../credentials/redact.ts';
import {
  type CredentialSources,
  requestHeaders,
  type UpstreamHeaders,
} from '../credentials/upstreamHeaders.ts';
import type { Provider } from '../providers/provider.ts';
import type { TurnError } from '../turn/error.ts';

interface Sources {
  readonly credentials: CredentialSources;
  readonly redactor: Redactor;
}

type Authenticated = Extract<UpstreamHeaders, { ok: true }>;

/** The credential with which a model is asked; renewed once where it is refused. */
export class AttemptCredential {
  readonly #sources: Sources;
  readonly #inbound: InboundHeaders;
  #current: Authenticated | undefined;
  #renewed = false;

  constructor(sources: Sources, inbound: InboundHeaders) {
    this.#sources = sources;
    this.#inbound = inbound;
  }

  get headers(): Authenticated['headers'] | undefined {
    return this.#current?.headers;
  }

  /** `false`: nothing was sent that could be refused. */
  get authenticated(): boolean | undefined {
    return this.#current?.authenticated;
  }

  get canRenew(): boolean {
    return this.#current?.renew !== undefined && !this.#renewed;
  }

  /** Another model is asked. */
  forget(): void {
    this.#current = undefined;
    this.#renewed = false;
  }

  /** Why there is none; `undefined`: there is one. */
  async get(provider: Provider): Promise<TurnError | undefined> {
    return this.#take(await requestHeaders(provider, this.#inbound, this.#sources.credentials));
  }

  /** Why there is no other one: at least because this one was refused. */
  async renew(refused: TurnError): Promise<TurnError | undefined> {
    this.#renewed = true;
    const renewed = await this.#current?.renew?.();
    return renewed === undefined ? refused : this.#take(renewed);
  }

  /** Some tokens are good at an address of their own. */
  whereGood(target: Target): Target {
    const baseUrl = this.#current?.baseUrl;
    return baseUrl === undefined ? target : { ...target, baseUrl };
  }

  /** What the refusal of an account means. */
  explain(error: TurnError, { status, body }: ErrorAnswer): TurnError {
    return this.#current?.explain?.(error, status, body) ?? error;
  }

  #take(headers: UpstreamHeaders): TurnError | undefined {
    if (!headers.ok) return headers.error;
    for (const secret of headers.secrets) this.#sources.redactor.remember(secret);
    this.#current = headers;
    return undefined;
  }
}
