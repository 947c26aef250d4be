import type { IncomingMessage, ServerResponse } from 'node:http';
import { reasonOf } from '../language/reason.ts';
import type { ApiCall, ApiReply } from '../link/api.ts';
import type { Asker } from '../providers/liveModels.ts';
import { parseJson } from '../turn/json.ts';
import { type Refusal, refuse, send, sendJson } from './answer.ts';
import { readBody } from './body.ts';
import type { CatalogAnswers } from './catalogAnswers.ts';
import { type ForwardedPath, type ForwardRelay, forwardedPaths } from './forwardRelay.ts';
import { refuseForeignSite, refuseOtherThanJson, refuseStranger } from './guard.ts';
import { Gui, guiCodePath } from './gui/gui.ts';
import { identify, identityPath } from './identity.ts';
import { Allowance } from './limits.ts';
import type { TurnPipeline } from './turnPipeline.ts';
import { isWindowName } from './windows.ts';

export interface HandlerOptions {
  readonly token: string;
  readonly version: string;
  readonly pipeline: TurnPipeline;
  readonly forward: ForwardRelay;
  catalog(asker: Asker): Promise<CatalogAnswers>;
  api(call: ApiCall): Promise<ApiReply>;
  /** Holds a request of somebody who wants to hear what happens; windows give their name. */
  hold(response: ServerResponse, window: string | undefined): Refusal | undefined;
}

/** Of a request to the management API; images and conversations do not go there. */
const apiBodyBytes = 1024 * 1024;

type Handle = (request: IncomingMessage, response: ServerResponse, query: string) => void;

/** Guards every request and gives it to what serves its path. */
export class RequestHandler {
  readonly #options: HandlerOptions;
  readonly #routes: ReadonlyMap<string, Handle>;
  readonly #gui = new Gui();

  constructor(options: HandlerOptions) {
    this.#options = options;
    this.#routes = new Map<string, Handle>([
      ['POST /v1/responses', (request, response) => this.#turn(request, response)],
      ...forwardedPaths.map((path): [string, Handle] => [
        `POST /v1${path}`,
        (request, response) => this.#forward(path, request, response),
      ]),
      ['GET /v1/models', (...asked) => this.#models('list', ...asked)],
      ['GET /v1/codex/models', (...asked) => this.#models('catalog', ...asked)],
      [`POST ${guiCodePath}`, (_request, response) => this.#gui.sendCode(response)],
      ['GET /api/events', (_request, response, query) => this.#events(response, query)],
    ]);
  }

  handle(request: IncomingMessage, response: ServerResponse, port: number): void {
    const target = request.url ?? '';
    const mark = target.indexOf('?');
    const path = mark === -1 ? target : target.slice(0, mark);
    const query = mark === -1 ? '' : target.slice(mark);
    const ownPage =
      path.startsWith('/api/') && path !== guiCodePath && this.#gui.isOwnPage(request, port);
    const foreign = refuseForeignSite(request, port, ownPage);
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
    if (this.#gui.handle(request, response, path, query)) return;
    if (path.startsWith('/v1/') || (path.startsWith('/api/') && !ownPage)) {
      const stranger = refuseStranger(request, this.#options.token);
      if (stranger !== undefined) {
        refuse(response, path, stranger);
        return;
      }
    }
    const handle = this.#routes.get(`${request.method} ${path}`);
    if (handle !== undefined) handle(request, response, query);
    else if (path.startsWith('/api/')) void this.#api(request, response, path, query);
    else notFound(request, response, path);
  }

  #forward(path: ForwardedPath, request: IncomingMessage, response: ServerResponse): void {
    const refusal = refuseOtherThanJson(request);
    if (refusal !== undefined) {
      refuse(response, `/v1${path}`, refusal);
      return;
    }
    this.#options.forward.handle(path, request, response).catch((thrown: unknown) => {
      const reason = reasonOf(thrown);
      const message = `OpenCodex could not relay the request: ${reason}`;
      refuse(response, `/v1${path}`, { status: 400, message });
      response.destroy();
    });
  }

  #turn(request: IncomingMessage, response: ServerResponse): void {
    const refusal = refuseOtherThanJson(request);
    if (refusal !== undefined) {
      refuse(response, '/v1/responses', refusal);
      return;
    }
    this.#options.pipeline.handle(request, response).catch((thrown: unknown) => {
      // A fault of ours must end this request, not the thread with everybody's streams.
      const reason = reasonOf(thrown);
      const message = `OpenCodex could not handle the request: ${reason}`;
      refuse(response, '/v1/responses', { status: 400, message });
      response.destroy();
    });
  }

  #models(
    kind: 'list' | 'catalog',
    { headers }: IncomingMessage,
    response: ServerResponse,
    query: string,
  ): void {
    const version = new URLSearchParams(query).get('client_version') ?? '';
    const clientVersion = /^[\w.+-]{1,40}$/.test(version) ? version : undefined;
    this.#options.catalog({ headers, clientVersion }).then(
      ({ etag, [kind]: text }) =>
        send(response, 200, 'application/json; charset=utf-8', text, { etag }),
      (thrown: unknown) => {
        const reason = reasonOf(thrown);
        const message = `OpenCodex could not list its models: ${reason}`;
        refuse(response, '/v1/models', { status: 400, message });
      },
    );
  }

  #identity(response: ServerResponse, query: string, port: number): void {
    const { token, version } = this.#options;
    const nonce = new URLSearchParams(query).get('nonce');
    const identity = identify(nonce, { token, port, version });
    if (identity !== undefined) sendJson(response, 200, identity);
    else refuse(response, identityPath, { status: 400, message: 'The query needs a nonce.' });
  }

  #events(response: ServerResponse, query: string): void {
    const window = new URLSearchParams(query).get('window') ?? undefined;
    const refusal =
      window === undefined || isWindowName(window)
        ? this.#options.hold(response, window)
        : { status: 400, message: 'The name of a window must be a UUID.' };
    if (refusal !== undefined) refuse(response, '/api/events', refusal);
  }

  async #api(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    query: string,
  ): Promise<void> {
    const { method = '' } = request;
    const withBody = method !== 'GET' && !(method === 'DELETE' && isEmpty(request));
    const refusal = withBody ? refuseOtherThanJson(request) : undefined;
    if (refusal !== undefined) {
      refuse(response, path, refusal);
      return;
    }
    const body = await readBody(request, apiBodyBytes, new Allowance(apiBodyBytes));
    if (!body.ok) {
      if (body.refusal !== undefined) refuse(response, path, body.refusal);
      return;
    }
    const call = { method, path: path + query, body: parseJson(body.bytes.toString('utf8')) };
    const { status, body: answer } = await this.#options.api(call);
    sendJson(response, status, answer);
  }
}

function isEmpty({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'] ?? '0';
  return length === '0' && headers['transfer-encoding'] === undefined;
}

function notFound(request: IncomingMessage, response: ServerResponse, path: string): void {
  const message = `OpenCodex has no ${request.method} ${path.slice(0, 200)}.`;
  sendJson(response, 404, { error: { message, type: 'invalid_request_error', code: 'not_found' } });
}
