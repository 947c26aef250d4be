import { LiveModels, type LiveModelsOptions } from '../../src/providers/liveModels.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { resolveProvider } from '../../src/providers/resolve.ts';
import type { WebAnswer, WebRequest } from '../../src/providers/webCall.ts';
import { entry, type Fields } from './configs.ts';

/** A provider as config.json would give it, its key in the fields. */
export function provider(id: string, fields: Fields): Provider {
  return resolveProvider(id, entry(fields));
}

export const mine = provider('mine', { baseUrl: 'http://llm.corp.test/v1', apiKey: 'key-of-mine' });

/** The web as far as lists are concerned: answers by URL, with a record of who was asked what. */
export class FakeWeb {
  readonly asked: WebRequest[] = [];
  now = 0;
  readonly #answers = new Map<string, () => WebAnswer | Promise<WebAnswer>>();

  /** The answer at a URL from now on. */
  at(url: string, body: object | string, status = 200): this {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.on(url, () => ({ ok: true, status, headers: {}, body: text }));
  }

  on(url: string, answer: () => WebAnswer | Promise<WebAnswer>): this {
    this.#answers.set(url, answer);
    return this;
  }

  get urls(): readonly string[] {
    return this.asked.map(({ url }) => url);
  }

  live(options: Partial<LiveModelsOptions> = {}): LiveModels {
    return new LiveModels({
      call: async () => async (request) => {
        this.asked.push(request);
        const body = request.body === undefined ? '' : ` ${request.body}`;
        const answer = this.#answers.get(`${request.url}${body}`);
        return answer === undefined
          ? { ok: true, status: 404, headers: {}, body: '' }
          : await answer();
      },
      credentials: ({ auth }) =>
        auth.mode === 'key' && auth.apiKey !== undefined
          ? { ok: true, headers: { authorization: `Bearer ${auth.apiKey}` }, authenticated: true }
          : { ok: true, headers: {}, authenticated: false },
      anonymous: { 'user-agent': 'test' },
      now: () => this.now,
      ...options,
    });
  }
}

export const ids = (...names: readonly string[]) => ({ data: names.map((id) => ({ id })) });
