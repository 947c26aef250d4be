import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Activity } from '../link/state.ts';
import { routeModel } from '../providers/routing.ts';
import { peekRequest } from '../responses/peek.ts';
import type { TurnError } from '../turn/error.ts';
import { refuse } from './answer.ts';
import type { Asked } from './askedTurn.ts';
import { type AttemptServices, Attempts } from './attempts.ts';
import { type Body, readBody } from './body.ts';
import { ClientTurn, type TurnServices } from './clientTurn.ts';
import type { Codec } from './codec.ts';
import { Allowance, type Limits } from './limits.ts';
import { prepare } from './preparedRequest.ts';
import type { Sidecars } from './preparing.ts';
import type { RequestLog } from './requestLog.ts';

export interface PipelineOptions extends TurnServices, AttemptServices {
  readonly limits: Limits;
  readonly codec: Codec;
  readonly sidecars: Omit<Sidecars, 'inbound'>;
  readonly requestLog: RequestLog;
  onActivity(activity: Activity): void;
}

type ReadBody = Extract<Body, { ok: true }>;

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
    await this.#serve(request, response, body);
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

  async #serve(request: IncomingMessage, response: ServerResponse, body: ReadBody): Promise<void> {
    const { bytes, release } = body;
    const peeked = peekRequest(bytes, (model) => !this.#isPassed(model));
    if (!peeked.ok) {
      this.#begin(response, '', '', release).reject(peeked.error);
      return;
    }
    const { peek } = peeked;
    const routed = routeModel(peek.model, this.#options.config());
    if (!routed.ok) {
      this.#begin(response, peek.model, '', release).reject(routed.error);
      return;
    }
    const { route } = routed;
    const { provider } = route;
    const turn = this.#begin(response, `${provider.id}/${route.model}`, provider.id, release);
    turn.stream = peek.stream;
    const { codec } = this.#options;
    const sidecars = { ...this.#options.sidecars, inbound: request.headers };
    const asked: Asked = {
      inbound: request.headers,
      peek,
      body: bytes,
      route,
      prepare: (preparing) => prepare({ ...preparing, turn, codec, sidecars }),
    };
    const attempts = new Attempts(this.#options, turn, asked);
    turn.hold(() => attempts.letGo());
    await attempts.run();
  }

  /** Its provider speaks the client's language, so nothing of the body is put into other words. */
  #isPassed(model: string): boolean {
    const routed = routeModel(model, this.#options.config());
    return routed.ok && routed.route.provider.passthrough;
  }

  #begin(
    response: ServerResponse,
    model: string,
    provider: string,
    release: () => void,
  ): ClientTurn {
    const record = this.#options.requestLog.begin(model, provider);
    const turn = new ClientTurn(response, record, this.#options, (over) => this.#settled(over));
    turn.hold(release);
    this.#running.add(turn);
    if (model !== '') this.#lastModel = record.model;
    this.#options.onActivity(this.activity);
    return turn;
  }

  #settled(turn: ClientTurn): void {
    this.#running.delete(turn);
    this.#served += 1;
    this.#options.requestLog.ended(turn.record);
    this.#options.onActivity(this.activity);
    if (this.#running.size > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
