import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ResponsesPath, responsesUrl } from '../adapters/openaiResponses/endpoint.ts';
import { adapterFor } from '../adapters/registry.ts';
import type { Config } from '../config/schema.ts';
import {
  type CredentialSources,
  missingKey,
  type UpstreamHeaders,
  upstreamHeaders,
} from '../credentials/upstreamHeaders.ts';
import type { Provider, Route } from '../providers/provider.ts';
import { targetOf } from '../providers/resolve.ts';
import { routeModel } from '../providers/routing.ts';
import { peekRequest, type RequestPeek, replaceModel } from '../responses/peek.ts';
import { type TurnError, turnError } from '../turn/error.ts';
import { refuse } from './answer.ts';
import { readBody } from './body.ts';
import { ClientTurn, type TurnServices } from './clientTurn.ts';
import { type Codec, lostThread } from './codec.ts';
import { Allowance, type Limits } from './limits.ts';
import { PassedAnswer } from './passedAnswer.ts';
import type { RequestLog } from './requestLog.ts';
import type { Activity } from './state.ts';
import { translatedAnswer } from './translatedAnswer.ts';
import type { Upstream } from './upstream.ts';

export interface PipelineOptions extends TurnServices {
  readonly limits: Limits;
  /** Loaded with the first request at the latest. */
  upstream(): Promise<Upstream>;
  readonly codec: Codec;
  readonly credentials: CredentialSources;
  readonly requestLog: RequestLog;
  config(): Config;
  /** Tells Codex that the list of models has changed. */
  catalogEtag(): string;
  onActivity(activity: Activity): void;
}

type Authenticated = Extract<UpstreamHeaders, { ok: true }>;

interface Job {
  readonly turn: ClientTurn;
  readonly route: Route;
  readonly peek: RequestPeek;
  readonly body: Buffer;
  readonly credentials: Authenticated;
}

