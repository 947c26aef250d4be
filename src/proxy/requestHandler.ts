import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuse, send, sendJson } from './answer.ts';
import type { CatalogAnswers } from './catalogAnswers.ts';
import { refuseForeignSite, refuseOtherThanJson, refuseStranger } from './guard.ts';
import { identify, identityPath } from './identity.ts';
import type { Activity, ProxyState } from './state.ts';
import type { TurnPipeline } from './turnPipeline.ts';

export interface HandlerOptions {
  readonly token: string;
  readonly version: string;
  readonly pipeline: TurnPipeline;
  catalog(): CatalogAnswers;
  health(): Health;
  /** `POST /api/stop` was answered. */
  stopRequested(): void;
}

export interface Health {
  readonly state: ProxyState;
  readonly activity: Activity;
  readonly configError: string | undefined;
}

type Handle = (request: IncomingMessage, response: ServerResponse, query: string) => void;

/** Guards every request and gives it to what serves its path. */
export class RequestHandler {
  readonly #options: HandlerOptions;
  readonly #routes: ReadonlyMap<string, Handle>;

  constructor(options: HandlerOptions) {
    this.#options = options;
    this.#routes = new Map<string, Handle>([
      ['POST /v1/responses', (request, response) => this.#turn(request, response)],
      ['GET /v1/models', (_request, response) => this.#list(response)],
      ['GET /v1/codex/models', (_request, response) => this.#catalog(response)],
      ['GET /api/health', (_request, response) => this.#health(response)],
      ['POST /api/stop', (request, response) => this.#stop(request, response)],
    ]);
  }

  handle(request: IncomingMessage, response: ServerResponse, port: number): void {
    const target = request.url ?? '';
    const mark = target.indexOf('?');
    const path = mark === -1 ? target : target.slice(0, mark);
    const query = mark === -1 ? '' : target.slice(mark);
    const foreign = refuseForeignSite(request, port);
    if (foreign !== undefined) {
      refuse(response, path, foreign);
      return;
    }
    if (request.method === 'GET' && path === identityPath) {
      this.#identity(response, query, port);
      return;
    }
    if (request.method === 'HEAD' && path === '/v1/responses') {
      // `codex doctor` looks whether anybody is there, without a token.
      response.writeHead(200, { allow: 'POST' }).end();
      return;
    }
    if (path.startsWith('/v1/') || path.startsWith('/api/')) {
      const stranger = refuseStranger(request, this.#options.token);
      if (stranger !== undefined) {
        refuse(response, path, stranger);
        return;
      }
    }
    const handle = this.#routes.get(`${request.method} ${path}`);
    if (handle === undefined) notFound(request, response, path);
    else handle(request, response, query);
  }

  #turn(request: IncomingMessage, response: ServerResponse): void {
    const refusal = refuseOtherThanJson(request);
    if (refusal !== undefined) {
      refuse(response, '/v1/responses', refusal);
      return;
    }
    this.#options.pipeline.handle(request, response).catch((thrown: unknown) => {
      // A fault of ours must end this request, not the thread with everybody's streams.
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      const message = `OpenCodex could not handle the request: ${reason}`;
      refuse(response, '/v1/responses', { status: 400, message });
      response.destroy();
    });
  }

  #list(response: ServerResponse): void {
    const { list, etag } = this.#options.catalog();
    send(response, 200, 'application/json; charset=utf-8', list, { etag });
  }

  #catalog(response: ServerResponse): void {
    const { catalog, etag } = this.#options.catalog();
    send(response, 200, 'application/json; charset=utf-8', catalog, { etag });
  }

  #identity(response: ServerResponse, query: string, port: number): void {
    const { token, version } = this.#options;
    const nonce = new URLSearchParams(query).get('nonce');
    const identity = identify(nonce, { token, port, version });
    if (identity !== undefined) sendJson(response, 200, identity);
    else refuse(response, identityPath, { status: 400, message: 'The query needs a nonce.' });
  }

  #health(response: ServerResponse): void {
    const { version } = this.#options;
    const { pid } = process;
    sendJson(response, 200, { product: 'opencodex', version, pid, ...this.#options.health() });
  }

  #stop(request: IncomingMessage, response: ServerResponse): void {
    const refusal = refuseOtherThanJson(request);
    if (refusal !== undefined) {
      refuse(response, '/api/stop', refusal);
      return;
    }
    response.on('finish', () => this.#options.stopRequested());
    sendJson(response, 200, { stopping: true });
  }
}

function notFound(request: IncomingMessage, response: ServerResponse, path: string): void {
  const message = `OpenCodex has no ${request.method} ${path.slice(0, 200)}.`;
  sendJson(response, 404, { error: { message, type: 'invalid_request_error', code: 'not_found' } });
}
