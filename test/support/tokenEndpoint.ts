import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { accountProviders } from '../../src/credentials/accounts/credential.ts';
import type { WebAnswer, WebCall } from '../../src/providers/webCall.ts';
import { textAt } from './json.ts';
import { serveIn } from './listen.ts';
import type { Scope } from './scope.ts';
import { TokenLedger } from './tokenLedger.ts';

/** What the endpoint does instead of answering at once. */
export type Staged =
  | {
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The request is handled, but the answer is lost. */
  | 'lose'
  /** Nobody is there. */
  | 'down'
  /** It is answered after that, or not at all where it was given up meanwhile. */
  | { readonly until: Promise<void> };

export interface Login {
  readonly access: string;
  readonly refresh: string;
  readonly expires: number;
  readonly accountId: string;
}

/** A token endpoint that knows nothing but refresh tokens, each of which works once. */
export class TokenEndpoint {
  readonly ledger = new TokenLedger();
  /** The refresh tokens that came in. */
  readonly hits: string[] = [];
  /** What comes next; when it is empty, `always` counts. */
  readonly staged: Staged[] = [];
  always: Staged | undefined;
  lifetimeS = 3600;
  /** Called with each request, before it is handled. */
  onHit: () => void | Promise<void> = () => {};

  /** A login that was made earlier; by default its token's time is over. */
  login(expires = Date.now() - 600_000): Login {
    const refresh = this.ledger.refreshToken(this.ledger.begin());
    return { access: this.ledger.secret('access-'), refresh, expires, accountId: 'user-1' };
  }

  readonly call: WebCall = async ({ body = '', signal }) => {
    const staged = this.staged.shift() ?? this.always;
    if (staged === 'down') {
      return { ok: false, kind: 'unreachable', sent: false, message: 'nobody is there.' };
    }
    const refresh = body.startsWith('{')
      ? textAt(JSON.parse(body), 'refresh_token')
      : (new URLSearchParams(body).get('refresh_token') ?? '');
    this.hits.push(refresh);
    await this.onHit();
    if (typeof staged === 'object' && 'status' in staged) {
      return { ok: true, headers: {}, body: '', ...staged };
    }
    const answer = this.#redeem(refresh);
    if (typeof staged === 'object') await Promise.race([staged.until, aborted(signal)]);
    if (signal?.aborted) {
      return { ok: false, kind: 'aborted', sent: true, message: 'the request was cancelled.' };
    }
    return staged === 'lose'
      ? { ok: false, kind: 'lost', sent: true, message: 'the connection was closed.' }
      : answer;
  };

  /** The same for other processes; gives its address. */
  async listen(scope: Scope, delayMs: number): Promise<string> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const answer = await this.call({
        method: 'POST',
        url: request.url ?? '',
        body: Buffer.concat(chunks).toString('utf8'),
      });
      await wait(delayMs);
      if (!answer.ok) response.destroy();
      else response.writeHead(answer.status, answer.headers).end(answer.body);
    });
    return `http://127.0.0.1:${await serveIn(scope, server)}`;
  }

  #redeem(refresh: string): Extract<WebAnswer, { ok: true }> {
    const family = this.ledger.redeem(refresh);
    const body =
      family === undefined
        ? { error: 'invalid_grant' }
        : {
            access_token: this.ledger.secret('access-'),
            refresh_token: this.ledger.refreshToken(family),
            expires_in: this.lifetimeS,
            token_type: 'Bearer',
          };
    return {
      ok: true,
      status: family === undefined ? 400 : 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
  }
}

/** Everything that an auth.json of the single form needs to log all providers in. */
export function everyLogin(endpoint: TokenEndpoint): Record<string, Login> {
  return Object.fromEntries(accountProviders.map((provider) => [provider, endpoint.login()]));
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));
}
