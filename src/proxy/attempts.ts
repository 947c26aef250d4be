import type { ErrorAnswer } from '../adapters/adapter.ts';
import { adapterFor } from '../adapters/registry.ts';
import type { Target } from '../adapters/target.ts';
import type { Config } from '../config/schema.ts';
import { joinedHeaders } from '../credentials/joinedHeaders.ts';
import type { Redactor } from '../credentials/redact.ts';
import { type CredentialSources, missingKey } from '../credentials/upstreamHeaders.ts';
import { reasonOf } from '../language/reason.ts';
import type { LogLine } from '../link/state.ts';
import type { Knowledge } from '../providers/knowledge.ts';
import type { Provider, Route } from '../providers/provider.ts';
import { routeModel } from '../providers/routing.ts';
import type { RequestPeek } from '../responses/peek.ts';
import { type TurnError, turnError } from '../turn/error.ts';
import type { Asked, AskedTurn } from './askedTurn.ts';
import { AttemptCredential } from './attemptCredential.ts';
import type { AttemptLink } from './attemptLink.ts';
import type { Breaker } from './breaker.ts';
import type { Answer } from './clientTurn.ts';
import { knownTarget } from './knownTargets.ts';
import type { PreparedRequest } from './preparedRequest.ts';
import { decide } from './retryPolicy.ts';
import type { Upstream, UpstreamRequest } from './upstream.ts';

export interface AttemptServices {
  /** Loaded with the first request at the latest. */
  upstream(): Promise<Upstream>;
  readonly credentials: CredentialSources;
  readonly breaker: Breaker;
  readonly redactor: Redactor;
  readonly knowledge: Knowledge;
  config(): Config;
  /** Tells Codex that the list of models has changed. */
  catalogEtag(): string | undefined;
  log(line: LogLine): void;
}

/**
 * Sends a turn until somebody answers: again to the same provider, with another credential, or to
 * the models that stand in for it. Only before the client has heard anything of an answer.
 */
export class Attempts implements AttemptLink {
  readonly #services: AttemptServices;
  readonly #turn: AskedTurn;
  readonly #prepare: Asked['prepare'];
  readonly #peek: RequestPeek;
  readonly #credential: AttemptCredential;
  /** Models that may still stand in. */
  readonly #fallbacks: string[];
  #body: Buffer | undefined;
  #route: Route;
  #target: Target;
  #prepared: PreparedRequest | undefined;
  #tries = 1;
  #remedied = false;
  #answered = false;
  /** How the model failed that others stand in for. */
  #replaced: string | undefined;

  constructor(services: AttemptServices, turn: AskedTurn, asked: Asked) {
    this.#services = services;
    this.#turn = turn;
    this.#credential = new AttemptCredential(services, asked.inbound);
    this.#peek = asked.peek;
    this.#prepare = (preparing) => asked.prepare(preparing);
    this.#body = asked.body;
    this.#route = asked.route;
    this.#target = knownTarget(asked.route, services.knowledge);
    this.#fallbacks = [...(services.config().fallbacks[nameOf(asked.route)] ?? [])];
  }

  /** Begins with the first attempt. */
  run(): Promise<void> {
    return this.#guarded(() => this.#toModel(this.#route, this.#target));
  }

  /** Forgets the request: it will not be sent again. */
  letGo(): void {
    this.#body = undefined;
    this.#prepared = undefined;
  }

  explain(error: TurnError): TurnError {
    // A refused credential that was never sent is a missing one.
    const missing = error.kind === 'auth' && this.#credential.authenticated === false;
    const { provider } = this.#route;
    return this.#turn.clean(missing ? { ...error, message: missingKey(provider) } : error);
  }