/** Takes `POST /v1/responses` from the request's body to the last byte of its answer. */
export class TurnPipeline {
  readonly #options: PipelineOptions;
  readonly #streams: Allowance;
  readonly #bodies: Allowance;
  readonly #running = new Set<ClientTurn>();
  #lastModel: string | undefined;
  #served = 0;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#streams = new Allowance(options.limits.streams);
    this.#bodies = new Allowance(options.limits.bodiesInFlightBytes);
  }

  get activity(): Activity {
    return { active: this.#running.size, lastModel: this.#lastModel, served: this.#served };
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#streams.take(1)) {
      refuse(response, '/v1/responses', {
        status: 503,
        retryAfterSeconds: 1,
        message: 'OpenCodex: too many requests at the same time.',
      });
      return;
    }
    response.on('close', () => this.#streams.give(1));
    const { bodyBytes } = this.#options.limits;
    const body = await readBody(request, bodyBytes, this.#bodies);
    if (!body.ok) {
      if (body.refusal !== undefined) refuse(response, '/v1/responses', body.refusal);
      return;
    }
    try {
      await this.#serve(request, response, body.bytes);
    } finally {
      body.release();
    }
  }

  /** Ends every running turn with an error that its client gets to read. */
  stop(error: TurnError): void {
    for (const turn of this.#running) turn.stop(error);
  }

  /** Resolves when no turn is running. */
  idle(): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  readonly #whenIdle: (() => void)[] = [];

  async #serve(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const peeked = peekRequest(body);
    if (!peeked.ok) {
      this.#begin(response, '', '').reject(peeked.error);
      return;
    }
    const { peek } = peeked;
    const routed = routeModel(peek.model, this.#options.config());
    if (!routed.ok) {
      this.#begin(response, peek.model, '').reject(routed.error);
      return;
    }
    const { route } = routed;
    const { provider } = route;
    const turn = this.#begin(response, `${provider.id}/${route.model}`, provider.id);
    turn.stream = peek.stream;
    try {
      const credentials = upstreamHeaders(provider, request.headers, this.#options.credentials);
      if (!credentials.ok) {
        turn.reject(credentials.error);
        return;
      }
      for (const secret of credentials.secrets) this.#options.redactor.remember(secret);
      const job: Job = { turn, route, peek, body, credentials };
      await (provider.passthrough ? this.#pass(job) : this.#translate(job));
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      const message = `OpenCodex could not handle the request for ${provider.label}: ${reason}`;
      turn.stop(turn.clean(turnError('internal', message)));
    }
  }

  async #translate({ turn, route, peek, body, credentials }: Job): Promise<void> {
    const target = targetOf(route);
    const translation = await this.#options.codec.translate(body, peek.model, target);
    if (turn.over) return;
    if (!translation.ok) {
      turn.reject(turn.clean(translation.error));
      return;
    }
    const { url, headers, body: bytes } = translation.request;
    const answer = translatedAnswer(turn, {
      adapter: adapterFor(target.wire),
      target,
      reply: translation.reply,
      headers: this.#ownHeaders(),
      explain: (error) => explained(error, route.provider, credentials),
    });
    const all = { 'accept-encoding': 'identity', ...headers, ...credentials.headers };
    turn.start(
      await this.#options.upstream(),
      { label: target.label, url, headers: all, body: bytes },
      answer,
    );
  }

  async #pass({ turn, route, peek, body, credentials }: Job): Promise<void> {
    const { provider, model } = route;
    const target = targetOf(route);
    const clean = await this.#options.codec.withoutSealed(body);
    if (turn.over) return;
    if (clean === undefined) {
      turn.reject(lostThread);
      return;
    }
    const answer = new PassedAnswer(turn, {
      target,
      stream: peek.stream,
      relayErrors: provider.auth.mode === 'forward',
      headers: this.#ownHeaders(),
      explain: (error) => explained(error, provider, credentials),
    });
    const headers = {
      'content-type': 'application/json',
      accept: peek.stream ? 'text/event-stream' : 'application/json',
      'accept-encoding': 'identity',
      ...credentials.headers,
    };
    turn.start(
      await this.#options.upstream(),
      {
        label: provider.label,
        url: responsesUrl(provider.baseUrl, pathOf(provider)),
        headers,
        body: withModel(clean, clean === body ? peek : undefined, model),
      },
      answer,
    );
  }

  #ownHeaders(): Readonly<Record<string, string>> {
    return { 'x-models-etag': this.#options.catalogEtag() };
  }

  #begin(response: ServerResponse, model: string, provider: string): ClientTurn {
    const record = this.#options.requestLog.begin(model, provider);
    const turn = new ClientTurn(response, record, this.#options, (over) => this.#settled(over));
    this.#running.add(turn);
    if (model !== '') this.#lastModel = model;
    this.#options.onActivity(this.activity);
    return turn;
  }

  #settled(turn: ClientTurn): void {
    this.#running.delete(turn);
    this.#served += 1;
    this.#options.onActivity(this.activity);
    if (this.#running.size > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}

function pathOf(provider: Provider): ResponsesPath {
  if (provider.auth.mode === 'forward') return 'bare';
  return provider.wire === 'azure' ? 'azure' : 'versioned';
}

/** The body for the model's name at the provider; not touched where that is what it says. */
function withModel(body: Uint8Array, known: RequestPeek | undefined, model: string): Uint8Array {
  const peeked = known === undefined ? peekRequest(body) : ({ ok: true, peek: known } as const);
  if (!peeked.ok || peeked.peek.model === model) return body;
  return spliced(body, peeked.peek, model) ?? replaceModel(body, peeked.peek, model);
}

/**
 * A name that is not longer goes in place, and what stands before it moves up to it: megabytes
 * behind it need not be copied. `undefined` where that is not possible.
 */
function spliced(body: Uint8Array, peek: RequestPeek, model: string): Uint8Array | undefined {
  const name = Buffer.from(JSON.stringify(model));
  const spare = peek.modelEnd - peek.modelStart - name.length;
  if (spare < 0) return undefined;
  body.copyWithin(spare, 0, peek.modelStart);
  body.set(name, peek.modelStart + spare);
  return body.subarray(spare);
}

/** A refused credential that was never sent is a missing one. */
function explained(error: TurnError, provider: Provider, sent: Authenticated): TurnError {
  if (error.kind !== 'auth' || sent.authenticated) return error;
  return { ...error, message: missingKey(provider) };
}
