import type { IncomingMessage, ServerResponse } from 'node:http';
import { relayedHeaders } from '../adapters/openaiResponses/answerHeaders.ts';
import type { Config } from '../config/schema.ts';
import { type CredentialSources, upstreamHeaders } from '../credentials/upstreamHeaders.ts';
import { configuredProviders } from '../providers/configured.ts';
import { httpAnswer } from '../responses/errors.ts';
import { turnError } from '../turn/error.ts';
import { refuse } from './answer.ts';
import { readBody } from './body.ts';
import { Allowance, type Limits } from './limits.ts';
import type { Receiver, Upstream } from './upstream.ts';

export interface ForwardOptions {
  readonly limits: Limits;
  readonly credentials: CredentialSources;
  config(): Config;
  upstream(): Promise<Upstream>;
}

/**
 * What Codex itself asks the ChatGPT backend besides turns: images to be made, and its own web search.
 * They go to the pinned host with the login that Codex sends, by the same rules as its turns.
 */
export const forwardedPaths = ['/images/generations', '/alpha/search'] as const;
export type ForwardedPath = (typeof forwardedPaths)[number];

/** Relays them. Status, body and allowed headers pass unchanged: the login is Codex's to look after. */
export class ForwardRelay {
  readonly #options: ForwardOptions;
  readonly #bodies: Allowance;

  constructor(options: ForwardOptions) {
    this.#options = options;
    this.#bodies = new Allowance(options.limits.bodiesInFlightBytes);
  }

  async handle(
    path: ForwardedPath,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const own = `/v1${path}`;
    const { config, credentials, limits } = this.#options;
    const provider = [...configuredProviders(config()).values()].find(
      ({ auth, unusable }) => auth.mode === 'forward' && unusable === undefined,
    );
    if (provider === undefined) {
      const message = `OpenCodex relays ${own} only for a ChatGPT login, and no provider of config.json uses it. Add one with "authMode": "forward".`;
      refuse(response, own, { status: 400, message });
      return;
    }
    const headers = upstreamHeaders(provider, request.headers, credentials);
    if (!headers.ok) {
      const { status, headers: sent, body } = httpAnswer(headers.error);
      response.writeHead(status, sent).end(body);
      return;
    }
    const body = await readBody(request, limits.bodyBytes, this.#bodies);
    if (!body.ok) {
      if (body.refusal !== undefined) refuse(response, own, body.refusal);
      return;
    }
    response.on('close', body.release);
    const upstream = await this.#options.upstream();
    if (response.destroyed) return;
    const exchange = upstream.send(
      {
        label: provider.label,
        url: provider.baseUrl + path,
        headers: {
          ...headers.headers,
          'content-type': 'application/json',
          accept: 'application/json',
          'accept-encoding': 'identity',
        },
        body: body.bytes,
      },
      receiver(response, own, provider.label, () => exchange.pause()),
    );
    response.on('drain', () => exchange.resume());
    response.on('close', () => exchange.abort());
  }
}

function receiver(
  response: ServerResponse,
  path: string,
  label: string,
  full: () => void,
): Receiver {
  return {
    head: (status, headers) => {
      if (status >= 300 && status < 400) {
        // Followed, it would take the login to another host.
        const message = `${label} answers ${path} with a redirect, which is not followed.`;
        refuse(response, path, { status: 400, message });
        return;
      }
      response.writeHead(status, relayedHeaders(headers));
    },
    data: (chunk) => {
      if (response.writableEnded) return;
      if (!response.write(chunk)) full();
    },
    end: () => void response.end(),
    fail: (error) => {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      const { status, headers, body } = httpAnswer(turnError(error.kind, error.message));
      response.writeHead(status, headers).end(body);
    },
  };
}