  relays(status: number): boolean {
    if (!isForward(this.#route.provider)) return false;
    return this.#fallbacks.length === 0 || (status !== 429 && status < 500);
  }

  heard(status: number): void {
    this.#turn.record.mark(`The provider answers ${status}.`);
  }

  answered(): void {
    this.#answered = true;
    this.#services.breaker.succeeded(this.#route.provider);
    this.#turn.letGo();
  }

  async more(request: UpstreamRequest, answer: Answer): Promise<void> {
    const upstream = await this.#services.upstream();
    if (this.#turn.over) return;
    const headers = joinedHeaders(request.headers, this.#credential.headers);
    this.#turn.start(upstream, { ...request, headers }, answer);
  }

  failed(error: TurnError, answer?: ErrorAnswer): boolean {
    this.#services.breaker.failed(this.#route.provider, error);
    if (this.#turn.over) return true;
    if (this.#turn.committed || this.#answered) return false;
    this.#turn.endAttempt();
    const explained = answer === undefined ? error : this.#credential.explain(error, answer);
    this.#goOn(explained, answer, undefined);
    return true;
  }

  async #toModel(route: Route, target: Target): Promise<void> {
    this.#route = route;
    this.#target = target;
    this.#tries = 1;
    this.#remedied = false;
    this.#credential.forget();
    this.#prepared = undefined;
    this.#note(0);
    await this.#authenticate();
  }

  async #authenticate(): Promise<void> {
    const error = await this.#credential.get(this.#route.provider);
    if (this.#turn.over) return;
    if (error !== undefined) {
      this.#goOn(this.#turn.clean(error), undefined, undefined);
      return;
    }
    this.#target = this.#credential.whereGood(this.#target);
    await this.#encode(this.#target);
  }

  /** Once more from where the last attempt came to its end. */
  #again(): Promise<void> {
    return this.#prepared === undefined ? this.#authenticate() : this.#send();
  }

  async #encode(target: Target): Promise<void> {
    const body = this.#body;
    if (body === undefined) return;
    this.#body = undefined;
    const preparation = await this.#prepare({
      provider: this.#route.provider,
      target,
      peek: this.#peek,
      body,
      // A renewed token may be good at another address.
      keep: this.#fallbacks.length > 0 || this.#route.provider.exchange !== undefined,
      answerHeaders: tagged(this.#services.catalogEtag()),
    });
    if (this.#turn.over) return;
    this.#body = preparation.body;
    if (preparation.ok) {
      this.#prepared = preparation.prepared;
      await this.#send();
    } else {
      this.#goOn(this.#turn.clean(preparation.error), undefined, undefined);
    }
  }

  async #send(): Promise<void> {
    const upstream = await this.#services.upstream();
    const prepared = this.#prepared;
    if (prepared === undefined || this.#turn.over) return;
    const refusal = this.#services.breaker.refusal(this.#route.provider);
    if (refusal !== undefined) {
      this.#goOn(refusal.error, undefined, refusal.restMs);
      return;
    }
    const { request } = prepared;
    const headers = joinedHeaders(request.headers, this.#credential.headers);
    this.#turn.record.mark(`Sent to ${nameOf(this.#route)}.`);
    this.#turn.start(upstream, { ...request, headers }, prepared.answer(this));
  }

  /** Does what the policy says about a failure of which the client has heard nothing. */
  #goOn(error: TurnError, answer: ErrorAnswer | undefined, restMs: number | undefined): void {
    const { record } = this.#turn;
    record.attemptFailed(error.message);
    if (this.#turn.committed) {
      // A sidecar took long enough for a sign of life.
      this.#turn.stop(error);
      return;
    }
    if (this.#body === undefined && this.#prepared === undefined) {
      // Nothing is left that could be sent.
      this.#reject(error);
      return;
    }
    const remedy = answer === undefined ? undefined : this.#remedyFor(answer);
    const decision = decide(
      {
        error,
        tries: this.#tries,
        elapsedMs: Date.now() - record.startedAt,
        clientRetries: isForward(this.#route.provider),
        canRenew: this.#credential.canRenew,
        canRemedy: remedy !== undefined,
        canFallBack: this.#fallbacks.length > 0,
        restMs,
      },
      Math.random(),
    );
    switch (decision.next) {
      case 'renew':
        void this.#guarded(() => this.#renew(error));
        break;
      case 'remedy':
        this.#remedied = true;
        this.#note(0);
        void this.#guarded(() => this.#encode(remedy ?? this.#target));
        break;
      case 'retry':
        this.#turn.wait(decision.waitMs, () => {
          this.#tries += 1;
          this.#note(decision.waitMs);
          void this.#guarded(() => this.#again());
        });
        break;
      case 'fallBack':
        void this.#guarded(() => this.#fallBack(error));
        break;
      case 'reject':
        this.#reject(error);
        break;
    }
  }

  #remedyFor(answer: ErrorAnswer): Target | undefined {
    if (this.#remedied || this.#body === undefined) return undefined;
    return adapterFor(this.#target.wire).remedy?.(answer, this.#target);
  }

  async #renew(error: TurnError): Promise<void> {
    const renewed = await this.#credential.renew(error);
    if (this.#turn.over) return;
    if (renewed !== undefined) {
      this.#reject(this.#turn.clean(renewed));
      return;
    }
    this.#turn.record.mark('The credential was renewed.');
    this.#note(0);
    const usual = knownTarget(this.#route, this.#services.knowledge);
    const target = this.#credential.whereGood(usual);
    if (target.baseUrl === this.#target.baseUrl) {
      await this.#send();
    } else {
      this.#target = target;
      await this.#encode(target);
    }
  }

  async #fallBack(error: TurnError): Promise<void> {
    const from = nameOf(this.#route);
    this.#replaced ??= `${from} failed before: ${error.message}`;
    for (let name = this.#fallbacks.shift(); name; name = this.#fallbacks.shift()) {
      const routed = routeModel(name, this.#services.config());
      if (routed.ok) {
        const { route } = routed;
        this.#services.log({ level: 'warn', text: `${from}: ${error.message} Now ${name}.` });
        this.#turn.record.moveTo(nameOf(route), route.provider.id);
        await this.#toModel(route, knownTarget(route, this.#services.knowledge));
        return;
      }
      const text = `Fallback ${name} of ${from} cannot be used. ${routed.error.message}`;
      this.#services.log({ level: 'warn', text });
    }
    this.#reject(error);
  }

  #reject(error: TurnError): void {
    const replaced = this.#replaced;
    const message = replaced === undefined ? error.message : `${error.message} (${replaced})`;
    this.#turn.reject({ ...error, message });
  }

  #note(waitedMs: number): void {
    this.#turn.record.attemptBegins(nameOf(this.#route), waitedMs);
  }

  async #guarded(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (thrown) {
      const reason = reasonOf(thrown);
      const { label } = this.#route.provider;
      const message = `OpenCodex could not handle the request for ${label}: ${reason}`;
      this.#turn.stop(this.#turn.clean(turnError('internal', message)));
    }
  }
}

function nameOf({ provider, model }: Route): string {
  return `${provider.id}/${model}`;
}

function tagged(etag: string | undefined): Readonly<Record<string, string>> {
  return etag === undefined ? {} : { 'x-models-etag': etag };
}

function isForward(provider: Provider): boolean {
  return provider.auth.mode === 'forward';
}
